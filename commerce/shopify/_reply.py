"""The envelope of what Shopify answers: data, errors, and what the request has cost."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Answered(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class ThrottleStatus(Answered):
    maximum_available: Decimal
    currently_available: Decimal
    restore_rate: Decimal = Field(gt=0)


class Cost(Answered):
    requested_query_cost: Decimal | None = None
    throttle_status: ThrottleStatus | None = None


class ReplyExtensions(Answered):
    cost: Cost | None = None


class ErrorExtensions(Answered):
    code: str | None = None
    required_access: str | None = None


class GraphqlError(Answered):
    extensions: ErrorExtensions = ErrorExtensions()


class Reply(Answered):
    """The envelope of every answer."""

    data: dict[str, Any] | None = None
    errors: list[GraphqlError] = []
    extensions: ReplyExtensions = ReplyExtensions()


class Token(Answered):
    """An access token, and how many seconds it is good for."""

    access_token: str = Field(alias="access_token", min_length=1)
    expires_in: int = Field(alias="expires_in", ge=0)
