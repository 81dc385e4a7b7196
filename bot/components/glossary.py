"""Chinese read word by word through a glossary, so that an English encoder gets an idea of it.

"我的订单到哪了" becomes "my order where is it now". MiniLM has read no Chinese at all, but copes
well with broken English. The dictionary is a small one of our own, of the words that a shop's
customers use.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "glossary" / "zh-en.tsv"


class GlossaryError(Exception):
    """The glossary cannot be read."""


class Glossary:
    """Turns Chinese into rough English.

    Example:
        >>> Glossary({"订单": "order", "到哪了": "where is it now", "的": "", "我": "my"}).read(
        ...     "我的订单lk-204518到哪了"
        ... )
        'my order lk-204518 where is it now'
    """

    def __init__(self, entries: dict[str, str]) -> None:
        """Read with ``entries``: a Chinese word, and what to say for it; "" leaves it out."""
        self._entries = entries
        self._longest = max(map(len, entries), default=1)

    @classmethod
    def load(cls, file: Path = FILE) -> Glossary:
        """Read a file with a word, a tab and its gloss on each line; "#" begins a comment.

        Raises:
            GlossaryError: the file is missing, or a line is not like that.
        """
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise GlossaryError(f"{file}: no readable file ({error.strerror})") from error
        entries = {}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            word, tab, gloss = line.partition("\t")
            if not tab or not word.strip() or word.strip() in entries:
                raise GlossaryError(
                    f"{file}:{number}: found {line!r}; expected a word that does not stand "
                    "there yet, a tab, and its gloss. Correct the line."
                )
            entries[word.strip()] = gloss.strip()
        return cls(entries)

    def read(self, text: str) -> str:
        """``text`` in lower case with each known word replaced, the longest first."""
        text = text.lower()
        said: list[str] = []
        rest = ""
        place = 0
        while place < len(text):
            word = self._word_at(text, place)
            if not word:
                rest += text[place]
                place += 1
                continue
            said += [rest.strip(), self._entries[word]]
            rest = ""
            place += len(word)
        return " ".join(filter(None, [*said, rest.strip()]))

    def _word_at(self, text: str, place: int) -> str:
        for length in range(min(self._longest, len(text) - place), 0, -1):
            if (word := text[place : place + length]) in self._entries:
                return word
        return ""
