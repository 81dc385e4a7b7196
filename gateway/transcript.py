"""The whole conversation as a text that a person can read, keep and print."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from gateway.problems import BEARER, REFUSALS
from gateway.texts import Language, page_language
from store import conversations, messages
from store.database import Database
from store.records import MessageRecord
from store.status import Author

_PAGE = 200
_INDENT = "       "

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    zone: str
    empty: str
    authors: dict[Author, str]
    file: str
    card: str
    source: str
    bytes: str


_WORDS: dict[Language, _Words] = {
    "en": _Words(
        title="Conversation",
        zone="All times are UTC.",
        empty="There are no messages.",
        authors={
            Author.CUSTOMER: "You",
            Author.ASSISTANT: "Assistant",
            Author.AGENT: "Customer service",
            Author.SYSTEM: "Note",
        },
        file="File: ",
        card="Shown: ",
        source="Source: ",
        bytes=" bytes",
    ),
    "zh": _Words(
        title="对话记录",
        zone="所有时间均为协调世界时（UTC）。",
        empty="没有消息。",
        authors={
            Author.CUSTOMER: "您",
            Author.ASSISTANT: "智能助手",
            Author.AGENT: "人工客服",
            Author.SYSTEM: "提示",
        },
        file="文件：",
        card="展示：",
        source="来源：",
        bytes=" 字节",
    ),
}


def make_transcript_router(
    database: Database, *, authorize: Callable[[Request], Awaitable[str]]
) -> APIRouter:
    """The route ``GET /v1/transcript``.

    Args:
        authorize: tells whose conversation a request is for; raises what becomes a 401.
    """
    router = APIRouter(tags=["widget"])

    @router.get(
        "/v1/transcript",
        summary="The conversation as a text file",
        dependencies=[Depends(BEARER)],
        response_class=StreamingResponse,
        responses={
            **REFUSALS,
            200: {"description": "The conversation", "content": {"text/plain": {}}},
        },
    )
    async def transcript(request: Request, language: str = "en") -> StreamingResponse:
        """The whole conversation, for the customer to keep.

        The session token stands in the header `Authorization: Bearer TOKEN`. `language` is that
        of the words around the messages: `en` or `zh`.
        """
        conversation_id = await authorize(request)
        name = f"conversation-{datetime.now(UTC):%Y-%m-%d}.txt"
        return StreamingResponse(
            _text(database, conversation_id, page_language(language)),
            media_type="text/plain; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    return router


async def _text(database: Database, conversation_id: str, language: Language) -> AsyncIterator[str]:
    """A page of messages at a time: a long conversation is never in memory as a whole."""
    words = _WORDS[language]
    found = await database.read(lambda s: conversations.find(s, conversation_id))
    # What is written from now on is left out, so that it has an end.
    last = found.last_seq if found else 0
    yield f"{words.title}\n{words.zone}\n"
    if last == 0:
        yield f"\n{words.empty}\n"
    day: date | None = None
    for after in range(0, last, _PAGE):
        before = min(after + _PAGE, last) + 1
        page = await database.read(
            lambda s, after=after, before=before: messages.page(  # type: ignore[misc]
                s, conversation_id, after=after, before=before
            )
        )
        lines: list[str] = []
        for message in page:
            if message.at.date() != day:
                day = message.at.date()
                lines += ["", _day(day, language)]
            lines += ["", *_message(message, words)]
        yield "\n".join(lines) + "\n"


def _message(message: MessageRecord, words: _Words) -> Iterator[str]:
    yield f"{message.at:%H:%M}  {words.authors[message.author]}"
    # Indented, so that no line of a message can be taken for the beginning of another one.
    for line in message.text.splitlines():
        yield f"{_INDENT}{line}".rstrip()
    for file in message.files:
        yield f"{_INDENT}{words.file}{file.name} ({file.size:,}{words.bytes})"
    for card in message.cards:
        shown = ", ".join(filter(None, (card.title, card.subtitle, card.url)))
        yield f"{_INDENT}{words.card}{_one_line(shown)}"
    for source in message.sources:
        shown = ", ".join(filter(None, (source.title, source.url)))
        yield f"{_INDENT}{words.source}{_one_line(shown)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _day(day: date, language: Language) -> str:
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
