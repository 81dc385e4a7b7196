"""The rules of a conversation: who speaks when. Pure decisions; carried out by the exchange."""

from dataclasses import dataclass
from enum import Enum, auto

from gateway.replies import Reply
from gateway.texts import (
    REQUEST_HUMAN,
    RETURN_TO_ASSISTANT,
    WITHDRAW,
    back_with_assistant,
    failed,
    files_kept,
    handed_over,
    page_language,
    still_waiting,
    withdrawn,
)
from store.records import MessageRecord, NewMessage
from store.status import HandoffReason, InboundState, Status

URGENT = frozenset({REQUEST_HUMAN, RETURN_TO_ASSISTANT, WITHDRAW})
"""Commands that need no assistant: they do not wait in the queue for one that is out of order."""


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
    WITHDRAW = auto()
    """The customer no longer wants an answer to what is still to be answered."""
    KEEP = auto()
    """There is nothing that the assistant could read."""


def route(status: Status, message: MessageRecord) -> Route:
    """Decide by who has the conversation and which quick reply, if any, was pressed."""
    if status is Status.HUMAN:
        return Route.LEAVE
    if message.command == RETURN_TO_ASSISTANT:
        return Route.RETURN
    if status is Status.WAITING:
        return Route.CONFIRM if message.command == REQUEST_HUMAN else Route.LEAVE
    if message.command == WITHDRAW:
        return Route.WITHDRAW
    return Route.ASK if message.text.strip() else Route.KEEP


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a customer's message ends; stored as one.

    Attributes:
        state: what became of the message.
        replies: what the customer is told.
        notice: told as well, unless the customer was told so since the last handoff.
        status: who has the conversation next, None for no change.
        handoff: why a person is wanted, None when none is.
        earlier: what becomes of messages before it that are still to be answered, None if nothing.
    """

    state: InboundState
    replies: tuple[Reply, ...] = ()
    notice: NewMessage | None = None
    status: Status | None = None
    handoff: HandoffReason | None = None
    earlier: InboundState | None = None


def conclude(status: Status, message: MessageRecord, replies: list[Reply] | None) -> Outcome | None:
    """Decide how a message ends.

    Args:
        status: who has the conversation *now*, after the assistant has replied: a reply that
            comes after a takeover is never sent.
        message: the customer's.
        replies: the assistant's; empty when it failed for good, None when it was not asked.

    Returns:
        The outcome, or None when the assistant must be asked first, because the conversation
        came back to it in the meantime.
    """
    language = page_language(message.language)
    match route(status, message):
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
        case Route.WITHDRAW:
            reply = Reply(withdrawn(language))
            return _settled(status, (reply,), earlier=InboundState.WITHDRAWN)
        case Route.KEEP:
            return _settled(status, (Reply(files_kept(language)),))
        case Route.ASK if replies is None:
            return None
        case Route.ASK if replies:
            reason = next((reply.handoff for reply in replies if reply.handoff), None)
            return _settled(status, tuple(replies), handoff=reason)
        case Route.ASK if message.command == REQUEST_HUMAN:
            # A person can be had without the assistant.
            reply = Reply(handed_over(language))
            return _settled(status, (reply,), handoff=HandoffReason.CUSTOMER_REQUEST)
        case Route.ASK:
            return _settled(status, (Reply(failed(language)),), state=InboundState.FAILED)


def _settled(
    status: Status,
    replies: tuple[Reply, ...],
    *,
    state: InboundState = InboundState.ANSWERED,
    handoff: HandoffReason | None = None,
    earlier: InboundState | None = None,
) -> Outcome:
    if handoff is not None:
        # Whoever is still to be answered is answered by the person.
        return Outcome(
            state, replies, status=Status.WAITING, handoff=handoff, earlier=InboundState.PASSED
        )
    # A customer who writes again opens a closed conversation again.
    reopened = Status.BOT if status is Status.CLOSED else None
    return Outcome(state, replies, status=reopened, earlier=earlier)
