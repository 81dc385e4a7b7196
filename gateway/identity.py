"""Who the customer is, proven by a JSON Web Token that the shop's own server signed.

The shop's page gives the token to the widget, and the widget gives it to the gateway. How to sign
one is told in ``docs/security.md``.
"""

import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from email_validator import EmailNotValidError, validate_email

from gateway.errors import BadIdentity, GatewayError

AUDIENCE = "shopdesk"
LONGEST_LIFE = 24 * 3_600
"""Seconds that a token may still be good for. A longer one is a password that lies about."""
LEEWAY = 60
"""Seconds by which the shop's clock and ours may differ."""
LONGEST_NAME = 255
"""Characters of the customer's id, and of the name."""
_SHORTEST_SECRET = 32
_SHORTEST_RSA = 2_048

_Key = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of the customer.

    Attributes:
        external_id: what the shop calls the customer; the ``sub`` of the token.
    """

    external_id: str
    name: str | None
    email: str | None


class Identity:
    """Verifies the shop's tokens with one key, which also says by which algorithm.

    Args:
        secret: shared with the shop's server, 32 characters or more: HS256.
        public_key: PEM, of the key with which the shop's server signs: Ed25519 (EdDSA), P-256
            (ES256) or RSA of 2,048 bits or more (RS256).

    Raises:
        GatewayError: both are given, or one that cannot be used.

    Example:
        >>> identity = Identity("0123456789abcdef0123456789abcdef")
        >>> claims = {"sub": "customer-7", "exp": int(time.time()) + 600}
        >>> token = jwt.encode(claims, "0123456789abcdef0123456789abcdef", "HS256")
        >>> identity.verify(token).external_id
        'customer-7'
    """

    def __init__(self, secret: str = "", public_key: str = "") -> None:
        if secret and public_key:
            raise GatewayError(
                "an identity secret and an identity public key are set, expected one of them: "
                "remove the one that the shop's server does not sign with"
            )
        if secret and len(secret) < _SHORTEST_SECRET:
            raise GatewayError(
                f"the identity secret has {len(secret)} characters, expected at least "
                f"{_SHORTEST_SECRET}: make one with `openssl rand -hex 32`"
            )
        self._key: str | _Key = _load(public_key) if public_key else secret
        self._algorithm = _algorithm(self._key)

    def verify(self, token: str) -> Claims:
        """What the token says, once it is certain that the shop's server signed it.

        Raises:
            BadIdentity: it proves nothing, and why.
        """
        if not self._key:
            raise BadIdentity("no identity key is set at the gateway; set identity_secret")
        try:
            # The header of the token names an algorithm too: it may only agree.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[self._algorithm],
                leeway=LEEWAY,
                options={"require": ["exp", "sub"], "verify_aud": False},
            )
            lives = int(claims["exp"]) - time.time()
        # The last three: for numbers that are none, once the signature was found to be right.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise BadIdentity(f"the identity token is refused: {error}") from error
        if lives > LONGEST_LIFE + LEEWAY:
            raise BadIdentity(
                f"the identity token is good for {lives / 3_600:.0f} h more, expected at most "
                f"{LONGEST_LIFE // 3_600} h: give it an earlier exp, and make one for each page"
            )
        audience = claims.get("aud", AUDIENCE)
        if audience != AUDIENCE and not (isinstance(audience, list) and AUDIENCE in audience):
            raise BadIdentity(f"the identity token's aud is {audience!r}, expected {AUDIENCE!r}")
        external_id = claims["sub"]
        if external_id != _clean(external_id) or not 1 <= len(external_id) <= LONGEST_NAME:
            raise BadIdentity(
                "the identity token's sub is expected to be the shop's id of the customer: 1 to "
                f"{LONGEST_NAME} printable characters"
            )
        return Claims(external_id, _name(claims.get("name")), _email(claims.get("email")))


def _load(public_key: str) -> _Key:
    expected = "expected a public key in PEM, of Ed25519, P-256, or RSA with 2048 bits or more"
    try:
        key = load_pem_public_key(public_key.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise GatewayError(f"the identity public key cannot be read; {expected}") from error
    match key:
        case Ed25519PublicKey():
            return key
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return key
        case RSAPublicKey() if key.key_size >= _SHORTEST_RSA:
            return key
    raise GatewayError(f"the identity public key is of a kind that is not taken; {expected}")


def _algorithm(key: str | _Key) -> str:
    match key:
        case Ed25519PublicKey():
            return "EdDSA"
        case EllipticCurvePublicKey():
            return "ES256"
        case RSAPublicKey():
            return "RS256"
    return "HS256"


def _clean(text: str) -> str:
    """Without what no screen shows and no database takes, and with single spaces."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def _name(value: Any) -> str | None:
    return _clean(value)[:LONGEST_NAME].strip() or None if isinstance(value, str) else None


def _email(value: Any) -> str | None:
    """The address, None when it is none: a shop's customer with a bad one is a customer still."""
    try:
        return validate_email(value, check_deliverability=False).normalized
    except (EmailNotValidError, TypeError, AttributeError):
        return None
