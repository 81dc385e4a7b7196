"""What a customer's client may do in an open conversation: one frame, one deed."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import TooMany
from gateway.events import Follower
from gateway.exchange import Exchange
from gateway.limits import Place
from gateway.texts import Language
from gateway.transactions import Contact, Incoming
from gateway.widget.frames import (
    LONGEST_TEXT,
    AnyClientFrame,
    Contacted,
    ContactFrame,
    CustomerMessage,
    CustomerTyping,
    EndFrame,
    ErrorCode,
    ErrorFrame,
    HistoryPage,
    HistoryRequest,
    Ping,
    Pong,
    RatingFrame,
    SeenFrame,
    ServerFrame,
    SurveyFrame,
)
from gateway.widget.views import FileUrl, view
from store.errors import UnknownConversation, UnknownFile, UnknownMessage

Send = Callable[[ServerFrame], None]


@dataclass(frozen=True, slots=True)
class Guest:
    """A customer who has been let in.

    Attributes:
        conversation_id: the only one that this connection can reach.
        language: of the page.
        customer_id: the customer whom the shop vouched for, None for nobody.
        follower: the connection, as the exchange knows it.
        send: puts a frame on its way to the client.
        place: where its messages are counted.
    """

    conversation_id: str
    language: Language
    customer_id: str | None
    exchange: Exchange
    follower: Follower
    send: Send
    place: Place
    file_url: FileUrl

    async def do(self, frame: AnyClientFrame) -> None:
        """Do what the frame asks for; a hello and a logout are the connection's own matter."""
        match frame:
            case CustomerMessage():
                await self._message(frame)
            case RatingFrame():
                await self._rating(frame)
            case SeenFrame(seq=seq):
                await self.exchange.seen(self.conversation_id, seq, self.follower)
            case CustomerTyping(on=on):
                self.exchange.customer_typing(self.conversation_id, self.follower, on=on)
            case HistoryRequest(before=before):
                await self._history(before)
            case EndFrame():
                await self._end()
            case SurveyFrame():
                await self._survey(frame)
            case ContactFrame():
                await self._contact(frame)
            case Ping():
                self.send(Pong())

    async def _message(self, frame: CustomerMessage) -> None:
        if len(frame.text) > LONGEST_TEXT:
            text = f"{len(frame.text)} characters, expected at most {LONGEST_TEXT}"
            self._refuse("message_too_long", text, frame.id)
        elif not frame.text.strip() and not frame.files:
            self._refuse("message_empty", "there is no text and no file", frame.id)
        elif wait := await self._too_much(frame.text):
            self._refuse("too_many", wait, frame.id)
        else:
            incoming = Incoming(
                client_id=frame.id,
                text=frame.text,
                payload=frame.payload,
                page_language=self.language,
                file_ids=tuple(str(file) for file in frame.files),
                customer_id=self.customer_id,
            )
            try:
                await self.exchange.receive(self.conversation_id, incoming, self.follower)
            except UnknownFile as error:
                self._refuse("unknown_file", str(error), frame.id)

    async def _rating(self, frame: RatingFrame) -> None:
        message_id, comment = str(frame.message), frame.comment or None
        try:
            await self.exchange.rate(self.conversation_id, message_id, frame.value, comment)
        except UnknownMessage as error:
            self._refuse("unknown_message", str(error), message_id)

    async def _history(self, before: int) -> None:
        page = await self.exchange.history(self.conversation_id, before)
        self.send(
            HistoryPage(
                before=before,
                messages=[view(message, self.file_url) for message in page.messages],
                earlier=page.earlier,
            )
        )

    async def _end(self) -> None:
        try:
            await self.exchange.end(self.conversation_id)
        except UnknownConversation:
            self._refuse("nothing_yet", "there is no message yet, so nothing to end")

    async def _survey(self, frame: SurveyFrame) -> None:
        try:
            await self.exchange.survey(self.conversation_id, frame.score, frame.comment or None)
        except UnknownConversation:
            self._refuse("nothing_yet", "there is no message yet, so nothing to judge")

    async def _contact(self, frame: ContactFrame) -> None:
        if wait := await self._too_much(frame.text):
            self._refuse("too_many", wait, frame.id)
            return
        contact = Contact(
            client_id=frame.id,
            email=frame.email,
            text=frame.text,
            name=frame.name or None,
            page_language=self.language,
            customer_id=self.customer_id,
        )
        await self.exchange.leave_contact(self.conversation_id, contact)
        self.send(Contacted(id=frame.id))

    async def _too_much(self, text: str) -> str | None:
        """Why a message with this text must wait, None when it may go."""
        try:
            await self.place.message(len(text.encode()))
        except TooMany as error:
            return str(error)
        return None

    def _refuse(self, code: ErrorCode, text: str, about: str | None = None) -> None:
        self.send(ErrorFrame(code=code, text=text, id=about))
