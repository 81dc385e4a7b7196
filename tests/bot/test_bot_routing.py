"""Messages to the real Rasa: what it makes of them, and whom it answers."""

from typing import Any
from uuid import uuid4

import pytest

# The first of these tests waits for Rasa to be trained, where it is not, and to start.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ANSWER, HANDOFF, FEEDBACK, CALM = (
    "action_answer_question",
    "action_request_handoff",
    "action_log_feedback",
    "action_calm",
)
STATUS, RETURN, CANCEL, ADDRESS, PRODUCT = (
    f"validate_{form}_form"
    for form in ("order_status", "return", "cancel_order", "change_address", "product")
)

# Written apart from the training data, by its topics alone. What is no action is a response of the
# domain's.
ENGLISH = {
    "Hello, good evening to you all": "utter_greet",
    "ok then, see you another time": "utter_goodbye",
    "Thank you ever so much for sorting that out": "utter_welcome",
    "hang on, am I writing with a machine or a human being?": "utter_bot_challenge",
    "So what exactly can you help people with?": "utter_capabilities",
    "I'd like a real person to deal with this please": HANDOFF,
    "could you put me in touch with one of your colleagues": HANDOFF,
    "your service is a disgrace, I have never been treated this badly": CALM,
    "can I still call off the order I placed an hour ago": CANCEL,
    "I moved last week, my parcel has to go to the new flat": ADDRESS,
    "which sleeping bag would you recommend for spring nights": PRODUCT,
    "have you got the Ember flask in stock right now": PRODUCT,
    "That explanation was really helpful": FEEDBACK,
    "you completely misread my question, that reply was useless": FEEDBACK,
    "My package should have been here on Monday but nothing came": STATUS,
    "what would postage to Finland set me back?": ANSWER,
    "I bought the wrong size trousers and want to swap them": RETURN,
    "one of the poles of my Heron 2 cracked in a storm, do you replace those?": ANSWER,
    "is it possible to settle up with Klarna": ANSWER,
    "please tell me which personal details of mine you keep": ANSWER,
    "the site says my password is wrong though I just set it": ANSWER,
    "my sister gave me one of your gift cards, until when can I spend it": ANSWER,
    "do purchases earn points and what are they good for": ANSWER,
    "may the Mossback bag go into the washing machine": ANSWER,
    "can I drop by your place on a Thursday night": ANSWER,
    "how many moons does Jupiter have": ANSWER,
}
CHINESE = {
    "哈喽，下午好呀": "utter_greet",
    "那我先忙别的去了，再见啦": "utter_goodbye",
    "真是太感谢你的帮忙了": "utter_welcome",
    "跟我聊天的到底是人还是机器人啊": "utter_bot_challenge",
    "请问你能帮我做些什么事情": "utter_capabilities",
    "别让机器人回了，给我转个人工客服": HANDOFF,
    "我要找你们的真人客服说": HANDOFF,
    "你们这服务也太差了，我要投诉": CALM,
    "一小时前下的单还能取消吗": CANCEL,
    "我搬家了，包裹麻烦改寄到新地址": ADDRESS,
    "春天露营推荐哪款睡袋": PRODUCT,
    "Ember 保温瓶现在有现货吗": PRODUCT,
    "你回答得真清楚，很满意": FEEDBACK,
    "你根本没回答我的问题，没用": FEEDBACK,
    "说好周一送到的包裹到现在都没收到": STATUS,
    "请问寄到芬兰的运费是多少": ANSWER,
    "裤子买错码了，想换大一号的": RETURN,
    "帐篷用了两年杆子断了，还在保修期吗": ANSWER,
    "请问能不能用支付宝结账": ANSWER,
    "你们都保存了我哪些个人资料": ANSWER,
    "我刚改完密码，可是还是登录不了": ANSWER,
    "姐姐送我的礼品卡什么时候到期": ANSWER,
    "买东西攒的积分可以用来干什么": ANSWER,
    "Mossback 睡袋能放洗衣机里洗吗": ANSWER,
    "星期四晚上可以去你们店里逛吗": ANSWER,
    "木星一共有多少颗卫星": ANSWER,
}


