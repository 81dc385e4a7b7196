"""Passages and labelled queries from JSON Lines files, of any origin."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.questions import QuestionsError
from knowledge_base.passages import LANGUAGES, Language, Passage


@dataclass(frozen=True, slots=True)
class Query:
    """A labelled query.

    Attributes:
        text: the customer's words.
        language: which passages to search.
        relevant: ids of the passages, or of the documents (`document`), that answer it; empty
            where nothing does.
        history: what was said before, the newest first.
        of_documents: whether documents are looked for, of which the best passage counts.
    """

    text: str
    language: Language
    relevant: frozenset[str]
    history: tuple[str, ...] = ()
    of_documents: bool = False

    def ranked(self, passage_ids: Iterable[str]) -> tuple[str, ...]:
        """What ``passage_ids``, the best first, are a ranking of: passages, or documents."""
        if not self.of_documents:
            return tuple(passage_ids)
        names = (name if name in self.relevant else document(name) for name in passage_ids)
        return tuple(dict.fromkeys(names))


def document(passage_id: str) -> str:
    """The document that a passage is part of: what stands before the last ``#`` of its id."""
    return passage_id.rsplit("#", 1)[0]


def with_history(query: Query) -> str:
    """``query`` and what was said before it as one text, the newest first."""
    return "\n".join([query.text, *query.history])


def load_passage_set(path: Path) -> list[Passage]:
    """Read ``{"id", "text", "question"?, "title"?, "language"?}`` a line.

    A passage with a question is an FAQ entry, one without a part of a page. The language is "en"
    where none is given.

    Raises:
        QuestionsError: a line that is no passage, an id that stands twice, or no line at all.
    """
    passages = [_passage(path, number, row) for number, row in _rows(path)]
    doubles = [name for name, n in Counter(p.id for p in passages).items() if n > 1]
    if doubles:
        raise QuestionsError(f"{path}: the id {doubles[0]!r} stands twice, expected each id once")
    return passages


def load_query_set(
    path: Path, passages: Sequence[Passage], split: str | None = None
) -> list[Query]:
    """Read ``{"query", "relevant": [ids], "history"?: [newest first], "language"?}`` a line.

    An id may name a passage or, without what follows its ``#``, a whole document.

    Args:
        split: take the lines with this ``"split"`` only.

    Raises:
        QuestionsError: a line that is no query, an id that no passage has, or no line at all.
    """
    ids = frozenset(passage.id for passage in passages)
    documents = frozenset(map(document, ids))
    queries = []
    for number, row in _rows(path):
        query = _query(path, number, row)
        if unknown := query.relevant - ids - documents:
            raise QuestionsError(
                f"{path}:{number}: relevant holds {min(unknown)!r}, expected the id of a passage"
            )
        if split in (None, row.get("split")):
            queries.append(replace(query, of_documents=not query.relevant <= ids))
    if not queries:
        raise QuestionsError(f"{path}: no query of the split {split!r}; expected at least one")
    return queries


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    empty = True
    with path.open(encoding="utf-8") as file:
        try:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise QuestionsError(f"{path}:{number}: {error}, expected JSON") from None
                if not isinstance(row, dict):
                    raise QuestionsError(f"{path}:{number}: {row!r:.80}, expected a JSON object")
                empty = False
                yield number, row
        except UnicodeDecodeError as error:
            raise QuestionsError(f"{path}: {error}, expected UTF-8") from None
    if empty:
        raise QuestionsError(f"{path} is empty, expected a JSON object a line")


def _passage(path: Path, number: int, row: dict[str, Any]) -> Passage:
    name, text = (_text(path, number, row, key) for key in ("id", "text"))
    question, title = (
        _text(path, number, row, key) if row.get(key) else "" for key in ("question", "title")
    )
    return Passage(
        id=name,
        kind="faq" if question else "policy",
        language=_language(path, number, row),
        title=title or question,
        text=text,
        source=path.name,
        line=number,
        questions=(question,) if question else (),
    )


def _query(path: Path, number: int, row: dict[str, Any]) -> Query:
    relevant, history = row.get("relevant"), row.get("history") or []
    for key, value in (("relevant", relevant), ("history", history)):
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise QuestionsError(
                f"{path}:{number}: {key} is {value!r:.80}, expected a list of texts"
            )
    return Query(
        _text(path, number, row, "query"),
        _language(path, number, row),
        frozenset(relevant or []),
        tuple(history),
    )


def _text(path: Path, number: int, row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise QuestionsError(f"{path}:{number}: {key} is {value!r:.80}, expected a text")
    return value


def _language(path: Path, number: int, row: dict[str, Any]) -> Language:
    language = row.get("language", "en")
    if language not in LANGUAGES:
        raise QuestionsError(
            f"{path}:{number}: language is {language!r:.80}, expected one of {LANGUAGES}"
        )
    return language  # type: ignore[no-any-return]
