"""Who has the conversation, and the one table of how that may change."""

from enum import StrEnum

from store.errors import IllegalTransition


class Status(StrEnum):
    """Who a conversation is with now."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    CLOSED = "closed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    # A person may take over without having been asked for.
    Status.BOT: frozenset({Status.WAITING, Status.HUMAN, Status.CLOSED}),
    # The customer may give up waiting and go back to the assistant.
    Status.WAITING: frozenset({Status.HUMAN, Status.BOT, Status.CLOSED}),
    # A person may hand it to a colleague, which puts it back into the queue.
    Status.HUMAN: frozenset({Status.BOT, Status.WAITING, Status.CLOSED}),
    # A customer who writes again opens it again, perhaps to ask for a person.
    Status.CLOSED: frozenset({Status.BOT, Status.WAITING}),
}


def check_transition(current: Status, new: Status) -> None:
    """Raise :class:`store.errors.IllegalTransition` unless ``new`` may follow ``current``."""
    if new not in TRANSITIONS[current]:
        allowed = ", ".join(sorted(TRANSITIONS[current]))
        raise IllegalTransition(
            f"a conversation that is {current.value!r} cannot become {new.value!r}; "
            f"from {current.value!r} it can become: {allowed}"
        )


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"


class InboundState(StrEnum):
    """What became of a customer's message."""

    PENDING = "pending"
    """Stored; the assistant has yet to be asked, or has yet to reply."""
    ANSWERED = "answered"
    """The assistant's reply is stored."""
    FAILED = "failed"
    """The assistant could not reply, and the customer was told so."""
    PASSED = "passed"
    """Left to a person: the assistant was not asked, or its reply came too late to be sent."""
    WITHDRAWN = "withdrawn"
    """The customer no longer wanted an answer."""


class DeliveryState(StrEnum):
    """What became of something that a channel was to be told."""

    PENDING = "pending"
    """Still to be sent, for the first time or again."""
    DELIVERED = "delivered"
    """The channel took it."""
    DEAD = "dead"
    """Given up; an operator may have it sent again."""


class About(StrEnum):
    """Whom a survey is about."""

    ASSISTANT = "assistant"
    AGENT = "agent"


class HandoffReason(StrEnum):
    """Why a person was asked for."""

    CUSTOMER_REQUEST = "customer_request"
    MISSING_KNOWLEDGE = "missing_knowledge"
    UNSUPPORTED_REQUEST = "unsupported_request"
    POLICY = "policy"
    TOOL_FAILURE = "tool_failure"
    FRUSTRATION = "frustration"
