"""The judge of `make fault`: it must see every kind of wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.fault.journal import Journal, Sent, Shown
from benchmarks.fault.verdict import Kind, complete, judge, judge_one


def widget(name: str = "widget 00") -> Journal:
    """Two questions, both answered; the customer was told of an outage at the second."""
    journal = Journal(name, own_seen=True)
    journal.sent = [Sent("a", "first?", "one"), Sent("b", "second?", "two")]
    journal.acknowledged = {"a": [1], "b": [3, 3]}
    journal.shown = [
        Shown(f"{name} 1", 1, "customer", "first?", client_id="a"),
        Shown(f"{name} 2", 2, "assistant", "the one", "one"),
        Shown(f"{name} 3", 3, "customer", "second?", client_id="b"),
        Shown(f"{name} 4", 4, "system", "something is broken"),
        Shown(f"{name} 5", 5, "assistant", "the two", "two", reply_to=3),
    ]
    journal.stored = list(journal.shown)
    return journal


def webhook() -> Journal:
    """The same over a webhook, which is not told the customer's own messages."""
    journal = Journal("webhook 01", own_seen=False)
    journal.sent = [Sent("a", "first?", "one"), Sent("b", "second?", "two")]
    journal.acknowledged = {"a": [None], "b": [None, None]}
    journal.shown = [
        Shown("w3", 3, "assistant", "the one", "one", reply_to="a"),
        Shown("w4", 4, "assistant", "the two", "two", reply_to="b"),
    ]
    return journal


def kinds(journal: Journal) -> set[Kind]:
    return {failure.kind for failure in judge_one(journal)}


def test_what_went_well_has_no_failures() -> None:
    assert judge([widget(), webhook()]) == []
    assert complete(widget())
    assert complete(webhook())


def _unacknowledged(journal: Journal) -> None:
    del journal.acknowledged["b"]


def _unanswered(journal: Journal) -> None:
    journal.shown.pop()


def _answered_twice(journal: Journal) -> None:
    journal.shown.append(replace(journal.shown[-1], id="again", seq=journal.shown[-1].seq + 1))


def _shown_twice(journal: Journal) -> None:
    journal.shown.append(journal.shown[-1])


def _answers_crossed(journal: Journal) -> None:
    shown = journal.shown
    shown[1], shown[-1] = replace(shown[1], source="two"), replace(shown[-1], source="one")


def _answered_by_a_stranger(journal: Journal) -> None:
    journal.shown[-1] = replace(journal.shown[-1], reply_to=77)


def _arrived_backwards(journal: Journal) -> None:
    journal.shown.reverse()


def _promise_broken(journal: Journal) -> None:
    journal.breach("the conversation did not go on")


BOTH: list[tuple[Callable[[Journal], None], Kind]] = [
    (_unacknowledged, Kind.LOST),
    (_unanswered, Kind.LOST),
    (_answered_twice, Kind.DOUBLED),
    (_shown_twice, Kind.DOUBLED),
    (_answers_crossed, Kind.MISPAIRED),
    (_answered_by_a_stranger, Kind.FOREIGN),
    (_arrived_backwards, Kind.DISORDER),
    (_promise_broken, Kind.BROKEN),
]


@pytest.mark.parametrize("make", [widget, webhook])
@pytest.mark.parametrize(("harm", "kind"), BOTH)
def test_harm_is_seen(
    make: Callable[[], Journal], harm: Callable[[Journal], None], kind: Kind
) -> None:
    journal = make()
    harm(journal)
    assert kind in kinds(journal)


def test_a_message_that_is_stored_twice_is_seen_in_the_widget() -> None:
    journal = widget()
    journal.shown.append(Shown("6", 6, "customer", "first?", client_id="a"))
    assert Kind.DOUBLED in kinds(journal)


def test_a_message_that_is_stored_twice_is_seen_over_the_webhook() -> None:
    journal = webhook()
    journal.shown[-1] = replace(journal.shown[-1], seq=5)  # so that 4 is left over
    assert Kind.DOUBLED in kinds(journal)


def test_a_message_that_is_not_stored_is_seen_over_the_webhook() -> None:
    journal = webhook()
    journal.shown = [replace(shown, seq=shown.seq - 1) for shown in journal.shown]
    assert Kind.LOST in kinds(journal)


def test_answers_in_the_wrong_order_are_seen() -> None:
    journal = webhook()
    one, two = journal.shown
    journal.shown = [replace(two, seq=3), replace(one, seq=4)]
    assert Kind.DISORDER in kinds(journal)


def test_another_number_at_the_second_acknowledgement_is_seen() -> None:
    journal = widget()
    journal.acknowledged["b"] = [3, 6]
    assert Kind.DOUBLED in kinds(journal)


def test_messages_stored_in_another_order_than_sent_are_seen() -> None:
    journal = widget()
    journal.acknowledged = {"a": [3], "b": [1]}
    assert Kind.DISORDER in kinds(journal)


def test_a_gap_is_seen() -> None:
    journal = widget()
    del journal.shown[3]
    assert Kind.LOST in kinds(journal)


def test_being_told_twice_of_one_outage_is_seen() -> None:
    journal = widget()
    journal.shown[4:4] = [replace(journal.shown[3], id="again", seq=5)]
    journal.shown[5] = replace(journal.shown[5], seq=6)
    journal.stored = None
    assert kinds(journal) == {Kind.DOUBLED}


def test_what_is_stored_must_be_what_was_shown() -> None:
    journal = widget()
    assert journal.stored
    journal.stored[1] = replace(journal.stored[1], text="another answer")
    assert Kind.BROKEN in kinds(journal)


def test_a_message_in_two_conversations_is_seen() -> None:
    one, other = widget("widget 00"), widget("widget 02")
    other.shown[1] = replace(other.shown[1], id=one.shown[1].id)
    other.stored = None
    assert {failure.kind for failure in judge([one, other])} == {Kind.FOREIGN}
