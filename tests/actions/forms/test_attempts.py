"""Wrong proofs are counted by order, over all conversations."""

from actions.forms import attempts as module
from actions.forms.attempts import Attempts


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_order_is_closed_after_so_many_and_opened_after_so_long() -> None:
    clock = Clock()
    attempts = Attempts(most=3, seconds=60, clock=clock)
    for second in range(3):
        assert not attempts.closed("LK-1001")
        clock.now = float(second)
        attempts.wrong("LK-1001")
    assert attempts.closed("LK-1001")
    assert not attempts.closed("LK-1002")
    clock.now = 60.5
    assert not attempts.closed("LK-1001")


def test_who_goes_on_guessing_keeps_it_closed() -> None:
    clock = Clock()
    attempts = Attempts(most=3, seconds=60, clock=clock)
    for second in range(0, 200, 10):
        clock.now = float(second)
        attempts.wrong("LK-1001")
    assert attempts.closed("LK-1001")


def test_another_way_to_write_the_number_is_no_new_order() -> None:
    attempts = Attempts(most=2, clock=Clock())
    attempts.wrong("lk 1001")
    attempts.wrong("#1001")
    assert attempts.closed("LK-1001")


def test_only_so_many_orders_are_remembered(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "_MOST_ORDERS", 3)
    attempts = Attempts(most=1, clock=Clock())
    for number in ("1001", "1002", "1003", "1004"):
        attempts.wrong(number)
    assert not attempts.closed("1001")
    assert attempts.closed("1004")
