"""What the encoder is given to read: what it knows as it is, else Chinese through the glossary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.components.encoder import Encoder, Vectors
from bot.components.glossary import Glossary
from bot.components.language import CHINESE, script


class Reader:
    """Turns messages into the encoder's vectors."""

    def __init__(self, encoder_dir: Path, glossary: Glossary | None = None) -> None:
        """Load the encoder from ``encoder_dir``, and the bot's glossary unless one is given.

        An encoder that reads Chinese gets no glossary, which could only take from what it reads.

        Raises:
            EncoderError: the encoder's directory lacks a file.
            GlossaryError: the glossary is broken.
        """
        self._encoder = Encoder(encoder_dir)
        reads_chinese = CHINESE in self._encoder.languages
        self._glossary = None if reads_chinese else glossary or Glossary.load()

    def vectors(self, texts: Sequence[str], language: str) -> Vectors:
        """One unit vector for each text: (texts, the encoder's dimensions)."""
        if language == CHINESE and self._glossary:
            texts = [self._glossary.read(text) for text in texts]
        return self._encoder.encode(texts)


def model_language(text: str) -> str:
    """Which of the two models reads ``text``.

    A text without letters (an emoji, "???") goes to the Chinese one, whose n-grams are characters
    and know some of them.
    """
    return script(text) or CHINESE
