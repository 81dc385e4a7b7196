"""What an action says to the gateway: structured, so that no decision hides in words.

The gateway turns ``handoff`` into the status "waiting" and ``feedback`` into a rating, in the
transaction that stores the message: one process writes the conversation.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from generator.answer import Answer
from knowledge_base.passages import Language

HandoffReason = Literal[
    "customer_request",
    "missing_knowledge",
    "unsupported_request",
    "policy",
    "tool_failure",
    "frustration",
]


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button: what it shows, and what is sent to Rasa when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product beside an answer: its name, a line such as its price, and where to see it."""

    title: str
    subtitle: str | None = None
    image: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerPayload:
    """An answer with what it rests on and how it came about."""

    answer: Answer
    question: str
    latency_ms: float
    quick_replies: tuple[QuickReply, ...] = ()
    cards: tuple[Card, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The payload as the gateway reads it."""
        answer = self.answer
        return {
            "type": "answer",
            "text": answer.text,
            "language": answer.language,
            "answered": answer.answered,
            "reason": answer.reason,
            "writer": answer.writer,
            "confidence": round(answer.confidence, 4),
            "latency_ms": round(self.latency_ms, 1),
            "question": self.question,
            "sources": [
                {"id": c.passage_id, "title": c.title, "url": c.url, "quote": c.quote}
                for c in answer.citations
            ],
            "passages": [
                {"id": scored.passage.id, "score": round(scored.score, 4)}
                for scored in answer.evidence
            ],
            "quick_replies": [asdict(reply) for reply in self.quick_replies],
            "cards": [asdict(card) for card in self.cards],
        }


@dataclass(frozen=True, slots=True)
class MessagePayload:
    """Something said that is no answer from the knowledge base: a form's question, a status."""

    text: str
    language: Language
    quick_replies: tuple[QuickReply, ...] = ()
    cards: tuple[Card, ...] = ()
    type: Literal["message"] = field(default="message", init=False)


@dataclass(frozen=True, slots=True)
class HandoffPayload:
    """A person is wanted, and why."""

    text: str
    language: Language
    reason: HandoffReason
    type: Literal["handoff"] = field(default="handoff", init=False)


@dataclass(frozen=True, slots=True)
class FeedbackPayload:
    """The customer said in words how the last answer was: 1 good, -1 bad."""

    text: str
    language: Language
    value: Literal[1, -1]
    type: Literal["feedback"] = field(default="feedback", init=False)
