"""What customers get done, in English and in Chinese, with the whole system and a shop's orders.

Each story is told in both languages. What is read is compared with the phrases' file, so that its
words may change; what was done is looked up in the shop's own database.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

import psutil
import pytest

from actions.phrasing import day
from tests.e2e.skills import (
    IDENTITY_SECRET,
    ORDERS,
    PERSON,
    Chat,
    DemoOrder,
    handed_over_for,
    rows,
    signed,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def demo(new_system):
    """One running system for the module, with the demo shop; it knows signed-in customers."""
    running = new_system(SHOPDESK_IDENTITY_SECRET=IDENTITY_SECRET)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def chat(demo, language: str) -> Iterator[Chat]:
    """A new customer of the demo shop."""
    with demo.customer(language) as customer:
        yield Chat(customer, language)


@pytest.fixture
def in_shop(demo) -> Callable[..., list[tuple]]:
    """Asks the demo shop's database."""
    return lambda query, *values: rows(demo.state / "demo_shop.db", query, *values)


@pytest.fixture
def status_of(in_shop) -> Callable[[DemoOrder], str]:
    """The status of an order in the demo shop."""
    query = "SELECT status FROM orders WHERE number = ?"
    return lambda order: in_shop(query, order.number)[0][0]


@pytest.fixture
def reason(demo) -> Callable[[], str]:
    """Why the conversation that was handed over last was."""
    return lambda: handed_over_for(demo.state)


def cancelling(chat: Chat, order: DemoOrder) -> Chat:
    """Up to the question whether it shall be done."""
    chat.say(
        en=f"I'd like to call off order {order.number}, I found it cheaper elsewhere",
        zh=f"{order.number} 这单我不想要了，帮我取消掉",
    )
    chat.reads("ask_proof", number=order.number)
    chat.say(order.email)
    chat.reads("confirm_cancel", number=order.number)
    return chat


# -- Order status


def test_status_with_the_number_at_once_and_proof_by_email(chat, in_shop):
    order = ORDERS[chat.pick("LK-238438", "LK-240252")]
    chat.say(
        en=f"Hi, I'm still waiting for my parcel, order {order.number}. Where is it?",
        zh=f"你好，我的包裹怎么还没收到，订单 {order.number}，现在到哪儿了",
    )
    chat.reads("ask_proof", number=order.number)
    assert order.tracking not in chat.text
    chat.say(order.email.upper())
    ((placed, shipped),) = in_shop(
        "SELECT placed, shipped FROM orders WHERE number = ?", order.number
    )
    dates = [day(date.fromisoformat(value), chat.language) for value in (placed, shipped)]
    chat.reads("status_shipped", number=order.number, placed=dates[0], shipped=dates[1])
    chat.reads("tracking", tracking=order.tracking)
    chat.reads("order_lines")
    assert chat.pick("Heron 4 tent", "烈风一体炉") in chat.text
    assert chat.buttons == []


def test_status_where_the_number_is_asked_for_and_proof_by_postcode(chat):
    order = ORDERS[chat.pick("LK-242257", "LK-241793")]
    chat.say(en="my stuff hasn't turned up yet", zh="我买的东西怎么还没到啊")
    chat.reads("ask_number")
    chat.say(en=f"it's {order.number[3:]}", zh=f"订单号是{order.number}")
    chat.reads("ask_proof")
    chat.say(order.postcode.replace(" ", "").lower())
    chat.reads("status_shipped", number=order.number)


def test_status_of_an_order_offers_what_can_be_done_with_it(chat):
    order = ORDERS[chat.pick("LK-249219", "LK-247876")]
    chat.say(
        en=f"what's happening with {order.number}? my mail is {order.email}",
        zh=f"查一下{order.number}的进度，邮箱{order.email}",
    )
    chat.reads("status_received", number=order.number)
    assert chat.payloads == ["/cancel_order", "/change_address"]
    # The proof holds for the next wish.
    chat.press("/change_address").reads("ask_street", number=order.number)
    chat.say(en="nah, never mind", zh="算了").reads("stopped")


# -- Returns


