"""Whether what somebody shows of an order is what its customer knows.

Only digests are compared: they are of one length, so that the time taken tells nothing.
"""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from commerce.commerce import Proof

# Of no text: whatever is shown, it differs.
_NOTHING = bytes(hashlib.sha256().digest_size)


@dataclass(frozen=True, slots=True)
class Known:
    """The digests of what proves an order; without any, no proof fits."""

    email: bytes = _NOTHING
    postcode: bytes = _NOTHING
    customer: bytes = _NOTHING

    @classmethod
    def of(cls, email: str, postcode: str, customer: str) -> "Known":
        """What the shop has written down; what is empty proves nothing."""
        return cls(email_digest(email), postcode_digest(postcode), _digest_or_nothing(customer))


def email_digest(email: str) -> bytes:
    """Of the address that an order was placed with."""
    return _digest_or_nothing(_normal_email(email))


def postcode_digest(postcode: str) -> bytes:
    """Of the place that an order goes to."""
    return _digest_or_nothing(_normal_postcode(postcode))


def fits(proof: Proof, known: Known, customer: Callable[[str], str] = str.strip) -> bool:
    """Whether one thing of ``proof`` is what is known.

    Args:
        customer: writes a customer's id as it is in ``known``.
    """
    email, postcode, customer_id = map(_digest, _shown(proof, customer))
    # All are always compared.
    equal = (
        hmac.compare_digest(known.email, email),
        hmac.compare_digest(known.postcode, postcode),
        hmac.compare_digest(known.customer, customer_id),
    )
    return any(equal)


def fingerprint(key: str, proof: Proof, customer: Callable[[str], str] = str.strip) -> str:
    """What tells that somebody showed this proof when they asked with this key; hexadecimal.

    A change of address changes the postcode, and with it what proves. Who asks with the same key
    again still shows the old one.
    """
    return hashlib.sha256(json.dumps([key, *_shown(proof, customer)]).encode()).hexdigest()


def is_fingerprint(found: object, fingerprint: str) -> bool:
    """Whether ``found``, which a shop system has kept, is this one."""
    kept = found if isinstance(found, str) else ""
    return hmac.compare_digest(_digest(kept), _digest(fingerprint))


def _shown(proof: Proof, customer: Callable[[str], str]) -> tuple[str, str, str]:
    customer_id = customer(proof.customer_id)
    return _normal_email(proof.email), _normal_postcode(proof.postcode), customer_id


def _digest_or_nothing(normal: str) -> bytes:
    return _digest(normal) if normal else _NOTHING


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
