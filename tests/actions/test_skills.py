"""Each action, with stand-ins for the models."""

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import AnswerQuestion
from actions.feedback import LogFeedback
from actions.handoff import RequestHandoff
from actions.phrasing import Phrases


async def run(action, tracker):
    """The one payload that ``action`` says, and the slots that it sets."""
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker, {})
    assert len(dispatcher.messages) == 1
    return dispatcher.messages[0]["custom"], {event["name"]: event["value"] for event in events}


async def test_answer_carries_its_sources(knowledge, answering, search, tracker):
    answering.enqueue("How long?")
    payload, slots = await run(AnswerQuestion(knowledge, Phrases()), tracker("How long?"))
    assert payload["text"] == "Two days."
    assert payload["answered"] is True
    assert payload["writer"] == "fake"
    assert payload["sources"] == [
        {"id": "en/faq/shipping#time", "title": "How long?", "url": "/help", "quote": "Two days."}
    ]
    assert payload["passages"] == [{"id": "en/faq/shipping#time", "score": 0.9}]
    assert payload["quick_replies"] == []
    assert payload["latency_ms"] > 0
    assert slots == {"offered_human": False, "offer_reason": None, "unclear": None}
    assert search.queries == [("How long?", "en", 3)]


@pytest.mark.parametrize(
    ("text", "button"), [("Why?", "Talk to a person"), ("为什么", "转人工客服")]
)
async def test_what_is_not_known_offers_a_person(knowledge, search, tracker, text, button):
    search.score = 0.01
    payload, slots = await run(AnswerQuestion(knowledge, Phrases()), tracker(text, "ask_other"))
    assert payload["answered"] is False
    assert payload["reason"] == "weak_evidence"
    assert payload["sources"] == []
    assert payload["quick_replies"] == [{"title": button, "payload": "/request_human"}]
    assert slots["offered_human"] is True


async def test_what_is_near_is_offered_instead_of_guessed(knowledge, search, tracker):
    search.score = 0.35
    payload, _ = await run(AnswerQuestion(knowledge, Phrases()), tracker("Why?", "ask_other"))
    assert payload["answered"] is False
    assert payload["text"] == "I do not know.\n\nOr is it one of these?"
    assert [reply["payload"] for reply in payload["quick_replies"]] == [
        "How long?",
        "/request_human",
    ]


async def test_follow_up_is_read_with_the_question_before_it(knowledge, answering, tracker):
    answering.enqueue("How long is delivery?\nand to Norway?")
    before = (("How long is delivery?", "ask_shipping"),)
    payload, _ = await run(
        AnswerQuestion(knowledge, Phrases()), tracker("and to Norway?", before=before)
    )
    assert payload["answered"] is True
    assert payload["question"] == "How long is delivery?\nand to Norway?"


async def test_what_may_be_complete_is_read_alone_first(knowledge, answering, search, tracker):
    answering.enqueue("How long does it take?", "Is repair free?\nHow long does it take?")
    before = (("Is repair free?", "ask_warranty"),)
    payload, _ = await run(
        AnswerQuestion(knowledge, Phrases()), tracker("How long does it take?", before=before)
    )
    assert payload["question"] == "How long does it take?"
    assert len(search.queries) == 1


async def test_new_subject_is_not_answered_about_the_old_one(knowledge, answering, tracker):
    answering.enqueue("How long is delivery?\nDo you sell kayaks?")
    before = (("How long is delivery?", "ask_shipping"),)
    payload, _ = await run(
        AnswerQuestion(knowledge, Phrases()), tracker("Do you sell kayaks?", before=before)
    )
    assert payload["answered"] is False
    assert payload["question"] == "Do you sell kayaks?"


@pytest.mark.parametrize(
    ("intent", "reason"),
    [
        ("request_human", "customer_request"),
        ("complain", "frustration"),
        ("affirm", "missing_knowledge"),
    ],
)
@pytest.mark.parametrize(("text", "language"), [("please", "en"), ("麻烦了", "zh")])
async def test_handoff_says_why(tracker, intent, reason, text, language):
    payload, slots = await run(RequestHandoff(), tracker(text, intent))
    assert (payload["type"], payload["reason"], payload["language"]) == (
        "handoff",
        reason,
        language,
    )
    assert payload["text"]
    assert slots == {"offered_human": False, "offer_reason": None}


@pytest.mark.parametrize(("intent", "value"), [("rate_good", 1), ("rate_bad", -1)])
async def test_feedback_has_a_value(tracker, intent, value):
    payload, slots = await run(LogFeedback(), tracker("有用吗", intent))
    assert (payload["type"], payload["value"], payload["language"]) == ("feedback", value, "zh")
    assert slots == {"offered_human": value == -1}
