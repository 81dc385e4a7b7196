"""A shop system that is away, or dies in the middle of a change, with the whole system around it.

The shop is a WooCommerce of the tests' own; each story is told in both languages.
"""

import contextlib
import json
from collections.abc import Iterator

import pytest

from tests.commerce.shop_server import Fault, Reply, Request
from tests.commerce.woocommerce.fake import KEY, SECRET, FakeWoo
from tests.e2e.skills import IDENTITY_SECRET, PERSON, Background, Chat, handed_over_for, signed

pytestmark = pytest.mark.e2e


class Woo(FakeWoo):
    """A shop whose API dies while it carries out a change, where it is told so."""

    dies_writing = False

    def answer(self, request: Request) -> Reply:
        if request.method == "PUT" and self.dies_writing:
            self.faults += [Fault() for _ in range(20)]
        return super().answer(request)


@pytest.fixture(scope="module")
def background() -> Iterator[Background]:
    running = Background()
    yield running
    running.close()


@pytest.fixture(scope="module")
def woo_server(background: Background) -> Iterator[Woo]:
    shop = Woo()
    background.run(shop.start())
    yield shop
    background.run(shop.stop())


@pytest.fixture(scope="module")
def woo_system(new_system, woo_server: Woo):
    """A system that is connected to a WooCommerce."""
    shop = {"system": "woocommerce", "url": woo_server.url, "currency": "EUR"}
    running = new_system(
        SHOPDESK_SHOP=json.dumps(shop),
        SHOPDESK_SHOP_KEY=KEY,
        SHOPDESK_SHOP_SECRET=SECRET,
        SHOPDESK_IDENTITY_SECRET=IDENTITY_SECRET,
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def woo(woo_server: Woo, background: Background) -> Iterator[Woo]:
    """The shop as new, with two orders of a customer's; it runs again afterwards."""
    woo_server.orders.clear()
    woo_server.faults.clear()
    woo_server.requests.clear()
    woo_server.dies_writing = False
    woo_server.add(id=20727)
    woo_server.add(id=20815, date_created="2026-03-25T10:00:00")
    woo_server.add(id=20900, customer_id=44)
    yield woo_server
    with contextlib.suppress(OSError):
        background.run(woo_server.start())


@pytest.fixture
def woo_chat(woo_system, woo: Woo, language: str) -> Iterator[Chat]:
    """A new customer of that shop."""
    with woo_system.customer(language) as customer:
        yield Chat(customer, language)


def cancelling(chat: Chat) -> Chat:
    """Up to the question whether it shall be done."""
    chat.say(
        en="I want to cancel my order #20727, ada@example.com",
        zh="我要取消订单 #20727，邮箱 ada@example.com",
    )
    chat.reads("confirm_cancel", number="20727")
    return chat


def test_signed_in_with_several_orders_sees_them_as_buttons(woo_system, woo, language):
    # Two customers: one would go on with the same conversation.
    sub = {"en": "12", "zh": "13"}[language]
    for order in (20727, 20815):
        woo.orders[order]["customer_id"] = int(sub)
    with woo_system.customer(language, identity=signed(sub=sub)) as customer:
        chat = Chat(customer, language)
        chat.say(en="where's my package?", zh="我的快递到哪了？").reads("ask_which_order")
        assert chat.payloads == ["20815", "20727"], str(chat)
        chat.press("20727").reads("status_received", number="20727")
        chat.say(en="and where's order 20900?", zh="那订单 20900 到哪了？")
        chat.reads("ask_proof", number="20900")


def test_shop_system_that_is_away_is_told_and_a_person_offered(
    woo_chat, woo_system, woo, background
):
    chat = woo_chat
    chat.say(
        en="where is order 20727? I ordered with ada@example.com",
        zh="订单 20727 到哪了？下单邮箱是 ada@example.com",
    ).reads("status_received", number="20727")
    background.run(woo.stop())
    chat.say(
        en="and order 20815, same email ada@example.com, where is that one?",
        zh="还有订单 20815，邮箱也是 ada@example.com，到哪了？",
    ).reads("shop_unavailable")
    assert chat.payloads == [PERSON]
    chat.ends_with("bot")
    # The knowledge base needs no shop.
    chat.say(en="how long do I have to return things?", zh="买了多久之内可以退货？")
    assert chat.replies[-1]["sources"], str(chat)
    chat.say(en="ok so where is order 20727 now?", zh="那订单 20727 现在到哪了？")
    chat.say("ada@example.com").reads("shop_unavailable")
    chat.press(PERSON).ends_with("waiting")
    assert handed_over_for(woo_system.state) == "tool_failure"


def test_change_whose_answer_is_lost_is_done_once_and_told(woo_chat, woo):
    cancelling(woo_chat)
    woo.faults = [Fault(carried_out=True, method="PUT")]
    woo_chat.press("/affirm").reads("cancelled", number="20727")
    assert woo.orders[20727]["status"] == "cancelled"
    assert len(woo.asked("PUT")) == 1


def test_change_that_never_arrived_is_told_as_not_done(woo_chat, woo):
    cancelling(woo_chat)
    woo.faults = [Fault(method="PUT")]
    woo_chat.press("/affirm").reads("shop_unavailable")
    assert woo_chat.payloads == [PERSON]
    assert woo.orders[20727]["status"] == "processing"


def test_change_of_which_nobody_knows_calls_a_person(woo_chat, woo_system, woo):
    cancelling(woo_chat)
    woo.dies_writing = True
    woo.faults = [Fault(carried_out=True, method="PUT")]
    woo_chat.press("/affirm").reads("outcome_unknown")
    woo_chat.ends_with("waiting")
    assert handed_over_for(woo_system.state) == "tool_failure"
    assert len(woo.asked("PUT")) == 1
