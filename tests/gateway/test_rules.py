"""The decisions of a conversation, without a server."""

from datetime import UTC, datetime
from functools import partial
from itertools import product

import pytest

from gateway.commands import as_plain_text
from gateway.conversation import Outcome, Route, conclude, route
from gateway.replies import Reply
from gateway.texts import (
    REQUEST_HUMAN,
    RETURN_TO_ASSISTANT,
    WITHDRAW,
    back_with_assistant,
    contact_left,
    failed,
    files_kept,
    handed_over,
    out_of_order,
    page_language,
    still_waiting,
    withdrawn,
)
from store.records import MessageRecord, NewMessage
from store.status import TRANSITIONS, Author, HandoffReason, InboundState, Status

SAID = Reply(NewMessage(Author.ASSISTANT, "Two days.", "en"))
HANDOFF = Reply(NewMessage(Author.ASSISTANT, "One moment.", "en"), HandoffReason.POLICY)


def asked(command: str | None = None, language: str = "en", text: str = "Hello") -> MessageRecord:
    """A message of a customer."""
    return MessageRecord(
        id="m",
        conversation_id="c",
        seq=1,
        author=Author.CUSTOMER,
        text=text,
        language=language,
        at=datetime.now(UTC),
        client_id="a",
        command=command,
        state=InboundState.PENDING,
        reply_to=None,
        sources=(),
        quick_replies=(),
        rateable=False,
        rating=None,
    )


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
        ("bot", WITHDRAW, Route.WITHDRAW),
        ("waiting", WITHDRAW, Route.LEAVE),
        ("human", WITHDRAW, Route.LEAVE),
        ("closed", WITHDRAW, Route.WITHDRAW),
        ("closed", None, Route.ASK),
        ("closed", REQUEST_HUMAN, Route.ASK),
        ("closed", RETURN_TO_ASSISTANT, Route.RETURN),
    ],
)
def test_the_route(status: str, command: str | None, expected: Route) -> None:
    assert route(Status(status), asked(command)) is expected


def test_a_reply_is_given_as_it_is() -> None:
    outcome = conclude(Status.BOT, asked(), [SAID, SAID])
    assert outcome == Outcome(InboundState.ANSWERED, (SAID, SAID))


def test_the_assistant_is_asked_first() -> None:
    assert conclude(Status.BOT, asked(), None) is None
    assert conclude(Status.CLOSED, asked(REQUEST_HUMAN), None) is None


def test_a_handoff_makes_it_wait() -> None:
    assert conclude(Status.BOT, asked(), [SAID, HANDOFF]) == Outcome(
        InboundState.ANSWERED,
        (SAID, HANDOFF),
        status=Status.WAITING,
        handoff=HandoffReason.POLICY,
        earlier=InboundState.PASSED,
    )


def test_a_closed_conversation_is_opened_by_a_reply() -> None:
    outcome = conclude(Status.CLOSED, asked(), [SAID])
    assert outcome is not None
    assert outcome.status is Status.BOT
    failed = conclude(Status.CLOSED, asked(), [])
    assert failed is not None
    assert failed.status is Status.BOT


def test_a_failure_is_told() -> None:
    assert conclude(Status.BOT, asked(language="zh"), []) == Outcome(
        InboundState.FAILED, (Reply(failed("zh")),)
    )


def test_a_person_can_be_had_when_the_assistant_fails() -> None:
    assert conclude(Status.BOT, asked(REQUEST_HUMAN), []) == Outcome(
        InboundState.ANSWERED,
        (Reply(handed_over("en")),),
        status=Status.WAITING,
        handoff=HandoffReason.CUSTOMER_REQUEST,
        earlier=InboundState.PASSED,
    )


def test_what_is_no_longer_wanted_is_withdrawn() -> None:
    assert conclude(Status.BOT, asked(WITHDRAW), None) == Outcome(
        InboundState.ANSWERED, (Reply(withdrawn("en")),), earlier=InboundState.WITHDRAWN
    )


def test_files_without_a_word_are_not_for_the_assistant() -> None:
    outcome = conclude(Status.BOT, asked(text=" ", language="zh"), None)
    assert outcome == Outcome(InboundState.ANSWERED, (Reply(files_kept("zh")),))
    assert conclude(Status.HUMAN, asked(text=""), None) == Outcome(InboundState.PASSED)


@pytest.mark.parametrize("replies", [None, [], [SAID], [HANDOFF]])
def test_nothing_is_said_while_a_person_has_it(replies: list[Reply] | None) -> None:
    assert conclude(Status.HUMAN, asked(), replies) == Outcome(InboundState.PASSED)
    assert conclude(Status.WAITING, asked(), replies) == Outcome(
        InboundState.PASSED, notice=still_waiting("en")
    )


@pytest.mark.parametrize("status", [Status.WAITING, Status.CLOSED, Status.BOT])
def test_going_back_to_the_assistant(status: Status) -> None:
    assert conclude(status, asked(RETURN_TO_ASSISTANT), None) == Outcome(
        InboundState.ANSWERED,
        (Reply(back_with_assistant("en")),),
        status=None if status is Status.BOT else Status.BOT,
    )


@pytest.mark.parametrize(
    ("status", "command", "replies"),
    list(
        product(
            Status,
            [None, REQUEST_HUMAN, RETURN_TO_ASSISTANT, WITHDRAW, "/other"],
            [None, [], [SAID], [HANDOFF], [HANDOFF, SAID, HANDOFF]],
        )
    ),
)
def test_every_outcome_is_legal(
    status: Status, command: str | None, replies: list[Reply] | None
) -> None:
    outcome = conclude(status, asked(command), replies)
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
    for make in (
        out_of_order,
        failed,
        withdrawn,
        files_kept,
        handed_over,
        still_waiting,
        back_with_assistant,
        partial(contact_left, email="a@shop.example"),
    ):
        english, chinese = make("en"), make("zh")
        assert (english.language, chinese.language) == ("en", "zh")
        assert english.text.isascii()
        assert not chinese.text.isascii()
        assert [q.payload for q in english.quick_replies] == [
            q.payload for q in chinese.quick_replies
        ]
