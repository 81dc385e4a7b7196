"""What one customer sent and saw, in the order in which it happened."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the customer wrote.

    Attributes:
        id: the client's id of it, or its webhook-id.
        source: the id of the passage that its answer must quote first.
    """

    id: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that the customer's client showed.

    Attributes:
        id: the gateway's id of it.
        author: ``customer``, ``assistant``, ``agent`` or ``system``.
        source: the id of the passage that it quotes first, None where it quotes none.
        client_id: of the customer's own messages.
        reply_to: the ``seq`` of the question, or the client's id of it where its ``seq`` is not
            known; None when it is the customer's message before it.
    """

    id: str
    seq: int
    author: str
    text: str
    source: str | None = None
    client_id: str | None = None
    reply_to: int | str | None = None


@dataclass(slots=True)
class Journal:
    """One conversation from the customer's side.

    Attributes:
        name: tells the customers of a run apart, ``widget 07``.
        own_seen: whether the client is shown the customer's own messages, with their numbers. It
            is not over a webhook: there the numbers that are left over are theirs.
        acknowledged: the ``seq`` of each acknowledgement, None where it tells none, by id.
        shown: every message once, in the order in which it was first shown.
        stored: what a fresh client was given at the end; None before.
        breaches: what broke a promise at once, in words.
        repeats: how many deliveries the client recognised as known, as documented.
    """

    name: str
    own_seen: bool
    sent: list[Sent] = field(default_factory=list)
    acknowledged: dict[str, list[int | None]] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    stored: list[Shown] | None = None
    breaches: list[str] = field(default_factory=list)
    repeats: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        """Add a line to the story."""
        self.lines.append((time.monotonic(), what))

    def breach(self, what: str) -> None:
        """A promise was broken."""
        self.breaches.append(what)
        self.note(f"BREACH {what}")

    def acknowledge(self, id: str, seq: int | None) -> None:
        """The message ``id`` was acknowledged."""
        self.acknowledged.setdefault(id, []).append(seq)
        self.note(f"acknowledged {id[:12]}" + ("" if seq is None else f" as {seq}"))

    def show(self, message: Shown) -> None:
        """The client showed a message."""
        self.shown.append(message)
        to = "" if message.reply_to is None else f" to {message.reply_to}"
        self.note(f"shown {message.seq} {message.author}{to}: {message.text[:60]!r}")
