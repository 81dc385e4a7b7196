"""Customers behind the generic webhook, and the shop's own system that writes and listens for them.

See ``docs/webhook.md``: deliveries are signed, sent again until they are taken, and recognised by
their ``webhook-id``.
"""

import asyncio
import json
import random
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.fault.journal import Journal, Sent, Shown
from benchmarks.fault.plan import Again
from benchmarks.fault.questions import first_source
from benchmarks.system import free_port

ACCOUNT = "shop"
REFUSED = 0.03
"""Of the deliveries, how many the shop's system answers with 503, as if it were busy."""
_LONGEST_PAUSE = 2.0


class Receiver:
    """The shop's server: takes deliveries in a thread of its own, and knows them by their id.

    Args:
        secret: shared with the gateway, ``whsec_...``.
        choose: which deliveries it refuses.
    """

    def __init__(self, secret: str, choose: random.Random) -> None:
        self._webhook = Webhook(secret)
        self._choose = choose
        self._known: set[str] = set()
        self._journals: dict[str, Journal] = {}
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/deliveries"
        app = Starlette(routes=[Route("/deliveries", self._receive, methods=["POST"])])
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self.strangers: list[str] = []

    def expect(self, customer: str, journal: Journal) -> None:
        """Deliveries for ``customer`` belong into ``journal``."""
        self._journals[customer] = journal

    def start(self) -> None:
        """Listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.should_exit = True
        self._thread.join(10)

    async def _receive(self, request: Request) -> Response:
        if self._choose.random() < REFUSED:
            return Response(status_code=503, headers={"Retry-After": "1"})
        try:
            body = await request.body()
        except ClientDisconnect:
            # The gateway was killed in the middle of it, and will send it again.
            return Response(status_code=400)
        try:
            self._webhook.verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            self.strangers.append(f"a delivery that is not signed: {error}")
            return Response(status_code=401)
        delivery = json.loads(body)
        journal = self._journals.get(delivery["customer"])
        if journal is None:
            self.strangers.append(f"a delivery for {delivery['customer']!r}")
        elif request.headers["webhook-id"] in self._known:
            journal.repeats += 1
            journal.note("a known delivery came again")
        else:
            self._known.add(request.headers["webhook-id"])
            if delivery["type"] == "message":
                journal.show(_shown(delivery["message"]))
        return Response(status_code=204)


class WebhookCustomer:
    """A customer of the shop's own chat; the shop's server passes on what is written.

    Args:
        customer: what the shop calls the customer.
        client: with the gateway's address as its base.
        secret: shared with the gateway.
        choose: for its pauses.
    """

    def __init__(
        self,
        journal: Journal,
        customer: str,
        client: httpx.AsyncClient,
        secret: str,
        choose: random.Random,
    ) -> None:
        self.journal = journal
        self._customer = customer
        self._client = client
        self._webhook = Webhook(secret)
        self._choose = choose
        self._queue: asyncio.Queue[tuple[Sent, Again]] = asyncio.Queue()
        self._repeats: set[asyncio.Task[None]] = set()

    def write(self, text: str, source: str, again: Again) -> None:
        """The customer sends a message; it is delivered after those before it."""
        sent = Sent(f"msg_{uuid.uuid4().hex}", text, source)
        self.journal.sent.append(sent)
        self.journal.note(f"writes {sent.id[:12]} ({again}): {text!r}")
        self._queue.put_nowait((sent, again))

    def repeat(self, sent: Sent) -> None:
        """A message that was sent long ago is delivered once more."""
        if sent.id not in self.journal.acknowledged:
            return  # those before it may be on their way still
        self.journal.note(f"repeats {sent.id[:12]}")
        self._repeats.add(task := asyncio.create_task(self._deliver(sent)))
        task.add_done_callback(self._repeats.discard)

    async def run(self) -> None:
        """Deliver until cancelled, one after the other: only so their order is certain."""
        while True:
            sent, again = await self._queue.get()
            twice = again in (Again.AT_ONCE, Again.ELSEWHERE)
            await asyncio.gather(*(self._deliver(sent) for _ in range(2 if twice else 1)))

    async def _deliver(self, sent: Sent) -> None:
        pause = 0.1
        while not await self._post(sent):
            await asyncio.sleep(pause * self._choose.uniform(0.5, 1.5))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _post(self, sent: Sent) -> bool:
        """Deliver once; whether the gateway has taken it."""
        event = {
            "type": "message", "customer": self._customer, "text": sent.text, "language": "en",
        }  # fmt: skip
        body, now = json.dumps(event), datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": sent.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(sent.id, now, body),
        }
        try:
            answer = await self._client.post(
                f"/v1/channels/{ACCOUNT}", content=body, headers=headers
            )
        except httpx.HTTPError as error:
            self.journal.note(f"{sent.id[:12]}: {type(error).__name__}")
            return False
        if answer.status_code == httpx.codes.OK:
            self.journal.acknowledge(sent.id, None)
            return True
        self.journal.note(f"{sent.id[:12]}: HTTP {answer.status_code} {answer.text[:100]}")
        if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            self.journal.breach(f"the gateway refused {sent.id}: {answer.status_code}")
            return True
        return False


def _shown(message: dict[str, Any]) -> Shown:
    return Shown(
        id=message["id"],
        seq=message["seq"],
        author=message["author"],
        text=message["text"],
        source=first_source(message),
        reply_to=message["reply_to"],
    )
