"""Customers who write again as soon as they are answered."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import ClientConnection, connect


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; moments of ``time.perf_counter``.

    Attributes:
        message_id: the gateway's id of it; the benchmark's where there is no gateway.
    """

    message_id: str
    sent: float
    acknowledged: float
    answered: float


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said in a round, and how long it took altogether, in seconds."""

    turns: list[Turn]
    seconds: float

    @property
    def throughput(self) -> float:
        """Messages a second."""
        return len(self.turns) / self.seconds


async def talk(
    conversations: list[list[str]], converse: Callable[[list[str]], Awaitable[list[Turn]]]
) -> Talk:
    """Have all conversations at once, each given by its customer's messages."""
    began = time.perf_counter()
    turns = await asyncio.gather(*map(converse, conversations))
    return Talk([turn for each in turns for turn in each], time.perf_counter() - began)


async def over_websocket(url: str, texts: list[str]) -> list[Turn]:
    """A customer in the widget, who begins anew where a question has brought in a person.

    Raises:
        RuntimeError: a message was refused, or never answered by the assistant.
    """
    turns: list[Turn] = []
    while len(turns) < len(texts):
        before = len(turns)
        async with connect(url, proxy=None, compression=None) as socket:
            hello = {"type": "hello", "protocol": 1, "session": None, "last_seq": 0}
            await socket.send(json.dumps(hello))
            for text in texts[before:]:
                turn = await _turn(socket, text)
                if turn is None:
                    break
                turns.append(turn)
        if len(turns) == before:
            raise RuntimeError(f"{texts[before]!r} was not answered by the assistant")
    return turns


async def _turn(socket: ClientConnection, text: str) -> Turn | None:
    """Ask and be answered; None where the gateway answers, because a person has been asked for."""
    id, sent, acknowledged, message_id = str(uuid.uuid4()), time.perf_counter(), 0.0, ""
    await socket.send(json.dumps({"type": "message", "id": id, "text": text}))
    async for raw in socket:
        frame = json.loads(raw)
        if frame["type"] == "error":
            raise RuntimeError(f"{text!r} got {frame}")
        if frame["type"] == "ack":
            acknowledged, message_id = time.perf_counter(), frame["message"]["id"]
        elif frame["type"] == "message":
            if frame["message"]["author"] != "assistant":
                return None
            return Turn(message_id, sent, acknowledged, time.perf_counter())
    raise RuntimeError(f"{text!r} was not answered before the connection ended")


async def with_rasa(client: httpx.AsyncClient, texts: list[str]) -> list[Turn]:
    """A customer whom Rasa serves directly, over its own REST channel.

    Raises:
        RuntimeError: Rasa had nothing to say.
    """
    turns, sender = [], str(uuid.uuid4())
    for text in texts:
        id, sent = str(uuid.uuid4()), time.perf_counter()
        body = {"sender": sender, "message": text, "metadata": {"language": "en"}}
        answer = await client.post("/webhooks/rest/webhook", json=body)
        if answer.status_code != httpx.codes.OK or not answer.json():
            raise RuntimeError(f"{text!r} got {answer.status_code} {answer.text}")
        turns.append(Turn(id, sent, sent, time.perf_counter()))
    return turns
