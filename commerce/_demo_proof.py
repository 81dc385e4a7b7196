"""What the demo shop takes as proof that an order is somebody's own.

Only digests are kept and compared: they are of one length, so the time taken tells nothing.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from commerce.commerce import Proof

# Of no text: whatever is shown, it differs.
_NONE = bytes(hashlib.sha256().digest_size)


@dataclass(frozen=True, slots=True)
class Known:
    """The digests of what an order's customer knows; without any, nobody has a proof that fits."""

    email: bytes = _NONE
    postcode: bytes = _NONE


def known_email(email: str) -> bytes:
    """What to keep of the address that an order was placed with."""
    return _kept(_normal_email(email))


def known_postcode(postcode: str) -> bytes:
    """What to keep of the postcode that an order goes to."""
    return _kept(_normal_postcode(postcode))


def fits(proof: Proof, known: Known) -> bool:
    """Whether the e-mail or the postcode of ``proof`` is the one that is known.

    Its customer's id is passed over: the demo shop has no accounts.
    """
    shown = _shown(proof)
    # Both are always compared.
    email = hmac.compare_digest(known.email, shown.email)
    postcode = hmac.compare_digest(known.postcode, shown.postcode)
    return email or postcode


def fingerprint(proof: Proof) -> bytes:
    """A digest that two proofs share if they show the same."""
    shown = _shown(proof)
    return hashlib.sha256(shown.email + shown.postcode).digest()


def same(one: bytes, other: bytes) -> bool:
    """Whether two fingerprints are equal."""
    return hmac.compare_digest(one, other)


def _shown(proof: Proof) -> Known:
    return Known(_digest(_normal_email(proof.email)), _digest(_normal_postcode(proof.postcode)))


def _kept(normal: str) -> bytes:
    # An empty one is kept as nothing, so that to show nothing never fits.
    return _digest(normal) if normal else _NONE


def _digest(normal: str) -> bytes:
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).digest()


def _normal_email(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def _normal_postcode(typed: str) -> str:
    """``3011 wn`` is ``3011WN``; a hyphen may be any of the dashes that keyboards make of it."""
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(
        sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Pd"
    )
