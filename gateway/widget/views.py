"""What happens in a conversation, as frames of the protocol."""

from collections.abc import Callable
from typing import Literal

from gateway.events import (
    Acknowledged,
    CustomerTyping,
    MessageStored,
    Rated,
    Revoked,
    SeenChanged,
    StatusChanged,
    SurveyStored,
    TypingChanged,
)
from gateway.markdown import parse_markdown
from gateway.widget.frames import (
    Ack,
    CardView,
    FileView,
    MessageFrame,
    MessageView,
    QuickReplyView,
    RatedFrame,
    Seen,
    ServerFrame,
    SourceView,
    StatusFrame,
    Surveyed,
    TypingFrame,
)
from store.records import Card, FileRecord, MessageRecord, QuickReply
from store.status import Author

FileUrl = Callable[[str], str]
"""Gives the signed path of the file with an id."""

_RICH = (Author.ASSISTANT, Author.AGENT)


def view(message: MessageRecord, file_url: FileUrl) -> MessageView:
    """What a client may know of a stored message."""
    return MessageView(
        id=message.id,
        seq=message.seq,
        author=message.author.value,
        text=message.text,
        language=message.language,
        at=message.at,
        client_id=message.client_id,
        sources=[
            SourceView(id=s.id, title=s.title, url=s.url, quote=s.quote) for s in message.sources
        ],
        quick_replies=_quick_replies(message.quick_replies),
        cards=[_card(card) for card in message.cards],
        files=[file_view(file, file_url) for file in message.files],
        rich=parse_markdown(message.text) if message.author in _RICH else None,
        reply_to=message.reply_to_seq,
        rateable=message.rateable,
        rating=_thumb(message.rating),
    )


def file_view(file: FileRecord, file_url: FileUrl) -> FileView:
    """What a client may know of a file."""
    return FileView(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        width=file.width,
        height=file.height,
        url=file_url(file.id),
    )


def frame_of(
    event: Acknowledged
    | MessageStored
    | TypingChanged
    | CustomerTyping
    | StatusChanged
    | Rated
    | SeenChanged
    | SurveyStored
    | Revoked,
    file_url: FileUrl,
) -> ServerFrame | None:
    """The frame that tells of an event, None for what a customer's client need not know."""
    match event:
        case Acknowledged(message):
            return Ack(id=message.client_id or "", message=view(message, file_url))
        case MessageStored(message):
            return MessageFrame(message=view(message, file_url))
        case TypingChanged(on, author):
            return TypingFrame(on=on, author="agent" if author is Author.AGENT else "assistant")
        case StatusChanged(status):
            return StatusFrame(status=status.value)
        case Rated(rating):
            value = _thumb(rating.value) or -1
            return RatedFrame(message=rating.message_id, value=value, comment=rating.comment)
        case SeenChanged(seq):
            return Seen(seq=seq)
        case SurveyStored(survey):
            return Surveyed(score=survey.score)
        case CustomerTyping() | Revoked():
            return None


def _quick_replies(replies: tuple[QuickReply, ...]) -> list[QuickReplyView]:
    return [QuickReplyView(title=r.title, payload=r.payload) for r in replies]


def _card(card: Card) -> CardView:
    return CardView(
        title=card.title,
        subtitle=card.subtitle,
        image=card.image,
        url=card.url,
        quick_replies=_quick_replies(card.quick_replies),
    )


def _thumb(rating: int | None) -> Literal[1, -1] | None:
    # The column allows nothing but these two.
    return None if rating is None else 1 if rating == 1 else -1
