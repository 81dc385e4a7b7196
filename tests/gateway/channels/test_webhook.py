"""The generic webhook: what it believes, what it understands, how it sends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest

from gateway.channels.channel import (
    Capabilities,
    InboundContact,
    InboundEnd,
    InboundMessage,
    InboundRating,
    InboundSeen,
    InboundSurvey,
    Outgoing,
)
from gateway.channels.errors import BadDelivery, BadSignature, DeliveryFailed
from gateway.channels.fit import fit
from gateway.channels.webhook import WebhookChannel
from store.records import Card, MessageRecord, QuickReply, Source
from store.status import Author, Status

HELLO = {"type": "message", "customer": "anna", "text": "Hello"}
ANSWER = MessageRecord(
    id=str(uuid4()),
    conversation_id=str(uuid4()),
    seq=2,
    author=Author.ASSISTANT,
    text="Two to four days. 发货😀",
    language="en",
    at=datetime(2026, 1, 1, 12, 0, 0, 170_000, tzinfo=UTC),
    client_id=None,
    command=None,
    state=None,
    reply_to=str(uuid4()),
    sources=(Source("en/faq/shipping#time", "How long?", "/help/shipping", "Two to four days."),),
    quick_replies=(QuickReply("Talk to a person", "/request_human"),),
    rateable=True,
    rating=None,
    cards=(Card("Tent", "199.00 EUR", None, "/p/tent", (QuickReply("Order it", "/order"),)),),
)
TOLD = Outgoing(
    event_id=str(uuid4()),
    conversation_id=ANSWER.conversation_id,
    external_id="anna",
    message=ANSWER,
    in_reply_to="evt_1",
)


class TestVerifying:
    def test_a_signed_message_is_read(self, channel: WebhookChannel, sign: Any) -> None:
        request = sign({**HELLO, "language": "zh-CN", "payload": "/x"}, event_id="evt_1")
        assert channel.read(request.headers, request.body) == [
            InboundMessage("evt_1", "anna", "Hello", "/x", "zh-CN")
        ]

    @pytest.mark.parametrize(
        "change",
        [
            {"webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="},
            {"webhook-signature": ""},
            {"webhook-signature": "v1"},
            {"webhook-signature": "v1,not base64"},
            {"webhook-signature": "v1,%%%,x"},
            {"webhook-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFy=="},
            {"webhook-id": "another"},
            {"webhook-id": ""},
            {"webhook-id": "with.stop"},
            {"webhook-id": "with space"},
            {"webhook-id": "x" * 256},
            {"webhook-timestamp": ""},
            {"webhook-timestamp": "soon"},
            {"webhook-timestamp": "nan"},
            {"webhook-timestamp": "-1"},
            {"webhook-timestamp": "1e9"},
            {"webhook-timestamp": "9" * 12},
        ],
    )
    def test_forged_headers_are_refused(
        self, channel: WebhookChannel, sign: Any, change: dict[str, str]
    ) -> None:
        request = sign(HELLO)
        with pytest.raises(BadSignature):
            channel.read({**request.headers, **change}, request.body)

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_no_header_may_be_missing(self, channel: WebhookChannel, sign: Any, name: str) -> None:
        request = sign(HELLO)
        request.headers.pop(name)
        with pytest.raises(BadSignature):
            channel.read(request.headers, request.body)

    @pytest.mark.parametrize("body", [b'{"type":"end","customer":"anna"}', b"", b"\xff\xfe"])
    def test_another_body_is_refused(self, channel: WebhookChannel, sign: Any, body: bytes) -> None:
        with pytest.raises(BadSignature):
            channel.read(sign(HELLO).headers, body)

    @pytest.mark.parametrize("seconds_ago", [301, 86_400, -301])
    def test_what_was_signed_long_ago_or_is_to_be_is_refused(
        self, channel: WebhookChannel, sign: Any, seconds_ago: float
    ) -> None:
        request = sign(HELLO, seconds_ago=seconds_ago)
        with pytest.raises(BadSignature, match=r"too (old|new)"):
            channel.read(request.headers, request.body)

    @pytest.mark.parametrize("seconds_ago", [290, -290])
    def test_clocks_may_differ_a_little(
        self, channel: WebhookChannel, sign: Any, seconds_ago: float
    ) -> None:
        request = sign(HELLO, seconds_ago=seconds_ago)
        assert channel.read(request.headers, request.body)

    def test_a_new_timestamp_needs_a_new_signature(
        self, channel: WebhookChannel, sign: Any
    ) -> None:
        old = sign(HELLO, seconds_ago=600)
        now = str(int(datetime.now(UTC).timestamp()))
        with pytest.raises(BadSignature):
            channel.read({**old.headers, "webhook-timestamp": now}, old.body)

    def test_while_secrets_change_both_are_good(
        self, make_channel: Any, sign: Any, secrets: tuple[str, str]
    ) -> None:
        both = make_channel(secrets=secrets)
        only_new = make_channel(secrets=secrets[:1])
        for secret in secrets:
            request = sign(HELLO, secret=secret)
            assert both.read(request.headers, request.body)
        with pytest.raises(BadSignature):
            only_new.read(request.headers, request.body)

    def test_one_good_signature_among_several_is_enough(
        self, channel: WebhookChannel, sign: Any
    ) -> None:
        request = sign(HELLO)
        request.headers["webhook-signature"] = (
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= "
            + request.headers["webhook-signature"]
        )
        assert channel.read(request.headers, request.body)

    async def test_what_we_send_is_not_taken_when_it_is_thrown_back(
        self, channel: WebhookChannel, receiver: Any
    ) -> None:
        await channel.send(TOLD)
        await channel.send(replace(TOLD, message=None, status=Status.HUMAN))
        for request in receiver.received:
            with pytest.raises(BadDelivery):
                channel.read(request.headers, request.body)

    def test_no_secret_is_shown(self, channel: WebhookChannel, secrets: tuple[str, str]) -> None:
        assert secrets[0] not in repr(channel) + repr(vars(channel))


class TestReading:
    @pytest.mark.parametrize(
        ("body", "event"),
        [
            ({"type": "seen", "seq": 7}, InboundSeen("e", "anna", 7)),
            ({"type": "end"}, InboundEnd("e", "anna")),
            (
                {"type": "survey", "score": 4, "comment": "fine"},
                InboundSurvey("e", "anna", 4, "fine"),
            ),
            (
                {"type": "rating", "message": ANSWER.id, "value": -1},
                InboundRating("e", "anna", ANSWER.id, -1, None),
            ),
            (
                {"type": "contact", "email": "anna@shop.example", "text": "Call me"},
                InboundContact("e", "anna", "anna@shop.example", "Call me"),
            ),
            (
                {"type": "message", "text": "a\x00b\x1b[31m\tc\nd"},
                InboundMessage("e", "anna", "ab[31m\tc\nd"),
            ),
            ({"type": "message", "text": "x" * 4_000}, InboundMessage("e", "anna", "x" * 4_000)),
        ],
    )
    def test_each_event(
        self, channel: WebhookChannel, sign: Any, body: dict[str, Any], event: Any
    ) -> None:
        request = sign({"customer": "anna", **body}, event_id="e")
        assert channel.read(request.headers, request.body) == [event]

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            (b"", "body"),
            (b"null", "body"),
            (b"[]", "body"),
            (b'{"type":"message"', "body"),
            (b"[" * 30_000, "body"),
            ({"type": "order", "customer": "anna"}, "body"),
            ({"customer": "anna", "text": "x"}, "body"),
            ({"type": "message", "text": "x"}, "customer"),
            ({**HELLO, "customer": ""}, "customer"),
            ({**HELLO, "customer": "a\nb"}, "customer"),
            ({**HELLO, "customer": "x" * 256}, "customer"),
            ({**HELLO, "customer": 7}, "customer"),
            ({**HELLO, "text": " \n"}, "text"),
            ({**HELLO, "text": "\x01"}, "text"),
            ({**HELLO, "text": "x" * 4_001}, "text"),
            ({**HELLO, "text": None}, "text"),
            (b'{"type":"message","customer":"a","text":"\\ud800"}', "body"),
            ({**HELLO, "payload": "x" * 501}, "payload"),
            ({**HELLO, "author": "agent"}, "author"),
            ({"type": "rating", "customer": "anna", "message": "7", "value": 1}, "message"),
            ({"type": "rating", "customer": "a", "message": ANSWER.id, "value": 2}, "value"),
            ({"type": "rating", "customer": "a", "message": ANSWER.id, "value": "1"}, "value"),
            ({"type": "seen", "customer": "anna", "seq": 0}, "seq"),
            ({"type": "seen", "customer": "anna", "seq": 1.5}, "seq"),
            ({"type": "seen", "customer": "anna", "seq": 10**30}, "seq"),
            ({"type": "survey", "customer": "anna", "score": 6}, "score"),
            ({"type": "contact", "customer": "anna", "email": "x", "text": "y"}, "email"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, channel: WebhookChannel, sign: Any, body: Any, where: str
    ) -> None:
        request = sign(body)
        with pytest.raises(BadDelivery) as refused:
            channel.read(request.headers, request.body)
        assert where in str(refused.value)


class TestSending:
    async def test_a_message(
        self, channel: WebhookChannel, receiver: Any, secrets: tuple[str, str]
    ) -> None:
        await channel.send(TOLD)
        (came,) = receiver.received
        assert came.is_signed_with(secrets[0])
        assert came.event_id == TOLD.event_id
        assert came.headers["content-type"] == "application/json"
        assert came.json == {
            "type": "message",
            "customer": "anna",
            "conversation": ANSWER.conversation_id,
            "message": {
                "id": ANSWER.id,
                "seq": 2,
                "author": "assistant",
                "text": "Two to four days. 发货😀",
                "language": "en",
                "at": "2026-01-01T12:00:00.170Z",
                "reply_to": "evt_1",
                "sources": [
                    {
                        "id": "en/faq/shipping#time",
                        "title": "How long?",
                        "url": "/help/shipping",
                        "quote": "Two to four days.",
                    }
                ],
                "quick_replies": [{"title": "Talk to a person", "payload": "/request_human"}],
                "cards": [
                    {
                        "title": "Tent",
                        "subtitle": "199.00 EUR",
                        "image": None,
                        "url": "/p/tent",
                        "quick_replies": [{"title": "Order it", "payload": "/order"}],
                    }
                ],
                "rateable": True,
            },
        }

    async def test_a_status(self, channel: WebhookChannel, receiver: Any) -> None:
        await channel.send(replace(TOLD, message=None, status=Status.WAITING))
        assert receiver.received[0].json == {
            "type": "status",
            "customer": "anna",
            "conversation": ANSWER.conversation_id,
            "status": "waiting",
        }

    async def test_while_secrets_change_it_is_signed_with_both(
        self, make_channel: Any, receiver: Any, secrets: tuple[str, str]
    ) -> None:
        await make_channel(secrets=secrets).send(TOLD)
        (came,) = receiver.received
        assert all(came.is_signed_with(secret) for secret in secrets)

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    async def test_2xx_is_taken(self, channel: WebhookChannel, receiver: Any, status: int) -> None:
        receiver.enqueue(status)
        await channel.send(TOLD)

    @pytest.mark.parametrize(
        ("status", "permanent"),
        [
            *((status, True) for status in (400, 401, 403, 404, 410, 413, 422)),
            *((status, False) for status in (408, 425, 429, 500, 502, 503, 504, 302, 307)),
        ],
    )
    async def test_what_is_final_and_what_is_not(
        self, channel: WebhookChannel, receiver: Any, status: int, permanent: bool
    ) -> None:
        receiver.enqueue(status, Location="http://127.0.0.1:1/elsewhere")
        with pytest.raises(DeliveryFailed, match=f"HTTP status {status}") as failed:
            await channel.send(TOLD)
        assert failed.value.permanent is permanent
        assert len(receiver.received) == 1

    @pytest.mark.parametrize(
        ("header", "low", "high"),
        [
            ("120", 120, 120),
            # A date, made when the test runs: those before it may take minutes.
            (None, 3_500, 3_600),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        ],
    )
    async def test_a_receiver_that_wants_a_pause_is_heard(
        self, channel: WebhookChannel, receiver: Any, header: str | None, low: float, high: float
    ) -> None:
        if header is None:
            header = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
        for status in (429, 503):
            receiver.enqueue(status, Retry_After=header)
            with pytest.raises(DeliveryFailed) as failed:
                await channel.send(TOLD)
            assert failed.value.retry_after is not None
            assert low <= failed.value.retry_after <= high

    @pytest.mark.parametrize("header", ["", "soon", "-5", "1e3", "9" * 40, "Mon, 99 Foo 2026"])
    async def test_a_pause_that_makes_no_sense_is_none(
        self, channel: WebhookChannel, receiver: Any, header: str
    ) -> None:
        receiver.enqueue(429, Retry_After=header)
        with pytest.raises(DeliveryFailed) as failed:
            await channel.send(TOLD)
        assert failed.value.retry_after is None

    async def test_no_answer_in_time(self, make_channel: Any, receiver: Any) -> None:
        receiver.enqueue(200, seconds=5)
        with pytest.raises(DeliveryFailed, match="no answer in time") as failed:
            await make_channel(timeout=0.2).send(TOLD)
        assert not failed.value.permanent

    @pytest.mark.parametrize("answer", [b"", b"no HTTP\r\n\r\n", b"HTTP/1.1 200 X\r\nContent-"])
    async def test_a_connection_that_breaks(
        self, make_channel: Any, receiver: Any, answer: bytes
    ) -> None:
        receiver.enqueue_raw(answer)
        with pytest.raises(DeliveryFailed) as failed:
            await make_channel(timeout=0.5).send(TOLD)
        assert not failed.value.permanent

    async def test_nobody_there(self, channel: WebhookChannel, receiver: Any) -> None:
        await receiver.stop()
        with pytest.raises(DeliveryFailed, match="not reached"):
            await channel.send(TOLD)

    async def test_a_long_answer_is_not_read(self, channel: WebhookChannel, receiver: Any) -> None:
        receiver.enqueue(200, body=b"x" * 1_000_000)
        await channel.send(TOLD)
        await channel.send(TOLD)
        assert len(receiver.received) == 2

    async def test_taken_is_taken_however_the_answer_goes_on(
        self, channel: WebhookChannel, receiver: Any
    ) -> None:
        receiver.enqueue_raw(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n")
        await channel.send(TOLD)


class TestFitting:
    def test_what_can_be_shown_stays(self) -> None:
        assert fit(ANSWER, Capabilities()) == ANSWER

    def test_without_buttons_their_titles_are_lines(self) -> None:
        message = fit(ANSWER, Capabilities(buttons=False))
        assert message.text.split("\n")[1:] == ["- Order it", "- Talk to a person"]
        assert message.quick_replies == ()
        assert message.cards == (replace(ANSWER.cards[0], quick_replies=()),)

    def test_without_cards_they_are_lines_and_their_buttons_stay(self) -> None:
        message = fit(ANSWER, Capabilities(cards=False))
        assert message.text.split("\n")[1:] == ["Tent · 199.00 EUR · /p/tent"]
        assert [reply.title for reply in message.quick_replies] == ["Talk to a person", "Order it"]
        assert message.cards == ()

    def test_without_either_all_is_text(self) -> None:
        message = fit(ANSWER, Capabilities(buttons=False, cards=False))
        assert message.text.split("\n") == [
            "Two to four days. 发货😀",
            "Tent · 199.00 EUR · /p/tent",
            "- Talk to a person",
            "- Order it",
        ]
        assert (message.cards, message.quick_replies) == ((), ())

    async def test_an_account_is_told_what_it_can_show(
        self, make_channel: Callable[..., WebhookChannel], receiver: Any
    ) -> None:
        channel = make_channel(capabilities=Capabilities(buttons=False, cards=False))
        await channel.send(TOLD)
        message = receiver.received[0].json["message"]
        assert "- Talk to a person" in message["text"]
        assert message["quick_replies"] == message["cards"] == []
