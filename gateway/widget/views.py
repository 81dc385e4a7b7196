"""What happens in a conversation, as frames of the protocol."""

from typing import Literal

from gateway.events import (
    Acknowledged,
    MessageStored,
    Opened,
    Rated,
    StatusChanged,
    TypingChanged,
)
from gateway.widget.frames import (
    Ack,
    MessageFrame,
    MessageView,
    RatedFrame,
    ServerFrame,
    StatusFrame,
    TypingFrame,
    Welcome,
)


def welcome(event: Opened, *, session: str, resumed: bool) -> Welcome:
    """The answer to hello, with a session token."""
    return Welcome(
        session=session,
        resumed=resumed,
        status=event.status.value,
        messages=[MessageView.of(message) for message in event.messages],
    )


def frame_of(
    event: Acknowledged | MessageStored | TypingChanged | StatusChanged | Rated,
) -> ServerFrame:
    """The frame that tells of an event."""
    match event:
        case Acknowledged(message):
            return Ack(id=message.client_id or "", message=MessageView.of(message))
        case MessageStored(message):
            return MessageFrame(message=MessageView.of(message))
        case TypingChanged(on):
            return TypingFrame(on=on)
        case StatusChanged(status):
            return StatusFrame(status=status.value)
        case Rated(rating):
            # The column allows nothing but these two.
            value: Literal[1, -1] = 1 if rating.value == 1 else -1
            return RatedFrame(message=rating.message_id, value=value, comment=rating.comment)