def test_return_with_a_reason(chat, in_shop):
    order = ORDERS[chat.pick("LK-237523", "LK-236474")]
    chat.say(
        en="The sleeping bag I bought doesn't keep me warm, I'd like to send it back",
        zh="这件风衣我穿着不合适，想退掉",
    ).reads("ask_number")
    chat.say(order.number).reads("ask_proof", number=order.number)
    chat.say(order.email).reads("ask_kind")
    chat.say(en="I'd like my money back please", zh="退款吧").reads("ask_reason")
    why = chat.pick("it's far colder in there than I thought", "袖子太短了")
    chat.say(why).reads("confirm_refund", number=order.number, quantity=1, reason=why)
    query = "SELECT id, sku, quantity, kind, reason FROM returns WHERE number = ?"
    assert in_shop(query, order.number) == []
    chat.press("/affirm")
    ((identity, *stored),) = in_shop(query, order.number)
    assert stored == [chat.pick("LK-SLEEP-005", "LK-JACK-005"), 1, "refund", why]
    chat.reads("return_approved", returned=f"R-{100_000 + identity}")
    # "How do I send it back?" is answered from the knowledge base.
    chat.press_phrase("button_how_to_send")
    assert chat.replies[0]["sources"], str(chat)


def test_exchange(chat, in_shop):
    order = ORDERS[chat.pick("LK-232131", "LK-233542")]
    chat.say(
        en="Could you swap my trail shoes for a bigger pair?",
        zh="帐篷颜色不喜欢，能给我换一个吗",
    ).reads("ask_number")
    chat.say(order.number).reads("ask_proof", number=order.number)
    chat.say(order.postcode).reads("ask_wanted")
    wanted = chat.pick("one size up, 43", "换成橙色的")
    chat.say(wanted).reads("ask_reason")
    why = chat.pick("they pinch my toes", "灰色太暗了")
    chat.say(why).reads("confirm_exchange", number=order.number, wanted=wanted, reason=why)
    chat.say(en="yes please", zh="好的").reads("return_approved")
    query = "SELECT sku, quantity, kind, reason, wanted FROM returns WHERE number = ?"
    sku = chat.pick("LK-BOOT-004", "LK-TENT-004")
    assert in_shop(query, order.number) == [(sku, 1, "exchange", why, wanted)]


def test_return_of_one_article_of_several(chat, in_shop):
    order = ORDERS[chat.pick("LK-232171", "LK-237842")]
    chat.say(
        en=f"I'd like to give something back from order {order.number}",
        zh=f"{order.number} 里的毛巾我想退",
    )
    chat.reads("ask_proof")
    chat.say(order.email)
    if chat.language == "en":
        chat.reads("ask_line", number=order.number)
        assert chat.payloads == ["Haul 60 dry duffel", "Roll 5 dry bag"]
        chat.press("Roll 5 dry bag")
    chat.reads("ask_quantity", most=2)
    chat.say(en="just one of them", zh="一条就行").reads("ask_kind")
    chat.press_phrase("button_refund").reads("ask_reason")
    chat.press_phrase("reason_unwanted").reads("confirm_refund", quantity=1)
    chat.say(en="yep, go ahead", zh="是的").reads("return_approved")
    query = "SELECT sku, quantity, kind FROM returns WHERE number = ?"
    sku = chat.pick("LK-TRVL-001", "LK-TRVL-007")
    assert in_shop(query, order.number) == [(sku, 1, "refund")]


def test_return_that_comes_too_late_offers_a_person(chat, in_shop, reason):
    order = ORDERS["LK-200166"]
    chat.say(
        en=f"The tent from {order.number} has a broken zip, I want to send it back",
        zh=f"{order.number} 的帐篷拉链坏了，我想退货",
    )
    chat.say(order.email).reads("no_return_too_late", number=order.number, days=60)
    assert chat.payloads == [PERSON]
    chat.press(PERSON).ends_with("waiting")
    assert reason() == "policy"
    assert in_shop("SELECT * FROM returns WHERE number = ?", order.number) == []


# -- Cancelling


def test_cancel(chat, status_of):
    order = ORDERS[chat.pick("LK-248887", "LK-247389")]
    cancelling(chat, order)
    assert chat.payloads == ["/affirm", "/deny"]
    assert status_of(order) == "received"
    chat.press("/affirm").reads("cancelled", number=order.number)
    assert status_of(order) == "cancelled"
    chat.say(en=f"please cancel {order.number}", zh=f"取消订单{order.number}")
    chat.reads("already_cancelled", number=order.number)


