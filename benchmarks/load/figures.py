"""From moments to medians."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.load.proxy import Passage
from benchmarks.load.talk import Talk, Turn
from evaluation.questions import percentile

STAGES = ("in", "queue", "rasa", "out")
"""``in``: from sending to the acknowledgement, in the store; ``queue``: until Rasa is asked;
``rasa``: Rasa with its action; ``out``: storing and sending the answer."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Where the time of one message went, in milliseconds."""

    parts: Mapping[str, float]

    @property
    def whole(self) -> float:
        """What the customer waits for."""
        return sum(self.parts.values())

    @property
    def own(self) -> float:
        """The gateway's share: all but Rasa's."""
        return self.whole - self.parts["rasa"]


def stages(turn: Turn, passage: Passage) -> Stages:
    """Take a turn apart. Rasa may have been asked before the acknowledgement was read: then the
    queue took no time, and the acknowledgement was overlapped."""
    accepted = min(turn.acknowledged, passage.asked)
    moments = (turn.sent, accepted, passage.asked, passage.answered, turn.answered)
    return Stages(
        {
            stage: (after - before) * 1000
            for stage, before, after in zip(STAGES, moments[:-1], moments[1:], strict=True)
        }
    )


def summary(talks: list[Talk], passages: Mapping[str, Passage] | None) -> dict[str, object]:
    """The figures of one way of talking, over its rounds; times in milliseconds."""
    turns = [turn for talk in talks for turn in talk.turns]
    rates = [talk.throughput for talk in talks]
    found: dict[str, object] = {
        "messages": len(turns),
        "per_second": round(statistics.median(rates), 1),
        "per_second_by_round": [round(rate, 1) for rate in rates],
        "whole_ms": _spread((turn.answered - turn.sent) * 1000 for turn in turns),
    }
    if passages is not None:
        apart = [stages(turn, passages[turn.message_id]) for turn in turns]
        found["stages_ms"] = {stage: _spread(s.parts[stage] for s in apart) for stage in STAGES}
        found["own_ms"] = _spread(s.own for s in apart)
    return found


def _spread(values: Iterable[float]) -> dict[str, float]:
    kept = list(values)
    return {"p50": round(percentile(kept, 0.5), 1), "p95": round(percentile(kept, 0.95), 1)}
