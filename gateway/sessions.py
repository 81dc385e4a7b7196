"""The token that proves whose conversation it is, made and signed by the server.

A token names a conversation and its own generation. Which generations still open the conversation
is kept in the store: see :mod:`store.sessions`.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from itsdangerous import BadSignature, URLSafeTimedSerializer

from gateway.errors import BadSession, GatewayError

_SHORTEST_SECRET = 32
_FOREIGN = "the session is not one of this server; begin a new one"


@dataclass(frozen=True, slots=True)
class SessionToken:
    """What a token says.

    Attributes:
        generation: counts the tokens of the conversation; a higher one takes the place of lower
            ones.
        customer_id: the customer who was proven when it was made, None for nobody.
    """

    conversation_id: str
    generation: int = 0
    customer_id: str | None = None


class Sessions:
    """Makes session tokens and reads them back.

    Args:
        secret: signs the tokens; whoever knows it can open every conversation. At least 32
            characters, by chance, the same after a restart.
        days: how long a token is good for. Every welcome brings a fresh one.

    Raises:
        GatewayError: the secret is too short.

    Example:
        >>> sessions = Sessions("0123456789abcdef0123456789abcdef")
        >>> token = SessionToken(sessions.new_conversation())
        >>> sessions.read(sessions.issue(token)) == token
        True
    """

    def __init__(self, secret: str, *, days: float = 30) -> None:
        if len(secret) < _SHORTEST_SECRET:
            raise GatewayError(
                f"the session secret has {len(secret)} characters, expected at least "
                f"{_SHORTEST_SECRET}: make one with `openssl rand -hex 32`"
            )
        self._max_age = days * 86_400
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="shopdesk-session-v1",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def new_conversation(self) -> str:
        """An id that nobody can guess."""
        return str(uuid4())

    def issue(self, token: SessionToken) -> str:
        """The token as text, good from now on."""
        return str(
            self._serializer.dumps([token.conversation_id, token.generation, token.customer_id])
        )

    def read(self, text: str) -> SessionToken:
        """What the token says.

        Raises:
            BadSession: it was not made by this server, was changed, or is too old.
        """
        try:
            content, at = self._serializer.loads(text, return_timestamp=True)
            token = _parse(content)
        except (BadSignature, ValueError, TypeError, AttributeError) as error:
            raise BadSession(_FOREIGN) from error
        # Not left to the library: it refuses what is "from the future", and a clock that was put
        # back by a second would cost customers their conversations.
        if time.time() - at.timestamp() > self._max_age:
            raise BadSession("the session has expired; begin a new one")
        return token


def _parse(content: Any) -> SessionToken:
    # The first release signed the bare id.
    conversation_id, generation, customer_id = (
        (content, 0, None) if isinstance(content, str) else content
    )
    return SessionToken(
        str(UUID(conversation_id)),
        int(generation),
        None if customer_id is None else str(UUID(customer_id)),
    )