@pytest.fixture
def conversation() -> str:
    """A conversation that nobody had before."""
    return uuid4().hex


def done(reply: dict[str, Any]) -> str:
    """Which action made ``reply``, or the text that a fixed response said."""
    said = reply.get("custom", {}).get("action") or reply["text"]
    assert isinstance(said, str)
    return said


def expected_of(action: str, language: str, responses: dict[str, Any]) -> set[str]:
    """What :func:`done` may give for ``action``."""
    if not action.startswith("utter_"):
        return {action}
    wanted = "zh" if language == "zh" else None
    return {
        entry["text"]
        for entry in responses[action]
        if entry.get("condition", [{}])[0].get("value") == wanted
    }


@pytest.mark.parametrize(("message", "action"), ENGLISH.items())
def test_english_goes_where_it_should(
    answering: Any, conversation: str, responses: dict[str, Any], message: str, action: str
) -> None:
    reply = answering.say(message, conversation, page="zh")
    assert done(reply) in expected_of(action, "en", responses)
    assert reply.get("custom", {}).get("language", "en") == "en"


@pytest.mark.parametrize(("message", "action"), CHINESE.items())
def test_chinese_goes_where_it_should(
    answering: Any, conversation: str, responses: dict[str, Any], message: str, action: str
) -> None:
    reply = answering.say(message, conversation, page="en")
    assert done(reply) in expected_of(action, "zh", responses)
    assert reply.get("custom", {}).get("language", "zh") == "zh"


def test_the_language_follows_the_customer_through_the_conversation(
    answering: Any, conversation: str, responses: dict[str, Any]
) -> None:
    def language_of(text: str) -> str:
        reply = answering.say(text, conversation, page="en")
        return str(reply["custom"]["language"])

    assert language_of("怎么退货") == "zh"
    # An order number says nothing about the language: the conversation's stands, not the page's.
    assert language_of("LK-204518") == "zh"
    assert language_of("how do I return this") == "en"
    assert language_of("LK-204518") == "en"


def test_a_form_takes_every_message_until_it_ends(answering: Any, conversation: str) -> None:
    assert done(answering.say("where is my order", conversation)) == STATUS
    for text in ("how long does delivery take", "hello", "zxqv blorp", "I want a person"):
        assert done(answering.say(text, conversation)) == STATUS
    answering.actions.asking = None
    assert done(answering.say("LK-204518", conversation)) == STATUS
    assert done(answering.say("how long does delivery take", conversation)) == ANSWER


def test_a_form_gives_way_to_another(answering: Any, conversation: str) -> None:
    answering.say("where is my order", conversation)
    answering.actions.asking, answering.actions.then = None, "cancel_order_form"
    body = {"sender": conversation, "message": "no, cancel it", "metadata": {"language": "en"}}
    said = answering.post(body).raise_for_status().json()
    assert [done(reply) for reply in said] == [STATUS, CANCEL]


def test_a_button_starts_a_form(answering: Any, conversation: str) -> None:
    assert done(answering.say("/return_item", conversation, page="zh")) == RETURN


def test_a_second_complaint_goes_to_a_person(answering: Any, conversation: str) -> None:
    answering.actions.answered = False
    answering.say("do you have a left-handed spirit level", conversation)
    said = answering.say("your service is a disgrace, I am really angry now", conversation)
    assert done(said) == HANDOFF


def test_an_order_number_out_of_nowhere_is_a_detail(answering: Any, conversation: str) -> None:
    said = answering.say("my order number is LK-204518", conversation)
    assert done(said) in ("action_take_detail", STATUS)


def test_what_is_no_known_intent_goes_to_the_knowledge_base(
    answering: Any, conversation: str
) -> None:
    reply = answering.say("zxqv blorp wibble", conversation)
    assert reply["custom"]["action"] == ANSWER
    assert reply["custom"]["intent"] == "nlu_fallback"


