"""Telling a story with the assistant: what the customer writes, presses and reads."""

import asyncio
import csv
import re
import sqlite3
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import jwt

from actions.phrasing import Phrases
from shopdesk.settings import ROOT

T = TypeVar("T")

PHRASES = Phrases()
IDENTITY_SECRET = "the shop's secret, 32 characters!"

PERSON = "/request_human"
"""What the button that calls a person sends."""


@dataclass(frozen=True)
class DemoOrder:
    """An order of the demo shop, as its file has it; the dates there are not those of today."""

    number: str
    email: str
    postcode: str
    status: str
    tracking: str


def _demo_orders() -> dict[str, DemoOrder]:
    with (ROOT / "commerce/demo_data/orders.csv").open(encoding="utf-8") as file:
        return {
            row["number"]: DemoOrder(*(row[name] for name in DemoOrder.__dataclass_fields__))
            for row in csv.DictReader(file)
        }


ORDERS = _demo_orders()


@dataclass
class Chat:
    """A customer who speaks one language.

    Attributes:
        replies: what the assistant said to the last message.
        transcript: all of it, for whoever has to find out why a story failed.
    """

    customer: Any
    language: str
    replies: list[dict[str, Any]] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)

    def say(self, text: str = "", /, *, en: str = "", zh: str = "") -> "Chat":
        """Write a message: ``text`` in any language, or the one of the two."""
        return self._send(text or self.pick(en, zh))

    def press(self, payload: str) -> "Chat":
        """Press the button with this payload, or this title, of the last reply or its cards."""
        for button in self.buttons:
            if payload in (button["payload"], button["title"]):
                return self._send(button["title"], button["payload"])
        raise AssertionError(f"no button {payload!r}{self}")

    def press_phrase(self, phrase: str) -> "Chat":
        """Press the button that shows a phrase."""
        return self.press(PHRASES.say(phrase, self.language))

    def ends_with(self, status: str) -> None:
        """Check who has the conversation now."""
        assert self.customer.status == status, str(self)

    def pick(self, en: T, zh: T) -> T:
        """The one for this language."""
        return zh if self.language == "zh" else en

    def reads(self, *phrases: str, **values: object) -> None:
        """Check that the last reply holds all the phrases, each with those ``values`` it has."""
        for phrase in phrases:
            found = pattern(phrase, self.language, values).search(_flat(self.text))
            assert found, f"expected {phrase!r} with {values}{self}"
        assert self.replies[-1]["language"] == self.language, str(self)

    @property
    def text(self) -> str:
        """The last reply; where it is two messages, the second."""
        return str(self.replies[-1]["text"])

    @property
    def buttons(self) -> list[dict[str, str]]:
        return list(self.replies[-1]["quick_replies"])

    @property
    def payloads(self) -> list[str]:
        return [button["payload"] for button in self.buttons]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return list(self.replies[-1]["cards"])

    def _send(self, text: str, payload: str | None = None) -> "Chat":
        self.transcript.append(f"> {text}{f' [{payload}]' if payload else ''}")
        self.replies = self.customer.ask(text, payload)
        for reply in self.replies:
            buttons = " | ".join(f"{b['title']} [{b['payload']}]" for b in reply["quick_replies"])
            cards = " | ".join(f"{c['title']}: {c['subtitle']}" for c in reply["cards"])
            sources = ", ".join(source["id"] for source in reply["sources"])
            more = "".join(f"\n    {part}" for part in (buttons, cards, sources) if part)
            self.transcript.append(f"< {reply['text']}{more}")
        return self

    def __str__(self) -> str:
        return "\n" + "\n".join([*self.transcript, f"({self.customer.status})"])


def pattern(phrase: str, language: str, values: dict[str, object]) -> re.Pattern[str]:
    """A phrase as customers read it: what is in ``values`` in its places, anything in others."""
    parts = _flat(_template(phrase, language)).split("\0")
    return re.compile(
        "".join(
            re.escape(part)
            if place % 2 == 0
            else re.escape(_flat(str(values[part])))
            if part in values
            else ".*?"
            for place, part in enumerate(parts)
        )
    )


def _template(phrase: str, language: str) -> str:
    """The phrase with the name of each value in its place, between two NULs."""
    assert phrase in PHRASES.names, phrase
    marks: dict[str, str] = {}
    while True:
        try:
            return PHRASES.say(phrase, language, **marks)  # type: ignore[arg-type]
        except KeyError as missing:
            name = missing.args[0]
            marks[name] = f"\0{name}\0"


def _flat(text: str) -> str:
    """Without the backslashes of Markdown, on one line."""
    return " ".join(re.sub(r"\\([^\w\s])", r"\1", text).split())


def rows(database: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What a database of the system holds."""
    opened = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return opened.execute(query, values).fetchall()
    finally:
        opened.close()


def handed_over_for(state: Path) -> str:
    """Why the conversation that was handed over last was, of the system with that state folder."""
    query = "SELECT reason FROM handoffs ORDER BY id DESC LIMIT 1"
    return str(rows(state / "shopdesk.db", query)[0][0])


def signed(**claims: object) -> str:
    """An identity as the shop's server signs it."""
    return jwt.encode({"exp": int(time.time()) + 600, **claims}, IDENTITY_SECRET, "HS256")


class Background:
    """An event loop in a thread, for the servers of a test that is no coroutine."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
