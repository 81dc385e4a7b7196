"""The decisions of a conversation, without a server."""

from itertools import product

import pytest

from gateway.commands import as_plain_text
from gateway.conversation import Outcome, Route, conclude, route
from gateway.replies import Reply
from gateway.texts import (
    REQUEST_HUMAN,
    RETURN_TO_ASSISTANT,
    back_with_assistant,
    handed_over,
    page_language,
    still_waiting,
    unavailable,
)
from store.records import NewMessage
from store.status import TRANSITIONS, Author, HandoffReason, InboundState, Status

SAID = Reply(NewMessage(Author.ASSISTANT, "Two days.", "en"))
HANDOFF = Reply(NewMessage(Author.ASSISTANT, "One moment.", "en"), HandoffReason.POLICY)


@pytest.mark.parametrize(
    ("status", "command", "expected"),
    [
        ("bot", None, Route.ASK),
        ("bot", REQUEST_HUMAN, Route.ASK),
        ("bot", RETURN_TO_ASSISTANT, Route.RETURN),
        ("waiting", None, Route.LEAVE),
        ("waiting", REQUEST_HUMAN, Route.CONFIRM),
        ("waiting", RETURN_TO_ASSISTANT, Route.RETURN),
        ("waiting", "/ask_shipping", Route.LEAVE),
        ("human", None, Route.LEAVE),
        ("human", REQUEST_HUMAN, Route.LEAVE),
        ("human", RETURN_TO_ASSISTANT, Route.LEAVE),
        ("closed", None, Route.ASK),
        ("closed", REQUEST_HUMAN, Route.ASK),
        ("closed", RETURN_TO_ASSISTANT, Route.RETURN),
    ],
)
def test_the_route(status: str, command: str | None, expected: Route) -> None:
    assert route(Status(status), command) is expected


def test_a_reply_is_given_as_it_is() -> None:
    outcome = conclude(Status.BOT, None, "en", [SAID, SAID])
    assert outcome == Outcome(InboundState.ANSWERED, (SAID, SAID))


def test_the_assistant_is_asked_first() -> None:
    assert conclude(Status.BOT, None, "en", None) is None
    assert conclude(Status.CLOSED, REQUEST_HUMAN, "en", None) is None


def test_a_handoff_makes_it_wait() -> None:
    assert conclude(Status.BOT, None, "en", [SAID, HANDOFF]) == Outcome(
        InboundState.ANSWERED, (SAID, HANDOFF), status=Status.WAITING, handoff=HandoffReason.POLICY
    )


def test_a_closed_conversation_is_opened_by_a_reply() -> None:
    outcome = conclude(Status.CLOSED, None, "en", [SAID])
    assert outcome is not None
    assert outcome.status is Status.BOT
    failed = conclude(Status.CLOSED, None, "en", [])
    assert failed is not None
    assert failed.status is Status.BOT


def test_a_failure_is_told() -> None:
    assert conclude(Status.BOT, None, "zh", []) == Outcome(
        InboundState.FAILED, (Reply(unavailable("zh")),)
    )


def test_a_person_can_be_had_when_the_assistant_fails() -> None:
    assert conclude(Status.BOT, REQUEST_HUMAN, "en", []) == Outcome(
        InboundState.ANSWERED,
        (Reply(handed_over("en")),),
        status=Status.WAITING,
        handoff=HandoffReason.CUSTOMER_REQUEST,
    )


@pytest.mark.parametrize("replies", [None, [], [SAID], [HANDOFF]])
def test_nothing_is_said_while_a_person_has_it(replies: list[Reply] | None) -> None:
    assert conclude(Status.HUMAN, None, "en", replies) == Outcome(InboundState.PASSED)
    assert conclude(Status.WAITING, None, "en", replies) == Outcome(
        InboundState.PASSED, notice=still_waiting("en")
    )


@pytest.mark.parametrize("status", [Status.WAITING, Status.CLOSED, Status.BOT])
def test_going_back_to_the_assistant(status: Status) -> None:
    assert conclude(status, RETURN_TO_ASSISTANT, "en", None) == Outcome(
        InboundState.ANSWERED,
        (Reply(back_with_assistant("en")),),
        status=None if status is Status.BOT else Status.BOT,
    )


@pytest.mark.parametrize(
    ("status", "command", "replies"),
    list(
        product(
            Status,
            [None, REQUEST_HUMAN, RETURN_TO_ASSISTANT, "/other"],
            [None, [], [SAID], [HANDOFF], [HANDOFF, SAID, HANDOFF]],
        )
    ),
)
def test_every_outcome_is_legal(
    status: Status, command: str | None, replies: list[Reply] | None
) -> None:
    outcome = conclude(status, command, "en", replies)
    if outcome is None:
        assert replies is None
        return
    assert outcome.status is None or outcome.status in TRANSITIONS[status]
    assert (outcome.handoff is None) == (outcome.status is not Status.WAITING)
    assert outcome.state is not InboundState.PENDING


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("How long?", "How long?"),
        ("  and/or  ", "and/or"),
        ("/restart", "restart"),
        ('/deny{"slot": "x"}', 'deny{"slot": "x"}'),
        ("\n\t /\u3000/ \x1c/ restart", "restart"),
        ("/", "?"),
        (" // ", "?"),
        ("1/2", "1/2"),
        ("／restart", "／restart"),
    ],
)
def test_words_are_never_a_command(typed: str, asked: str) -> None:
    assert as_plain_text(typed) == asked
    assert not as_plain_text(typed).strip().startswith("/")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("zh", "zh"), ("zh-CN", "zh"), ("ZH-Hant", "zh"), ("de", "en"), ("", "en")],
)
def test_the_language_of_a_page(tag: str, language: str) -> None:
    assert page_language(tag) == language


def test_every_text_is_there_in_both_languages() -> None:
    for make in (unavailable, handed_over, still_waiting, back_with_assistant):
        english, chinese = make("en"), make("zh")
        assert (english.language, chinese.language) == ("en", "zh")
        assert english.text.isascii()
        assert not chinese.text.isascii()
        assert [q.payload for q in english.quick_replies] == [
            q.payload for q in chinese.quick_replies
        ]
