"""Chosen sentences of a passage as a text that reads well, every sentence verbatim."""

from collections.abc import Sequence

from knowledge_base.language import is_han
from knowledge_base.sentences import Sentence

_CHINESE_ENDS = "。！？；：…”）」』"


def render(source: str, sentences: Sequence[Sentence]) -> str:
    """``sentences`` of ``source`` in their order, on its lines, list items with their markers.

    >>> from knowledge_base.sentences import split_sentences
    >>> text = "Not returnable:\\n• Gift cards\\n• Socks. Once opened."
    >>> print(render(text, split_sentences(text)[:2]))
    Not returnable:
    • Gift cards
    """
    lines: list[str] = []
    end = 0
    for sentence in sentences:
        between = source[end : sentence.start]
        if not lines or "\n" in between:
            lines.append(_marker(source, sentence) + sentence.text)
        else:
            lines[-1] += _space(lines[-1], sentence.text) + sentence.text
        end = sentence.end
    return "\n".join(lines)


def _marker(source: str, sentence: Sentence) -> str:
    line_start = source.rfind("\n", 0, sentence.start) + 1
    before = source[line_start : sentence.start].strip()
    # What stands before it on its line is its list marker, or a sentence that was not chosen.
    return f"{before} " if before and len(before) <= 4 else ""


def _space(left: str, right: str) -> str:
    return "" if left[-1] in _CHINESE_ENDS or is_han(right[0]) else " "
