"""Links to files: signed, and good for an hour, so that a picture can be shown without a token."""

import hashlib
import time

from itsdangerous import BadSignature, TimestampSigner

_GOOD_FOR = 3_600
# All links that are made within this time are the same, so that browsers can cache the files.
_STEP = 900


class _SteppedSigner(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(time.time()) // _STEP * _STEP


class FileLinks:
    """Makes and checks links to files; a path on the gateway, good for an hour at least.

    Args:
        secret: signs them: the same on all gateways of a shop.

    Example:
        >>> links = FileLinks("0123456789abcdef0123456789abcdef")
        >>> links.url("3fa1c0de-0000-4000-8000-000000000000")
        '/v1/files/3fa1c0de-0000-4000-8000-000000000000?t=...'
    """

    def __init__(self, secret: str) -> None:
        self._signer = _SteppedSigner(
            secret, salt="shopdesk-file-v1", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def url(self, file_id: str) -> str:
        """A link to the file."""
        _, _, signature = self._signer.sign(file_id).decode().partition(".")
        return f"/v1/files/{file_id}?t={signature}"

    def check(self, file_id: str, signature: str) -> bool:
        """Whether the signature is that of a link to this file which is still good."""
        try:
            signed = self._signer.unsign(f"{file_id}.{signature}", max_age=_GOOD_FOR)
        except (BadSignature, UnicodeEncodeError):
            return False
        # Where the id ends and the signature begins is the client's word.
        return signed == file_id.encode()
