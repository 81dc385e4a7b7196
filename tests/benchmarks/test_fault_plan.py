"""The plan of `make fault`."""

from collections import Counter

import pytest

from benchmarks.fault.plan import Again, Phase, make_plan

VICTIMS = ("gateway", "rasa", "actions", "postgres")


def plan(seed: int) -> list[Phase]:
    return make_plan(seed, rounds=10, victims=VICTIMS, customers=50, messages=20)


def test_the_same_seed_gives_the_same_plan() -> None:
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_every_process_is_killed_in_every_round() -> None:
    phases = plan(1)
    for number in range(1, 11):
        assert sorted(p.kills[0].victim for p in phases if p.round == number) == sorted(VICTIMS)
    assert any(len(phase.kills) == 2 for phase in phases)


def test_every_customer_writes_all_messages_and_a_tenth_comes_again() -> None:
    writes = [write for phase in plan(1) for write in phase.writes]
    assert Counter(write.customer for write in writes) == dict.fromkeys(range(50), 20)
    again = Counter(write.again for write in writes)
    assert set(again) == set(Again)
    assert 0.07 < 1 - again[Again.NO] / len(writes) < 0.13


def test_a_number_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 or more of each"):
        make_plan(1, rounds=0, victims=VICTIMS, customers=1, messages=1)
