"""Whatever is sent over HTTP, the gateway answers as its own description says, and never with 5xx.

schemathesis reads ``/v1/openapi.json`` of a running gateway and makes up requests from it, right
ones and wrong ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from standardwebhooks import Webhook

from gateway.channels.webhook import WebhookChannel
from gateway.limits import Limits

if TYPE_CHECKING:
    from tests.gateway.conftest import Gateway, MakeGateway

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

UNLIMITED = "1000000/second"
KEY = "whsec_" + base64.b64encode(b"a key that only tests would use!").decode()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SOME = settings(
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def open_gateway(make_gateway: MakeGateway) -> Gateway:
    """A gateway that refuses nothing for being too much, with a channel beside the widget."""
    limits = Limits(requests=UNLIMITED, uploads=UNLIMITED, uploads_per_address=UNLIMITED)
    crm = WebhookChannel("crm", url="http://127.0.0.1:9/nobody", secrets=[KEY])
    return await make_gateway(limits=limits, channels={"crm": crm})


def described(gateway: Gateway) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{gateway.url}/v1/openapi.json")
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_request_breaks_the_gateway_or_its_description(
    open_gateway: Gateway, mode: GenerationMode
) -> None:
    async with open_gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        bearer = {"Authorization": f"Bearer {client.session}"}

    def explore() -> set[str]:
        operations = described(open_gateway)
        for operation in operations:
            cases = operation.as_strategy(generation_mode=mode)

            @SOME
            @given(case=cases, signed_in=st.booleans())
            def check(case: Any, signed_in: bool) -> None:
                response = case.call(headers=bearer if signed_in else {})
                case.validate_response(response, checks=CHECKS)

            with suppress(Unsatisfiable):  # where nothing is asked for nothing can be wrong
                check()
        return {operation.path for operation in operations}

    paths = await asyncio.to_thread(explore)
    assert {"/v1/files", "/v1/files/{file_id}", "/v1/transcript", "/v1/channels/{account}"} <= paths


async def test_no_signed_event_breaks_the_gateway(open_gateway: Gateway) -> None:
    """The signature is right, so that what is fuzzed is the event, not the refusal."""
    seen: Counter[int] = Counter()

    def explore() -> None:
        (operation,) = (o for o in described(open_gateway) if o.path.startswith("/v1/channels"))
        signer = Webhook(KEY)
        right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
        with httpx.Client(base_url=open_gateway.url, trust_env=False) as http:

            @SOME
            @given(case=right | wrong, id=st.sampled_from(["a", "b", str(uuid4())]))
            def check(case: Any, id: str) -> None:
                body = json.dumps(case.body, default=str)
                now = datetime.now(UTC)
                headers = {
                    "webhook-id": id,
                    "webhook-timestamp": str(int(now.timestamp())),
                    "webhook-signature": signer.sign(id, now, body),
                }
                response = http.post("/v1/channels/crm", content=body, headers=headers)
                assert response.status_code < 500, response.text
                seen[response.status_code] += 1

            check()

    await asyncio.to_thread(explore)
    assert seen[200]
    assert not seen[401]
