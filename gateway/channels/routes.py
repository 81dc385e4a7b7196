"""The door through which channels bring in what their customers do."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from gateway.channels.channel import Channel, InboundEvent
from gateway.channels.errors import BadDelivery, BadSignature
from gateway.channels.webhook import SIGNED_HEADERS
from gateway.channels.webhook_events import event_schemas
from gateway.problems import Problem, problem
from store.errors import UnknownConversation, UnknownMessage

LARGEST_BODY = 65_536
"""Bytes of one request."""

_log = logging.getLogger(__name__)
_READ_TIME = 10.0  # seconds
_RETRY_AFTER = 5  # seconds


class Inbox(Protocol):
    """Takes events in; the exchange does."""

    async def take(self, account: str, event: InboundEvent) -> bool:
        """Store the event; False when it was stored before.

        Raises:
            UnknownConversation: the customer has none yet.
            UnknownMessage: it rates what is no answer of the conversation.
        """


class TakenView(BaseModel):
    """What came is stored, now or, when it is a duplicate, before."""

    stored: bool = True
    duplicate: bool


class _Refused(Exception):  # noqa: N818
    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.response = problem(status, code, text)


def make_channels_router(channels: Mapping[str, Channel], inbox: Inbox) -> APIRouter:
    """The route ``POST /v1/channels/{account}``.

    Args:
        channels: by the names of their accounts.
        inbox: takes in what they read.
    """
    router = APIRouter(tags=["channels"])

    @router.post(
        "/v1/channels/{account}",
        summary="Take in what a customer did on a channel",
        response_model=TakenView,
        response_description="Stored",
        responses={
            400: {"model": Problem, "description": "Not understood"},
            401: {"model": Problem, "description": "Not signed by the account, or too old"},
            404: {"model": Problem, "description": "No such account"},
            408: {"model": Problem, "description": "The body came too slowly"},
            413: {"model": Problem, "description": f"More than {LARGEST_BODY} bytes"},
            422: {"model": Problem, "description": "About something that does not exist"},
            503: {"model": Problem, "description": "Cannot be stored now; to be sent again"},
        },
        openapi_extra=_DESCRIPTION,
    )
    async def receive(account: str, request: Request) -> JSONResponse:
        """One event, signed as Standard Webhooks says; see docs/webhook.md.

        Answered with 200 once it is stored. An event that comes again, by its `webhook-id`, is
        answered the same and has no effect.
        """
        try:
            channel = channels.get(account)
            if channel is None:
                raise _Refused(404, "unknown_account", "there is no such account")
            body = await _read(request)
            headers = {name.lower(): value for name, value in request.headers.items()}
            taken = [await inbox.take(account, event) for event in channel.read(headers, body)]
        except _Refused as refused:
            return refused.response
        except BadSignature as error:
            _log.warning("channel %s: %s", account, error)
            return problem(401, "bad_signature", str(error))
        except BadDelivery as error:
            return problem(400, "bad_event", str(error))
        except UnknownConversation as error:
            return problem(422, "nothing_yet", str(error))
        except UnknownMessage as error:
            return problem(422, "unknown_message", str(error))
        except (OperationalError, InterfaceError, NoConnection) as error:
            _log.error("channel %s: the store is down (%s)", account, type(error).__name__)
            text = "it cannot be stored now; send it again"
            return problem(503, "try_later", text, **{"Retry-After": str(_RETRY_AFTER)})
        return JSONResponse(TakenView(duplicate=not any(taken)).model_dump())

    return router


async def _read(request: Request) -> bytes:
    too_large = _Refused(413, "too_large", f"the body has more than {LARGEST_BODY} bytes")
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_TIME):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise too_large
    except TimeoutError as error:
        text = f"the body did not come within {_READ_TIME:.0f} s"
        raise _Refused(408, "too_slow", text) from error
    except ClientDisconnect as error:
        raise _Refused(400, "broken_off", "the body ended too soon") from error
    return bytes(body)


_DESCRIPTION: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in SIGNED_HEADERS
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": event_schemas(), "discriminator": {"propertyName": "type"}}
            }
        },
    },
}
