"""Who writes when, what is sent twice, who is killed when: all chosen by one seed."""

import random
from dataclasses import dataclass
from enum import StrEnum

DUPLICATED = 0.1
"""Of the messages, how many are delivered once more."""
SHORTLY_BEFORE = 0.6
"""Of the messages, how many are sent within two seconds of a kill; the rest in the outage."""
AT_ONCE = 0.15
"""Of the kills, how many are followed by another before the system has recovered."""


class Again(StrEnum):
    """How a message is delivered once more."""

    NO = "no"
    AT_ONCE = "at once"
    ELSEWHERE = "at once, over another connection"
    LATER = "some phases later"


@dataclass(frozen=True, slots=True)
class Write:
    """A customer writes the next message, ``after`` seconds into the phase."""

    customer: int
    after: float
    again: Again = Again.NO


@dataclass(frozen=True, slots=True)
class Kill:
    """A process is killed ``after`` seconds into the phase.

    Attributes:
        down: seconds until it is started again, where nobody else does that: PostgreSQL.
    """

    victim: str
    after: float
    down: float


@dataclass(frozen=True, slots=True)
class Phase:
    """The messages around a kill. The next begins when the system is ready again, and ``rest``
    seconds later."""

    round: int
    kills: tuple[Kill, ...]
    writes: tuple[Write, ...]
    rest: float


def make_plan(
    seed: int, *, rounds: int, victims: tuple[str, ...], customers: int, messages: int
) -> list[Phase]:
    """Phases in which each of ``customers`` writes ``messages``, and in each round each of
    ``victims`` is killed, in a random order.

    Raises:
        ValueError: a number is below 1.
    """
    if min(rounds, customers, messages, len(victims)) < 1:
        raise ValueError(
            f"rounds={rounds}, customers={customers}, messages={messages}, "
            f"victims={victims}; expected 1 or more of each"
        )
    choose = random.Random(seed)
    order = [victim for _ in range(rounds) for victim in choose.sample(victims, len(victims))]
    # Each customer's messages fall into random phases; in a phase that has several, they come in
    # quick succession, and the later ones wait behind the first.
    writers: list[list[int]] = [[] for _ in order]
    for customer in range(customers):
        for _ in range(messages):
            choose.choice(writers).append(customer)
    phases = []
    for number, victim in enumerate(order):
        kills = [Kill(victim, choose.uniform(0.2, 2.0), choose.uniform(0.5, 4.0))]
        others = [other for other in victims if other != victim]
        if others and choose.random() < AT_ONCE:
            after = kills[0].after + choose.uniform(0, 3)
            kills.append(Kill(choose.choice(others), after, choose.uniform(0.5, 4.0)))
        phases.append(
            Phase(
                round=number // len(victims) + 1,
                kills=tuple(kills),
                writes=tuple(sorted(_writes(writers[number], choose), key=lambda w: w.after)),
                rest=choose.uniform(0, 2),
            )
        )
    return phases


def _writes(writers: list[int], choose: random.Random) -> list[Write]:
    writes = []
    for customer in writers:
        near = choose.random() < SHORTLY_BEFORE
        after = choose.uniform(0, 2) if near else choose.uniform(2, 10)
        again = Again.NO
        if choose.random() < DUPLICATED:
            again = choose.choice((Again.AT_ONCE, Again.ELSEWHERE, Again.LATER))
        writes.append(Write(customer, after, again))
    return writes
