"""The rules of a conversation: who speaks when. Pure decisions; carried out by the exchange."""

from dataclasses import dataclass
from enum import Enum, auto

from gateway.replies import Reply
from gateway.texts import (
    REQUEST_HUMAN,
    RETURN_TO_ASSISTANT,
    Language,
    back_with_assistant,
    handed_over,
    still_waiting,
    unavailable,
)
from store.records import NewMessage
from store.status import HandoffReason, InboundState, Status


class Route(Enum):
    """What is to be done with a customer's message."""

    ASK = auto()
    """The assistant is asked."""
    LEAVE = auto()
    """A person has the conversation, or will."""
    CONFIRM = auto()
    """A person is asked for, and was before."""
    RETURN = auto()
    """The customer wants the assistant back."""


def route(status: Status, command: str | None) -> Route:
    """Decide by who has the conversation and which quick reply, if any, was pressed."""
    if status is Status.HUMAN:
        return Route.LEAVE
    if command == RETURN_TO_ASSISTANT:
        return Route.RETURN
    if status is Status.WAITING:
        return Route.CONFIRM if command == REQUEST_HUMAN else Route.LEAVE
    return Route.ASK


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a customer's message ends; stored as one.

    Attributes:
        state: what became of the message.
        replies: what the customer is told.
        notice: told as well, unless the customer was told so since the last handoff.
        status: who has the conversation next, None for no change.
        handoff: why a person is wanted, None when none is.
    """

    state: InboundState
    replies: tuple[Reply, ...] = ()
    notice: NewMessage | None = None
    status: Status | None = None
    handoff: HandoffReason | None = None


def conclude(
    status: Status,
    command: str | None,
    language: Language,
    replies: list[Reply] | None,
) -> Outcome | None:
    """Decide how a message ends.

    Args:
        status: who has the conversation *now*, after the assistant has replied: a reply that
            comes after a takeover is never sent.
        command: the quick reply that was pressed.
        language: of the message.
        replies: the assistant's; empty when it failed, None when it was not asked.

    Returns:
        The outcome, or None when the assistant must be asked first, because the conversation
        came back to it in the meantime.
    """
    match route(status, command):
        case Route.LEAVE:
            waits = status is Status.WAITING
            return Outcome(InboundState.PASSED, notice=still_waiting(language) if waits else None)
        case Route.CONFIRM:
            return Outcome(InboundState.PASSED, (Reply(still_waiting(language)),))
        case Route.RETURN:
            return Outcome(
                InboundState.ANSWERED,
                (Reply(back_with_assistant(language)),),
                status=None if status is Status.BOT else Status.BOT,
            )
        case Route.ASK if replies is None:
            return None
        case Route.ASK if replies:
            reason = next((reply.handoff for reply in replies if reply.handoff), None)
            return _asked(status, tuple(replies), InboundState.ANSWERED, reason)
        case Route.ASK if command == REQUEST_HUMAN:
            # A person can be had without the assistant.
            reply = Reply(handed_over(language))
            return _asked(status, (reply,), InboundState.ANSWERED, HandoffReason.CUSTOMER_REQUEST)
        case Route.ASK:
            return _asked(status, (Reply(unavailable(language)),), InboundState.FAILED, None)


def _asked(
    status: Status,
    replies: tuple[Reply, ...],
    state: InboundState,
    handoff: HandoffReason | None,
) -> Outcome:
    if handoff is not None:
        return Outcome(state, replies, status=Status.WAITING, handoff=handoff)
    # A customer who writes again opens a closed conversation again.
    return Outcome(state, replies, status=Status.BOT if status is Status.CLOSED else None)
