"""The only way into the bot: a REST channel that knows its caller by a token.

Rasa's own REST channel serves anybody who reaches the port, puts messages without a sender into
one shared conversation, and answers an empty list when it failed. This one does none of these.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.components import action_results, memory
from bot.components.once import Once, Replies
from bot.components.tracker_store import BoundedTrackerStore

_log = logging.getLogger(__name__)


class ShopdeskInput(RestInput):
    """REST channel of the gateway; every request needs ``Authorization: Bearer TOKEN``.

    ``POST /webhooks/shopdesk/webhook`` with ``{"sender": conversation, "message": text,
    "metadata": {"language": "en", "message_id": "..."}}`` answers with the list of what the bot
    says. 400: a field is missing; 401: wrong or missing token; 500: the bot failed; 503: no model
    is loaded.

    The same ``message_id`` asked again in a conversation is not processed again: see
    :class:`bot.components.once.Once`, and :func:`_said_before` for where another process has done
    it. Without one every request is.

    ``GET /webhooks/shopdesk/ready`` answers 200 when a model is loaded, and 503 before.
    """

    def __init__(self, token: str) -> None:
        """Serve callers that know ``token``."""
        action_results.install()
        self._expected = f"Bearer {token}".encode()
        self._lean = False

    @classmethod
    def name(cls) -> str:
        """The channel's name, part of its address."""
        return "shopdesk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ShopdeskInput:
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

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Any:
        """The channel's routes.

        The checks stand inside each of them: Sanic 21.12 never ran them as the blueprint's
        middleware, the usual place, and let everybody in.
        """
        routes = Blueprint("shopdesk_webhook")
        once = Once()

        async def ask(body: dict[str, Any], store: Any) -> Replies | None:
            collector = CollectingOutputChannel()
            if await _said_before(store, body, collector):
                return list(collector.messages)
            message = UserMessage(
                body["message"],
                collector,
                body["sender"],
                input_channel=self.name(),
                metadata=body.get("metadata"),
            )
            try:
                await on_new_message(message)
            except Exception:
                _log.exception("A message of conversation %s failed", body["sender"])
                return None
            return list(collector.messages)

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            refusal = self._refuse(request)
            if refusal is None and not self._lean:
                self._lean = True
                memory.give_back()
            return refusal or response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if refusal := self._refuse(request):
                return refusal
            body = request.json
            if wrong := _wrong_in(body):
                return response.json({"error": wrong}, status=400)
            message_id = (body.get("metadata") or {}).get("message_id")
            work = partial(ask, body, request.app.ctx.agent.tracker_store)
            if message_id is None:
                replies = await work()
            else:
                replies = await once.replies(body["sender"], message_id, work)
            if replies is None:
                return response.json({"error": "the bot failed; its log says why"}, status=500)
            return response.json(replies)

        return routes

    def _refuse(self, request: Request) -> HTTPResponse | None:
        given = str(request.headers.get("authorization", ""))
        if not hmac.compare_digest(given.encode(errors="replace"), self._expected):
            return response.json({"error": "a valid bearer token is needed"}, status=401)
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return response.json({"error": "no model is loaded"}, status=503)
        return None


async def _said_before(store: Any, body: dict[str, Any], channel: CollectingOutputChannel) -> bool:
    """Say again what the conversation's last message was answered with, if it is this one.

    So it is where Rasa died, or was given up, between keeping the conversation and replying, and
    where another Rasa has done the work.
    """
    # Rasa wraps each store in one that falls back to memory.
    store = getattr(store, "_tracker_store", store)
    message_id = (body.get("metadata") or {}).get("message_id")
    if not message_id or not isinstance(store, BoundedTrackerStore):
        return False
    said = await store.said_to(body["sender"], message_id)
    for event in said:
        await channel.send_response(body["sender"], event.message())
    return bool(said)


def _wrong_in(body: Any) -> str | None:
    if not isinstance(body, dict):
        return "expected a JSON object"
    for key in ("sender", "message"):
        value = body.get(key)
        if not isinstance(value, str) or not value.strip():
            return f"{key} is {value!r}; expected a text that is not empty"
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        return "metadata: expected a JSON object"
    message_id = metadata.get("message_id")
    if message_id is not None and not (isinstance(message_id, str) and message_id):
        return f"metadata.message_id is {message_id!r}; expected a text that is not empty"
    return None
