"""What each threshold of the intent model costs, drawn from cross-validated predictions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.intents import Prediction


def draw(predictions: Sequence[Prediction], threshold: float, file: Path) -> None:
    """Draw, for each language, how many messages stay below a threshold, and what they were.

    A message below the threshold is not acted upon. A right one that stays below costs the
    customer a question back; a wrong one above it does the wrong thing.

    Args:
        predictions: of messages that the model was not trained on.
        threshold: the shipped one, drawn as a line.
        file: written as PNG; matplotlib is a development dependency.
    """
    from matplotlib.figure import Figure

    languages = sorted({p.message.language for p in predictions})
    steps = np.linspace(0, 1, 101)
    figure = Figure(figsize=(5 * len(languages), 7), layout="constrained")
    axes = figure.subplots(2, len(languages), squeeze=False)
    for column, language in enumerate(languages):
        ours = [p for p in predictions if p.message.language == language]
        sure = np.array([p.confidence for p in ours])
        right = np.array([p.right for p in ours])
        above = np.array([sure >= step for step in steps])
        cost, reliable = axes[0][column], axes[1][column]
        cost.plot(steps, (above & ~right).mean(axis=1), label="acted upon wrongly")
        cost.plot(steps, (~above & right).mean(axis=1), label="right, but asked back")
        cost.plot(steps, (~above & ~right).mean(axis=1), label="wrong, and asked back")
        cost.axvline(threshold, color="grey", linestyle=":", label=f"shipped: {threshold}")
        cost.set(title=f"{language}: what a threshold costs", xlabel="threshold")
        cost.set(ylabel="share of messages", ylim=(0, 0.2))
        cost.legend()
        bins = np.minimum((sure * 10).astype(int), 9)
        kept = [i for i in range(10) if (bins == i).any()]
        reliable.plot([0, 1], [0, 1], color="grey", linestyle=":")
        mean = [sure[bins == i].mean() for i in kept]
        reliable.plot(mean, [right[bins == i].mean() for i in kept], marker="o")
        reliable.set(title=f"{language}: is the confidence true?", xlabel="confidence")
        reliable.set(ylabel="share that is right")
    figure.savefig(file, dpi=100)
