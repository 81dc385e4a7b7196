"""The generic webhook, both ways: signed JSON by the Standard Webhooks specification.

A shop connects its own system by it, as ``docs/webhook.md`` describes.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.channels.channel import Capabilities, InboundEvent, Outgoing
from gateway.channels.errors import BadSignature, DeliveryFailed
from gateway.channels.fit import fit
from gateway.channels.webhook_events import parse_event
from store.records import MessageRecord, QuickReply

SIGNED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

# A full stop would make the signed "id.timestamp.body" readable in two ways.
_EVENT_ID = re.compile(r"[!-\-/-~]{1,255}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_TRANSIENT = frozenset({408, 425, 429})
_ANSWER_READ = 16_384  # bytes; what is longer costs the connection
_ANSWER_TIME = 2.0  # seconds; the same


class WebhookChannel:
    """An account of the generic webhook.

    Args:
        name: of the account.
        url: where the shop's system takes what it is told.
        secrets: shared with it, ``whsec_`` and base64; the first is the newest. What comes in may
            be signed with any of them, what goes out is signed with all, so that either side can
            change to a new one at its own time.
        capabilities: what the shop's system can show.
        timeout: seconds for each step of sending: connecting, writing, waiting for the answer.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        secrets: Sequence[str],
        capabilities: Capabilities | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.name = name
        self.capabilities = capabilities or Capabilities()
        self._url = url
        self._signers = [Webhook(secret) for secret in secrets]
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=5.0, pool=None),
            # A redirect could lead what customers wrote anywhere.
            follow_redirects=False,
            headers={"User-Agent": "Shopdesk"},
        )

    def read(self, headers: Mapping[str, str], body: bytes) -> list[InboundEvent]:
        """Verify the request and read its one event; see :class:`gateway.channels.channel.Channel`.

        Raises:
            BadSignature: a header is missing, no signature fits, or it was signed more than five
                minutes ago.
            BadDelivery: it is none of the events.
        """
        signed = {name: headers.get(name, "") for name in SIGNED_HEADERS}
        if not _EVENT_ID.fullmatch(signed["webhook-id"]):
            raise BadSignature(
                "webhook-id is missing or malformed; expected 1 to 255 visible ASCII characters "
                "without a full stop"
            )
        if not _TIMESTAMP.fullmatch(signed["webhook-timestamp"]):
            raise BadSignature(
                "webhook-timestamp is missing or malformed; expected seconds since 1970"
            )
        self._verify(signed, body)
        return [parse_event(signed["webhook-id"], body)]

    async def send(self, delivery: Outgoing) -> None:
        """Post it to the shop's system; see :class:`gateway.channels.channel.Channel`.

        Raises:
            DeliveryFailed: the system did not answer 2xx; its reason is fit for a log.
        """
        body = json.dumps(self._payload(delivery), ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": "application/json", **self._sign(delivery.event_id, body)}
        try:
            async with self._client.stream(
                "POST", self._url, content=body.encode(), headers=headers
            ) as response:
                await _read_a_little(response)
        except httpx.TimeoutException as error:
            raise DeliveryFailed(f"no answer in time ({type(error).__name__})") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryFailed(f"not reached ({type(error).__name__})") from error
        _judge(response)

    async def close(self) -> None:
        """Close the connections to the shop's system."""
        await self._client.aclose()

    def _verify(self, signed: dict[str, str], body: bytes) -> None:
        problem = "no signature fits"
        for signer in self._signers:
            try:
                signer.verify(body, signed, json_parse=False)
            except WebhookVerificationError as error:
                problem = str(error)
            except ValueError:
                # The library's own parsing of a signature, or of a body that is not UTF-8.
                problem = "the signature or the body is malformed"
            else:
                return
        raise BadSignature(
            f"the webhook's signature is refused: {problem}; expected the headers of Standard "
            "Webhooks, signed with this account's secret over the raw body within five minutes"
        )

    def _sign(self, event_id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        signatures = [signer.sign(event_id, now, body) for signer in self._signers]
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _payload(self, delivery: Outgoing) -> dict[str, Any]:
        about = {"customer": delivery.external_id, "conversation": delivery.conversation_id}
        if delivery.message is None:
            status = delivery.status.value if delivery.status else None
            return {"type": "status", **about, "status": status}
        message = fit(delivery.message, self.capabilities)
        return {"type": "message", **about, "message": _message(message, delivery.in_reply_to)}


def _message(message: MessageRecord, in_reply_to: str | None) -> dict[str, Any]:
    return {
        "id": message.id,
        "seq": message.seq,
        "author": message.author.value,
        "text": message.text,
        "language": message.language,
        "at": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reply_to": in_reply_to,
        "sources": [
            {"id": s.id, "title": s.title, "url": s.url, "quote": s.quote} for s in message.sources
        ],
        "quick_replies": _quick_replies(message.quick_replies),
        "cards": [
            {
                "title": card.title,
                "subtitle": card.subtitle,
                "image": card.image,
                "url": card.url,
                "quick_replies": _quick_replies(card.quick_replies),
            }
            for card in message.cards
        ],
        "rateable": message.rateable,
    }


def _quick_replies(replies: Sequence[QuickReply]) -> list[dict[str, str]]:
    return [{"title": reply.title, "payload": reply.payload} for reply in replies]


async def _read_a_little(response: httpx.Response) -> None:
    """Read a short answer to its end, so that the connection can be used again; ignore it.

    Nothing that happens here changes what the status line said.
    """
    read = 0
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(_ANSWER_TIME):
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > _ANSWER_READ:
                    return


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    reason = f"HTTP status {status}"
    if response.is_redirect:
        raise DeliveryFailed(f"{reason}: redirects are not followed; set the final url")
    raise DeliveryFailed(
        reason,
        retry_after=_retry_after(response) if status in (429, 503) else None,
        permanent=response.is_client_error and status not in _TRANSIENT,
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, from either form of the header; None when there is none that makes sense."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
