"""The token that proves whose conversation it is: a signed conversation id, made by the server."""

import hashlib
from uuid import UUID, uuid4

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from gateway.errors import BadSession, GatewayError

_SHORTEST_SECRET = 32


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
        >>> conversation_id = sessions.new_conversation()
        >>> sessions.read(sessions.issue(conversation_id)) == conversation_id
        True
    """

    def __init__(self, secret: str, *, days: float = 30) -> None:
        if len(secret) < _SHORTEST_SECRET:
            raise GatewayError(
                f"the session secret has {len(secret)} characters, expected at least "
                f"{_SHORTEST_SECRET}: make one with `openssl rand -hex 32`"
            )
        self._max_age = int(days * 86_400)
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="shopdesk-session-v1",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def new_conversation(self) -> str:
        """An id that nobody can guess."""
        return str(uuid4())

    def issue(self, conversation_id: str) -> str:
        """A token for the conversation, good from now on."""
        return str(self._serializer.dumps(conversation_id))

    def read(self, token: str) -> str:
        """The conversation that the token is for.

        Raises:
            BadSession: it was not made by this server, was changed, or is too old.
        """
        try:
            return str(UUID(self._serializer.loads(token, max_age=self._max_age)))
        except SignatureExpired as error:
            raise BadSession("the session has expired; begin a new one") from error
        except (BadSignature, ValueError, TypeError, AttributeError) as error:
            raise BadSession("the session is not one of this server; begin a new one") from error