def test_cancel_is_not_done_on_a_no(chat, status_of):
    order = ORDERS["LK-249219"]
    cancelling(chat, order)
    chat.say(en="no wait, don't cancel it", zh="不，不用取消了")
    chat.reads("left_as_it_is", number=order.number)
    assert status_of(order) == "received"


def test_cancel_that_comes_too_late(chat, status_of):
    order = ORDERS["LK-239389"]
    chat.say(en=f"Please cancel {order.number}", zh=f"{order.number} 麻烦帮我取消")
    chat.say(order.email).reads("too_late_to_cancel_shipped", number=order.number)
    assert PERSON in chat.payloads
    assert status_of(order) == "shipped"


# -- Another address


def test_whole_address_at_once(chat, in_shop):
    order = ORDERS[chat.pick("LK-249219", "LK-247876")]
    chat.say(
        en=f"I typed the wrong street in my order {order.number}, please send it elsewhere",
        zh=f"{order.number} 的收货地址填错了，想改一下",
    )
    chat.say(order.email).reads("ask_street", number=order.number)
    chat.say(en="Hoogstraat 50, 3012 BR Rotterdam", zh="上海市徐汇区衡山路 12 号 200031")
    chat.reads("confirm_address", number=order.number)
    chat.say(en="yes that's right", zh="对的").reads("address_changed", number=order.number)
    query = "SELECT street, postcode, city, country FROM orders WHERE number = ?"
    assert in_shop(query, order.number) == [
        chat.pick(
            ("Hoogstraat 50", "3012 BR", "Rotterdam", "NL"),
            ("徐汇区衡山路 12 号", "200031", "上海市", "CN"),
        )
    ]


def test_address_a_part_at_a_time(chat, in_shop):
    order = ORDERS["LK-249219"]
    chat.say(
        en=f"can you deliver order {order.number} to my new flat instead",
        zh=f"我搬家了，{order.number} 能不能寄到新地址",
    )
    chat.reads("ask_proof", number=order.number)
    chat.say(order.email).reads("ask_street", number=order.number)
    street, city = chat.pick("Wijnhaven 12", "Zeil 7"), chat.pick("Dordrecht", "Leeuwarden")
    chat.say(street).reads("ask_postcode")
    chat.say(chat.pick("3311 AB", "8911BX")).reads("ask_city")
    chat.say(city).reads("confirm_address", number=order.number)
    assert street in chat.text
    chat.press("/affirm").reads("address_changed", number=order.number)
    query = "SELECT street, city FROM orders WHERE number = ?"
    assert in_shop(query, order.number) == [(street, city)]


# -- Products


def test_product_search_that_is_narrowed_by_a_price(chat):
    chat.say(en="I'm looking for a sleeping bag", zh="想买个睡袋").reads("ask_narrow")
    assert len(chat.buttons) == 3
    chat.say(en="under 150 euros", zh="150 以内")
    assert 1 <= len(chat.cards) <= 3, str(chat)
    assert all(prices(chat)), str(chat)
    assert max(prices(chat)) <= 150, str(chat)


def test_product_search_that_is_narrowed_by_a_button(chat):
    chat.say(en="which backpacks do you sell?", zh="你们有什么背包").reads("ask_narrow")
    chat.press_phrase("narrow_cheapest").reads("products_by_price")
    assert len(chat.cards) == 3
    assert prices(chat) == sorted(prices(chat))


def test_stock_of_a_named_product(chat):
    chat.say(en="is the Nova 400 headlamp in stock at the moment?", zh="Nova 400 头灯现在有货吗")
    chat.reads("product_in_stock", name=chat.pick("Nova 400 headlamp", "Nova 400 头灯"), stock=46)
    assert len(chat.cards) == 1
    assert chat.cards[0]["title"] in chat.text


def test_product_that_is_sold_out(chat):
    chat.say(en="Do you still have the Cocoon bivy bag?", zh="茧型露营袋还有吗？")
    chat.reads("product_sold_out", name=chat.pick("Cocoon bivy bag", "茧型露营袋"))
    assert PERSON in chat.payloads


def prices(chat: Chat) -> list[float]:
    """Of the cards."""
    return [float(re.findall(r"\d+\.\d\d", card["subtitle"])[0]) for card in chat.cards]


# -- A person, anger, and what is not understood


def test_a_person(chat, reason):
    chat.say(en="Can I please speak to a real person?", zh="我想找真人客服聊聊")
    chat.ends_with("waiting")
    assert reason() == "customer_request"


