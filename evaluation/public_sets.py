"""Public sets as `shopdesk evaluate retrieval` reads them.

python -m evaluation.public_sets --data DIR --out DIR

DIR holds the sets as JSON Lines, compressed with xz: ``doc2dial/documents`` and ``doc2dial/turns``
(Feng et al., 2020; from github.com/doc2dial/sharedtask-dialdoc2021), ``covidfaq/pairs`` (from
github.com/ML-Recipes/BERT-FAQ).
"""

import argparse
import json
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from knowledge_base.sentences import split_sentences

PASSAGE_CHARACTERS = 900
"""About what a section of a help page holds, and MiniLM reads at once."""

Rows = list[dict[str, Any]]


def doc2dial(folder: Path) -> tuple[Rows, Rows]:
    """Service pages in passages, and each turn of a customer with what was said before."""
    passages = [
        {"id": f"{page['title']}#{number}", "title": _title(page["title"]), "text": text}
        for page in _read(folder / "documents.jsonl.xz")
        for number, text in enumerate(_split(page["text"]))
    ]
    queries = []
    for turn in _read(folder / "turns.jsonl.xz"):
        newest, *history = (said.strip() for said in turn["history"].split("\t"))
        queries.append(
            {
                "query": newest.removeprefix("user:"),
                "history": [said.removeprefix("user:") for said in history],
                "relevant": [turn["title"]],
            }
        )
    return passages, queries


def covid_faq(folder: Path) -> tuple[Rows, Rows]:
    """Questions with their answers, and how people asked for them."""
    pairs = list(_read(folder / "pairs.jsonl.xz"))
    entries: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        if pair["query_type"] == "faq":
            entries.setdefault(
                pair["answer"],
                {"id": str(len(entries)), "question": pair["question"], "text": pair["answer"]},
            )
    queries = [
        {"query": pair["question"], "relevant": [entries[pair["answer"]]["id"]]}
        for pair in pairs
        if pair["query_type"] != "faq" and pair["label"] == 1 and pair["answer"] in entries
    ]
    return list(entries.values()), queries


def _title(name: str) -> str:
    return name.rsplit("#", 1)[0]


def _split(text: str) -> Iterator[str]:
    """Whole sentences, up to `PASSAGE_CHARACTERS` together."""
    held: list[str] = []
    for sentence in split_sentences(text):
        if held and sum(map(len, held)) + len(sentence.text) > PASSAGE_CHARACTERS:
            yield " ".join(held)
            held = []
        held.append(sentence.text)
    if held:
        yield " ".join(held)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Write ``NAME-passages.jsonl`` and ``NAME-queries.jsonl`` of each set."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.public_sets")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, convert in (("doc2dial", doc2dial), ("covidfaq", covid_faq)):
        passages, queries = convert(options.data / name)
        _write(options.out / f"{name}-passages.jsonl", passages)
        _write(options.out / f"{name}-queries.jsonl", queries)
        print(f"{name}: {len(passages)} passages, {len(queries)} queries")


if __name__ == "__main__":
    main()
