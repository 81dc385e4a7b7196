"""The only way into the bot: a REST channel that knows its caller by a token.

Rasa's own REST channel serves anybody who reaches the port, and puts messages without a sender
into one shared conversation. This one does neither.
"""

from __future__ import annotations

import hmac
from typing import Any, Awaitable, Callable, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse


class ShopdeskInput(RestInput):
    """REST channel of the gateway.

    ``POST /webhooks/shopdesk/webhook`` with the header ``Authorization: Bearer TOKEN`` and the
    body ``{"sender": conversation, "message": text, "metadata": {"language": "en"}}`` answers with
    the list of what the bot says. 401: wrong or missing token. 400: no sender, or no message.
    """

    def __init__(self, token: str) -> None:
        """Serve callers that know ``token``."""
        self._expected = f"Bearer {token}".encode()

    @classmethod
    def name(cls) -> str:
        """The channel's name, part of its address."""
        return "shopdesk"

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> ShopdeskInput:
        """Read the token from ``credentials.yml``.

        Raises:
            RasaException: it has none.
        """
        token = (credentials or {}).get("token")
        if not isinstance(token, str) or not token.strip():
            raise RasaException(
                f"The shopdesk channel's token is {token!r}; expected a text that is not empty. "
                "Set RASA_TOKEN in Rasa's environment."
            )
        return cls(token.strip())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes, each behind the token."""
        routes = super().blueprint(on_new_message)
        routes.on_request(self._refuse)
        return routes

    def _extract_input_channel(self, req: Request) -> str:
        # Rasa's REST channel lets the caller name another channel.
        return self.name()

    async def _refuse(self, request: Request) -> Optional[HTTPResponse]:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), self._expected):
            return response.json({"error": "a valid bearer token is needed"}, status=401)
        if request.method == "POST" and (wrong := _wrong_in(request.json)):
            return response.json({"error": wrong}, status=400)
        return None


def _wrong_in(body: Any) -> Optional[str]:
    if not isinstance(body, dict):
        return "expected a JSON object"
    for key in ("sender", "message"):
        value = body.get(key)
        if not isinstance(value, str) or not value.strip():
            return f"{key} is {value!r}; expected a text that is not empty"
    if not isinstance(body.get("metadata", {}), dict):
        return "metadata: expected a JSON object"
    return None
