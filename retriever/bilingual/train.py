"""Train a bilingual embedder from MiniLM, on a GPU where there is one (four minutes on an H200).

python -m retriever.bilingual.train --words words.tsv --data DIR --out DIR

DIR holds public sets as JSON Lines compressed with xz: CC-CEDICT, and of banking77, clinc150 and
hwu64 the training parts, whose texts hold English in its place. README.md tells what it brings.

First the Chinese words alone, so that the MiniLM that nothing else was done to reads Chinese: each
word where its meaning is, and the Chinese of the shops where the English is (Reimers and Gurevych,
2020, with the English model as its own teacher). Then all layers, on what customers ask: a question
nearest to its entry among all entries of several shops, and an entry nearest to its own questions
among those and the ones it does not answer (InfoNCE, van den Oord et al., 2018, both ways), while
English that was understood before is held in its place.
"""

import argparse
import json
import lzma
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from retriever.bilingual.model import Encoder, load_base, with_words
from retriever.bilingual.shops import Entry, Shop, read_shops
from retriever.bilingual.vocabulary import read_meanings, read_words
from retriever.export import packaged_weights

SHOPS = Path(__file__).with_name("shops")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be chosen.

    Attributes:
        word_steps: of the Chinese words alone.
        steps: of all layers.
        shops: whose entries compete in a step.
        temperature: that cosines are divided by.
        word_rate: learning rate of the Chinese words.
        rate: of all layers.
        hold: weight of English staying where it was.
        align: weight of Chinese standing where its English was.
        cross: weight of Chinese questions for English entries.
        near: weight of telling an entry's own questions from those it nearly answers.
        seed: of what is drawn.
    """

    word_steps: int = 2500
    steps: int = 400
    shops: int = 6
    temperature: float = 0.05
    word_rate: float = 2e-3
    rate: float = 6e-5
    hold: float = 1.0
    align: float = 0.5
    cross: float = 0.3
    near: float = 1.0
    seed: int = 1


Told = Callable[[str], None]


def train_words(
    encoder: Encoder,
    teacher: Encoder,
    meanings: Sequence[tuple[str, str]],
    pairs: Sequence[tuple[str, str]],
    recipe: Recipe,
    told: Told,
) -> None:
    """Give the Chinese words their places; nothing else changes."""
    chance = random.Random(recipe.seed)  # noqa: S311 - no secret
    aligned = _Aligned(teacher, meanings, pairs)
    encoder.requires_grad_(False).eval()
    words = encoder.chinese_words().requires_grad_(True)
    optimizer = torch.optim.Adam([words], lr=recipe.word_rate)
    schedule = _falling(optimizer, recipe.word_steps)
    for step in range(recipe.word_steps):
        loss = aligned.loss(encoder, chance, recipe.temperature)
        _take(optimizer, schedule, loss)
        if step % 200 == 199:
            told(f"words {step + 1}: {loss.item():.4f}")


def train_all(
    encoder: Encoder,
    teacher: Encoder,
    shops: Sequence[Shop],
    meanings: Sequence[tuple[str, str]],
    english: Sequence[str],
    recipe: Recipe,
    told: Told,
) -> None:
    """Teach how customers ask, in both languages.

    Args:
        english: texts whose vectors shall stay where they are.
    """
    chance = random.Random(recipe.seed)  # noqa: S311 - no secret
    aligned = _Aligned(teacher, meanings, parallel(shops))
    held = _Held(teacher, english)
    encoder.requires_grad_(True).train()
    encoder.english_words().requires_grad_(False)
    layers = [each for name, each in encoder.named_parameters() if "word_embeddings" not in name]
    optimizer = torch.optim.AdamW(
        [
            {"params": layers, "lr": recipe.rate},
            {"params": [encoder.chinese_words()], "lr": recipe.word_rate / 4},
        ],
        weight_decay=0.01,
    )
    schedule = _falling(optimizer, recipe.steps)
    for step in range(recipe.steps):
        batch = chance.sample(list(shops), min(recipe.shops, len(shops)))
        english_entries = [entry for shop in batch for entry in shop["en"]]
        chinese_entries = [entry for shop in batch for entry in shop["zh"]]
        loss = (
            _contrast(encoder, english_entries, english_entries, chance, recipe)
            + _contrast(encoder, chinese_entries, chinese_entries, chance, recipe)
            + recipe.cross * _contrast(encoder, chinese_entries, english_entries, chance, recipe)
            + recipe.align * aligned.loss(encoder, chance, recipe.temperature)
            + recipe.hold * held.loss(encoder, chance)
        )
        _take(optimizer, schedule, loss)
        if step % 50 == 49:
            told(f"all {step + 1}: {loss.item():.4f}")


def parallel(shops: Sequence[Shop]) -> list[tuple[str, str]]:
    """What the shops say in Chinese and in English."""
    pairs = []
    for shop in shops:
        for chinese, english in zip(shop["zh"], shop["en"], strict=True):
            pairs += [(chinese.heading, english.heading), (chinese.text, english.text)]
    return pairs


def _contrast(
    encoder: Encoder,
    asking: Sequence[Entry],
    entries: Sequence[Entry],
    chance: random.Random,
    recipe: Recipe,
) -> torch.Tensor:
    queries = [entry.query(chance) for entry in asking]
    near = [chance.choice(entry.near) for entry in asking]
    views = [entry.view(chance) for entry in entries]
    vectors = encoder.embed(queries + near + views)
    asked, missed, found = torch.split(vectors, [len(queries), len(near), len(views)])
    target = torch.arange(len(queries), device=vectors.device)
    forth = asked @ found.T / recipe.temperature
    back = found @ asked.T / recipe.temperature
    # What an entry nearly answers: its own only, another entry's may be answered by this one.
    own = (found * missed).sum(1, keepdim=True) / recipe.temperature
    return functional.cross_entropy(forth, target) + recipe.near * functional.cross_entropy(
        torch.cat([back, own], 1), target
    )


class _Aligned:
    """Chinese words and texts where the teacher has their English."""

    def __init__(
        self,
        teacher: Encoder,
        meanings: Sequence[tuple[str, str]],
        pairs: Sequence[tuple[str, str]],
    ) -> None:
        self._words = [word for word, _ in meanings]
        self._texts = [text for text, _ in pairs]
        self._of_words = teacher.embed_all([meaning for _, meaning in meanings])
        self._of_texts = teacher.embed_all([english for _, english in pairs])

    def loss(self, encoder: Encoder, chance: random.Random, temperature: float) -> torch.Tensor:
        return _agreement(
            encoder, self._words, self._of_words, chance, 768, temperature
        ) + _agreement(encoder, self._texts, self._of_texts, chance, 128, temperature)


class _Held:
    """English texts where the teacher has them."""

    def __init__(self, teacher: Encoder, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        self._vectors = teacher.embed_all(self._texts)

    def loss(self, encoder: Encoder, chance: random.Random) -> torch.Tensor:
        rows = chance.sample(range(len(self._texts)), min(256, len(self._texts)))
        vectors = encoder.embed([self._texts[row] for row in rows])
        return (1 - (vectors * self._vectors[rows]).sum(1)).mean() * 10


def _agreement(
    encoder: Encoder,
    texts: Sequence[str],
    wanted: torch.Tensor,
    chance: random.Random,
    size: int,
    temperature: float,
) -> torch.Tensor:
    rows = chance.sample(range(len(texts)), min(size, len(texts)))
    vectors = encoder.embed([texts[row] for row in rows])
    targets = wanted[rows]
    logits = vectors @ targets.T / temperature
    labels = torch.arange(len(rows), device=logits.device)
    return functional.cross_entropy(logits, labels) + 5 * (1 - (vectors * targets).sum(1)).mean()


def _falling(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    warm = max(1, steps // 10)
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )


def _take(
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    loss: torch.Tensor,
) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
    optimizer.step()
    schedule.step()


def _english(data: Path) -> list[str]:
    texts = []
    for name in ("banking77", "clinc150", "hwu64"):
        with lzma.open(data / name / "train.jsonl.xz", "rt", encoding="utf-8") as file:
            texts += [json.loads(line)["text"] for line in file]
    return texts


def main() -> None:
    """Write ``model.safetensors``, the state of `retriever.bilingual.model.Encoder`, and its
    tokenizer.json."""
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(prog="python -m retriever.bilingual.train")
    parser.add_argument("--words", type=Path, required=True, help="from the vocabulary module")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shops", type=Path, default=SHOPS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--word-steps", type=int, default=Recipe().word_steps)
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    options = parser.parse_args()
    recipe = Recipe(word_steps=options.word_steps, steps=options.steps)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    shops = list(read_shops(options.shops).values())
    meanings = read_meanings(options.data / "cedict/cedict_ts.u8.xz")
    teacher = load_base(packaged_weights()).to(device).eval()
    encoder, tokenizer = with_words(packaged_weights(), read_words(options.words))
    encoder.to(device)
    train_words(encoder, teacher, meanings, parallel(shops), recipe, print)
    train_all(encoder, teacher, shops, meanings, _english(options.data), recipe, print)
    options.out.mkdir(parents=True, exist_ok=True)
    state = {name: each.half() if each.is_floating_point() else each
             for name, each in encoder.state_dict().items()}  # fmt: skip
    save_file(state, options.out / "model.safetensors")
    (options.out / "tokenizer.json").write_text(tokenizer, "utf-8")


if __name__ == "__main__":
    main()