def test_a_person_in_the_middle(chat, reason):
    chat.say(en="I'd like to return something", zh="我想退一件东西").reads("ask_number")
    chat.say(en="can I talk to a human about this instead?", zh="还是给我转人工吧")
    chat.reads("handing_over")
    chat.ends_with("waiting")
    assert reason() == "customer_request"


@pytest.mark.parametrize(
    ("english", "chinese", "phrase"),
    [
        (
            "This is honestly the worst shop I've ever bought from, I'm so disappointed",
            "你们这服务真是太差了，太让人失望",
            "complained",
        ),
        ("you useless piece of garbage", "你这个垃圾机器人，滚", "abused"),
    ],
    ids=["complaint", "abuse"],
)
def test_anger_is_met_with_the_offer_of_a_person(chat, reason, english, chinese, phrase):
    chat.say(en=english, zh=chinese).reads(phrase)
    assert chat.payloads == [PERSON]
    chat.ends_with("bot")
    chat.say(en="yes please", zh="好的").ends_with("waiting")
    assert reason() == "frustration"


def test_anger_in_the_middle(chat, reason):
    chat.say(en="where's my package", zh="我的快递到哪了").reads("ask_number")
    chat.say(
        en="oh come on, this is ridiculous, you lot are a joke",
        zh="你们真是太离谱了，气死我了",
    ).reads("upset")
    chat.press(PERSON).ends_with("waiting")
    assert reason() == "frustration"


def test_unclear_once_asks_back_and_twice_offers_a_person(chat, reason):
    chat.say(en="the order is a bit of a thing", zh="那个东西怎么说呢，就是那样的").reads("clarify")
    assert 2 <= len(chat.buttons) <= 3, str(chat)
    chat.say(en="the thing with the thing from before", zh="我家里那个，你懂的")
    assert chat.replies[-1]["sources"] == []
    assert chat.payloads[-1] == PERSON, str(chat)
    chat.say(en="yes please", zh="好的").ends_with("waiting")
    assert reason() == "missing_knowledge"


def test_the_clarifying_buttons_do_what_they_say(chat):
    chat.say(en="the order is a bit of a thing", zh="订单的事情").reads("clarify")
    if chat.payloads[0].startswith("/"):
        chat.press(chat.payloads[0]).reads("ask_number")
    else:
        chat.press(chat.payloads[0])
        assert chat.replies[-1]["sources"], str(chat)


# -- Leaving, correcting, asking in between, changing over


def test_never_mind_leaves_everything_as_it_is(chat, status_of):
    order = ORDERS["LK-249219"]
    cancelling(chat, order)
    chat.say(en="nah never mind", zh="算了").reads("stopped")
    assert status_of(order) == "received"
    # The assistant is free for something else.
    chat.say(en="How long is the warranty on tents?", zh="帐篷保修几年？")
    assert len(chat.replies) == 1
    assert chat.replies[0]["sources"], str(chat)


def test_the_other_order_with_its_number(chat, status_of):
    cancelling(chat, ORDERS["LK-249219"])
    other = ORDERS["LK-239389"]
    chat.say(en=f"no, the other order, {other.number}", zh=f"不是这个，是 {other.number}")
    # What opened the one does not open the other.
    chat.reads("ask_proof", number=other.number)
    chat.say(other.email).reads("too_late_to_cancel_shipped", number=other.number)
    assert status_of(ORDERS["LK-249219"]) == "received"


def test_another_order_without_its_number(chat, status_of):
    cancelling(chat, ORDERS["LK-249219"])
    chat.say(en="no wait, I mean a different order", zh="换一个订单")
    chat.reads("taken_back", "ask_number")
    chat.say("LK-247876").reads("ask_proof", number="LK-247876")
    chat.say(ORDERS["LK-247876"].email).reads("confirm_cancel", number="LK-247876")
    chat.press("/deny").reads("left_as_it_is", number="LK-247876")
    assert status_of(ORDERS["LK-249219"]) == status_of(ORDERS["LK-247876"]) == "received"