@pytest.mark.parametrize(("yes", "no"), [("yes please", "no thanks"), ("好的", "不用了")])
def test_yes_accepts_a_person_only_after_one_was_offered(
    answering: Any, conversation: str, responses: dict[str, Any], yes: str, no: str
) -> None:
    language = "zh" if yes == "好的" else "en"
    more = expected_of("utter_ask_more", language, responses)
    assert done(answering.say(yes, conversation)) in more

    answering.actions.answered = False
    answering.say("do you have a left-handed spirit level", conversation)
    assert done(answering.say(yes, conversation)) == HANDOFF

    answering.actions.answered = True
    answering.say("how long does delivery take", conversation)
    assert done(answering.say(yes, conversation)) in more
    assert done(answering.say(no, conversation)) in more


@pytest.mark.parametrize("between", ["thanks", "no thanks", "hello"])
def test_an_offer_is_over_once_the_talk_has_moved_on(
    answering: Any, conversation: str, responses: dict[str, Any], between: str
) -> None:
    answering.actions.answered = False
    answering.say("do you have a left-handed spirit level", conversation)
    answering.say(between, conversation)
    more = expected_of("utter_ask_more", "en", responses)
    assert done(answering.say("yes", conversation)) in more


def test_a_pressed_button_asks_for_a_person_in_the_language_of_the_page(
    answering: Any, conversation: str
) -> None:
    reply = answering.say("/request_human", conversation, page="zh")
    assert reply["custom"] == {
        "action": HANDOFF,
        "intent": "request_human",
        "language": "zh",
    }


def test_a_greeting_offers_questions_and_a_person(answering: Any, conversation: str) -> None:
    buttons = answering.say("hello", conversation)["buttons"]
    assert buttons[-1] == {"title": "Talk to a person", "payload": "/request_human"}
    for button in buttons[:-1]:
        reply = answering.say(button["payload"], conversation)
        assert reply["custom"]["action"] == ANSWER


def test_the_action_server_is_asked_with_its_token(
    answering: Any, conversation: str, action_token: str
) -> None:
    answering.say("how long does delivery take", conversation)
    assert answering.actions.paths == [f"/webhook?token={action_token}"]


def test_a_long_conversation_stays_short_in_memory(answering: Any, conversation: str) -> None:
    answering.actions.answered = False
    for turn in range(26):
        answering.say(f"怎么退货 {turn}", conversation)
    tracker = answering.actions.calls[-1]["tracker"]
    said = [event["text"] for event in tracker["events"] if event["event"] == "user"]
    assert said[-2:] == ["怎么退货 24", "怎么退货 25"]
    assert len(said) < 26
    assert tracker["slots"]["language"] == "zh"
    assert tracker["slots"]["offered_human"] is True


@pytest.mark.parametrize(
    "token", [None, "wrong", "the-token-of-this-tes", "the-token-of-this-test2"]
)
def test_a_caller_without_the_token_is_refused(answering: Any, token: str | None) -> None:
    answer = answering.post({"sender": "someone", "message": "what is the price"}, token=token)
    assert answer.status_code == 401
    assert answering.actions.calls == []


@pytest.mark.parametrize(
    "body",
    [
        {"message": "hi"},
        {"sender": "", "message": "hi"},
        {"sender": "someone"},
        {"sender": "someone", "message": "  "},
        {"sender": 7, "message": "hi"},
        {"sender": "someone", "message": "hi", "metadata": "en"},
        {"sender": "someone", "message": "hi", "metadata": {"message_id": 7}},
        {"sender": "someone", "message": "hi", "metadata": {"message_id": ""}},
        ["hi"],
    ],
)
def test_an_incomplete_message_is_refused(answering: Any, body: Any) -> None:
    assert answering.post(body).status_code == 400


def test_no_other_channel_is_open(answering: Any, rest_statuses: dict[str, int]) -> None:
    assert rest_statuses == {"/webhooks/rest/webhook": 404, "/webhooks/shopdesk/ready": 401}
