"""The webhook through a whole gateway: in, answered, out."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.channels.webhook import WebhookChannel

pytestmark = pytest.mark.integration


def hello(customer: str = "anna", text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"type": "message", "customer": customer, "text": text, **more}


@pytest.fixture
async def shop(make_gateway: Any, channel: WebhookChannel) -> Any:
    """A gateway with the account ``shop``."""
    return await make_gateway(channels={"shop": channel})


async def post(gateway: Any, request: Any) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http:
        response = await http.post(
            "/v1/channels/shop", content=request.body, headers=request.headers
        )
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_message_is_answered(
    shop: Any, receiver: Any, rasa: Any, answer: Any, sign: Any, secrets: tuple[str, str]
) -> None:
    rasa.enqueue(answer())
    await post(shop, sign(hello(), event_id="evt_1"))
    (came,) = await receiver.until(1)
    assert came.is_signed_with(secrets[0])
    assert came.json["customer"] == "anna"
    message = came.json["message"]
    assert (message["author"], message["seq"]) == ("assistant", 2)
    assert message["text"] == "Two to four days."
    assert message["reply_to"] == "evt_1"
    assert message["sources"][0]["title"] == "How long does delivery take?"
    # What it offers can be pressed.
    (button,) = message["quick_replies"]
    await post(shop, sign(hello(text=button["title"], payload=button["payload"])))
    await receiver.until(2)
    assert rasa.messages == ["Hello", "/request_human"]


async def test_duplicates_have_one_answer(shop: Any, receiver: Any, rasa: Any, sign: Any) -> None:
    request = sign(hello())
    answers = await asyncio.gather(*(post(shop, request) for _ in range(6)))
    assert sorted(one["duplicate"] for one in answers) == [False] + [True] * 5
    await receiver.until(1)
    assert (await post(shop, request))["duplicate"]
    await asyncio.sleep(0.3)
    assert receiver.texts == ["You said: Hello"]
    assert rasa.messages == ["Hello"]


async def test_a_handoff_is_told_as_status(
    shop: Any, receiver: Any, rasa: Any, handoff: Any, sign: Any
) -> None:
    rasa.enqueue(handoff())
    await post(shop, sign(hello()))
    _, status = await receiver.until(2)
    assert status.json == {
        "type": "status",
        "customer": "anna",
        "conversation": receiver.received[0].json["conversation"],
        "status": "waiting",
    }


async def test_many_customers_each_in_order_while_the_shop_stumbles(
    shop: Any, receiver: Any, sign: Any
) -> None:
    for _ in range(5):
        receiver.enqueue(503, Retry_After="0")

    async def talk(customer: str) -> None:
        for n in range(4):
            await post(shop, sign(hello(customer, f"{customer} {n}")))

    await asyncio.gather(*(talk(f"customer {n}") for n in range(5)))
    async with asyncio.timeout(20):
        while len({one.event_id for one in await receiver.until(20)}) < 20:
            await receiver.until(len(receiver.received) + 1)
    for n in range(5):
        customer = f"customer {n}"
        told = [one for one in receiver.received if one.json["customer"] == customer]
        texts = list(dict.fromkeys(one.text for one in told))
        assert texts == [f"You said: {customer} {m}" for m in range(4)]
        seqs = list(dict.fromkeys(one.json["message"]["seq"] for one in told))
        assert seqs == sorted(seqs)


async def test_what_could_not_be_sent_is_sent_after_a_restart(
    make_gateway: Any, make_channel: Any, receiver: Any, sign: Any
) -> None:
    await receiver.stop()
    first = await make_gateway(channels={"shop": make_channel()})
    await post(first, sign(hello()))
    await asyncio.sleep(0.5)
    await first.stop()
    await receiver.start()
    await make_gateway(channels={"shop": make_channel()})
    (came,) = await receiver.until(1)
    assert came.text == "You said: Hello"


async def test_the_widget_s_conversations_are_not_told_to_the_shop(
    shop: Any, receiver: Any
) -> None:
    async with shop.connect() as client:
        await client.hello()
        await client.say("Hello")
        await client.reply()
    await asyncio.sleep(0.3)
    assert receiver.received == []