def test_a_question_in_between_is_answered_and_the_form_goes_on(chat, status_of):
    order = ORDERS["LK-249219"]
    cancelling(chat, order)
    chat.say(en="By the way, how long do refunds take?", zh="对了，退款一般多久到账？")
    answer, _ = chat.replies
    assert "refund-time" in answer["sources"][0]["id"], str(chat)
    chat.reads("resume", "confirm_cancel", number=order.number)
    assert chat.payloads == ["/affirm", "/deny"]
    chat.say(en="ok then no, keep it", zh="那不取消了，保留吧")
    chat.reads("left_as_it_is", number=order.number)
    assert status_of(order) == "received"


def test_a_question_in_between_that_nothing_answers_puts_no_second_question(chat, status_of):
    order = ORDERS["LK-249219"]
    cancelling(chat, order)
    chat.say(en="do you sell pet food?", zh="你们卖宠物粮食吗？")
    if len(chat.replies) == 2:  # else it was taken for a search of products
        assert "?" not in chat.replies[0]["text"], str(chat)
        assert "？" not in chat.replies[0]["text"], str(chat)
        chat.reads("resume", "confirm_cancel", number=order.number)
    assert status_of(order) == "received"


def test_changing_over_to_another_skill(chat, status_of):
    order = ORDERS["LK-249219"]
    cancelling(chat, order)
    chat.say(en="hang on, where is my parcel right now?", zh="先帮我查一下它现在到哪了")
    chat.reads("status_received", number=order.number)
    # And back.
    chat.press("/cancel_order").reads("confirm_cancel", number=order.number)
    chat.press("/deny").reads("left_as_it_is", number=order.number)
    assert status_of(order) == "received"


# -- Who may know


def test_three_wrong_proofs_call_a_person_and_tell_nothing(demo, language, reason):
    told = []
    # One of somebody else's, and one that there is not.
    for number in ("LK-244524", "LK-944524"):
        with demo.customer(language) as customer:
            chat = Chat(customer, language)
            replies = [
                chat.say(en=f"Where's my order {number}?", zh=f"帮我查一下订单{number}到哪了"),
                chat.say("not.me@example.com"),
                chat.say(number),
                chat.say("75012"),
                chat.say(number),
                chat.say("me@example.org"),
            ]
            chat.reads("too_many_tries")
            chat.ends_with("waiting")
            assert reason() == "policy"
            told.append("\n".join(replies[-1].transcript).replace(number, "NUMBER"))
    assert told[0] == told[1]


def test_no_other_order_is_opened_after_a_proof(chat):
    mine, other = ORDERS["LK-238438"], ORDERS["LK-239389"]
    chat.say(
        en=f"where is {mine.number}, my email is {mine.email}",
        zh=f"帮我查{mine.number}到哪了，邮箱{mine.email}",
    ).reads("status_shipped", number=mine.number)
    chat.say(en=f"and where is {other.number}?", zh=f"那{other.number}呢，到哪了？")
    assert other.tracking not in chat.text
    chat.reads("ask_proof", number=other.number)


# -- Customers who are signed in


def test_a_signed_in_customer_needs_no_proof(demo, language):
    mine, other = ORDERS["LK-244524"], ORDERS["LK-240729"]
    # Two customers: one would go on with the same conversation.
    token = signed(sub=f"customer-{language}", name="Freya", email=mine.email)
    with demo.customer(language, identity=token) as customer:
        chat = Chat(customer, language)
        chat.say(en="where's my package?", zh="我的快递到哪了？")
        chat.reads("status_shipped", number=mine.number)
        # Somebody else's order wants a proof as ever.
        chat.say(en=f"and where is order {other.number}?", zh=f"那订单{other.number}到哪了？")
        chat.reads("ask_proof", number=other.number)
        assert other.tracking not in chat.text


# -- Rasa dies. Needs a tracker store that outlives its process; last, as it kills one.


def test_forms_go_on_after_rasa_was_killed(demo, eventually, status_of):
    order = ORDERS["LK-249219"]
    with demo.customer("en") as one, demo.customer("zh") as other:
        chats = [
            cancelling(Chat(customer, language), order)
            for customer, language in ((one, "en"), (other, "zh"))
        ]
        for victim in demo.processes("rasa"):
            victim.kill()
            assert eventually(lambda: not psutil.pid_exists(victim.pid), 10)  # noqa: B023
        assert eventually(demo.ready, 90)
        for chat in chats:
            chat.say(en="no, keep it please", zh="不用了，保留吧")
            chat.reads("left_as_it_is", number=order.number)
    assert status_of(order) == "received"
