"""A picture of the figures."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.load.figures import STAGES

_WAYS = {
    "rasa": "Rasa alone,\nempty action",
    "gateway": "whole system,\nempty action",
    "whole": "whole system,\nreal actions",
}
_NAMES = {"in": "accept and store", "queue": "queue", "rasa": "Rasa with its action",
          "out": "store and send"}  # fmt: skip
_COLOURS = {"in": "#4477aa", "queue": "#ccbb44", "rasa": "#bbbbbb", "out": "#66ccee"}


def plot(figures: dict[str, Any], path: Path) -> None:
    """Draw throughput by round, and where the time of a message goes, into a PNG."""
    picture = Figure(figsize=(9, 3.8), layout="constrained")
    rates, times = picture.subplots(1, 2, width_ratios=(2, 3))
    ways = figures["ways"]
    for place, way in enumerate(_WAYS):
        found = ways[way]
        rates.bar(place, found["per_second"], color="#bbbbbb" if way == "rasa" else "#4477aa")
        by_round = found["per_second_by_round"]
        rates.plot([place] * len(by_round), by_round, "k.", markersize=4)
        rates.text(place, 0.5, f"{found['per_second']:g}", ha="center", color="white")
        left = 0.0
        parts = found.get("stages_ms") or {"rasa": found["whole_ms"]}
        for stage in STAGES:
            if stage not in parts:
                continue
            width = parts[stage]["p50"]
            times.barh(place, width, left=left, color=_COLOURS[stage])
            left += width
        times.plot([found["whole_ms"]["p95"]], [place], "k|", markersize=14)
    rates.set_xticks(range(len(_WAYS)), list(_WAYS.values()), fontsize=8)
    rates.set_ylabel("messages a second (dots: rounds)")
    times.set_yticks(range(len(_WAYS)), list(_WAYS.values()), fontsize=8)
    times.invert_yaxis()
    times.set_xlabel("ms a message: medians of the stages; | the 95th percentile")
    for stage in STAGES:
        times.barh(0, 0, color=_COLOURS[stage], label=_NAMES[stage])
    picture.legend(fontsize=8, loc="outside lower center", ncols=len(STAGES))
    picture.suptitle(
        f"{figures['talking']} conversations talking, {figures['idle']} idle sockets beside, "
        f"{figures['processors']} cores",
        fontsize=10,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, dpi=110)
