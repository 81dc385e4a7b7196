"""Reading what Rasa replies. Whatever does not fit is refused as a whole, never guessed at."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.errors import AssistantError
from gateway.texts import Language, LanguageDetector
from store.records import AnswerRecord, Card, NewMessage, PassageScore, QuickReply, Source
from store.status import Author, HandoffReason


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the assistant, and what it asks the gateway to do.

    Attributes:
        message: what the customer reads.
        handoff: why a person is wanted, None when none is.
        feedback: what the customer said about the last answer: 1 good, -1 bad.
    """

    message: NewMessage
    handoff: HandoffReason | None = None
    feedback: Literal[1, -1] | None = None


def parse_replies(
    body: bytes, *, language: Language, detect_language: LanguageDetector
) -> list[Reply]:
    """Read the body of the response of Rasa's channel.

    Args:
        body: a JSON list of ``{"recipient_id", "text", "buttons"}`` or ``{"custom": payload}``.
        language: the language of the customer's message, for texts that do not show their own.

    Raises:
        AssistantError: it is not that, or there is no reply at all.
    """
    try:
        envelopes = _ENVELOPES.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise AssistantError(
            f"Rasa's reply does not fit at {where}: {first['msg']}", retry=False
        ) from error
    if not envelopes:
        # So it ends when an action fails, for example while the action server restarts.
        raise AssistantError("Rasa replied with no message", retry=True)
    return [_reply(envelope, language, detect_language) for envelope in envelopes]


def _without_nul(text: str) -> str:
    return text.replace("\0", "")  # PostgreSQL refuses it


def _safe_url(url: str | None) -> str | None:
    """Keep links to web pages; a ``javascript:`` link must not reach a customer's browser."""
    if url is None or _ODD_IN_URL.search(url):
        return None
    parts = urlsplit(url)
    relative = not parts.scheme and not parts.netloc and url.startswith("/")
    return url if relative or (parts.scheme in ("http", "https") and parts.netloc) else None


# Browsers take a backslash for a slash, and leave line breaks out: each can make a path a host.
_ODD_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
_MOST_CARDS = 10
_Text = Annotated[
    str, Field(min_length=1, max_length=20_000), AfterValidator(_without_nul), Field(min_length=1)
]
_Name = Annotated[str, Field(max_length=500), AfterValidator(_without_nul)]
_Url = Annotated[
    Annotated[str, Field(max_length=2_000)] | None,
    AfterValidator(_safe_url),
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _Button(_Model):
    title: _Name
    payload: _Name


class _Source(_Model):
    id: _Name
    title: _Name
    url: _Url = None
    quote: _Text


class _Card(_Model):
    title: Annotated[_Name, Field(min_length=1)]
    subtitle: _Name | None = None
    image: _Url = None
    url: _Url = None
    quick_replies: tuple[_Button, ...] = ()


class _Passage(_Model):
    id: _Name
    score: float


class _Answer(_Model):
    type: Literal["answer"]
    text: _Text
    language: Language
    answered: bool
    reason: _Name | None
    writer: _Name | None
    confidence: float
    latency_ms: float
    question: _Text
    sources: tuple[_Source, ...]
    passages: tuple[_Passage, ...]
    quick_replies: tuple[_Button, ...] = ()
    cards: Annotated[tuple[_Card, ...], Field(max_length=_MOST_CARDS)] = ()


class _Said(_Model):
    type: Literal["message"]
    text: _Text
    language: Language
    quick_replies: tuple[_Button, ...] = ()
    cards: Annotated[tuple[_Card, ...], Field(max_length=_MOST_CARDS)] = ()


class _Handoff(_Model):
    type: Literal["handoff"]
    text: _Text
    language: Language
    reason: HandoffReason


class _Feedback(_Model):
    type: Literal["feedback"]
    text: _Text
    language: Language
    value: Literal[1, -1]


class _Custom(_Model):
    custom: Annotated[_Answer | _Said | _Handoff | _Feedback, Field(discriminator="type")]


class _Utterance(_Model):
    text: _Text
    buttons: tuple[_Button, ...] = ()


_ENVELOPES: TypeAdapter[list[_Custom | _Utterance]] = TypeAdapter(list[_Custom | _Utterance])


def _reply(
    envelope: _Custom | _Utterance, language: Language, detect_language: LanguageDetector
) -> Reply:
    if isinstance(envelope, _Utterance):
        spoken = detect_language(envelope.text, language)
        buttons = _quick_replies(envelope.buttons)
        return Reply(_message(envelope.text, spoken, quick_replies=buttons))
    match envelope.custom:
        case _Said() as said:
            buttons = _quick_replies(said.quick_replies)
            cards = _cards(said.cards)
            return Reply(_message(said.text, said.language, quick_replies=buttons, cards=cards))
        case _Handoff() as handoff:
            return Reply(_message(handoff.text, handoff.language), handoff=handoff.reason)
        case _Feedback() as feedback:
            return Reply(_message(feedback.text, feedback.language), feedback=feedback.value)
        case _Answer() as answer:
            return Reply(_answer(answer))


def _answer(answer: _Answer) -> NewMessage:
    return _message(
        answer.text,
        answer.language,
        sources=tuple(Source(s.id, s.title, s.url, s.quote) for s in answer.sources),
        quick_replies=_quick_replies(answer.quick_replies),
        cards=_cards(answer.cards),
        answer=AnswerRecord(
            question=answer.question,
            writer=answer.writer,
            answered=answer.answered,
            reason=answer.reason,
            confidence=answer.confidence,
            latency_ms=answer.latency_ms,
            language=answer.language,
            passages=tuple(PassageScore(p.id, p.score) for p in answer.passages),
        ),
    )


def _quick_replies(buttons: tuple[_Button, ...]) -> tuple[QuickReply, ...]:
    return tuple(QuickReply(button.title, button.payload) for button in buttons)


def _cards(cards: tuple[_Card, ...]) -> tuple[Card, ...]:
    return tuple(
        Card(c.title, c.subtitle, c.image, c.url, _quick_replies(c.quick_replies)) for c in cards
    )


def _message(
    text: str,
    language: Language,
    *,
    sources: tuple[Source, ...] = (),
    quick_replies: tuple[QuickReply, ...] = (),
    answer: AnswerRecord | None = None,
    cards: tuple[Card, ...] = (),
) -> NewMessage:
    return NewMessage(Author.ASSISTANT, text, language, sources, quick_replies, answer, cards)
