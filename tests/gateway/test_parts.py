"""The gateway's smaller parts, each on its own."""

import asyncio
import logging

import pytest

from gateway.errors import AssistantError, GatewayError
from gateway.events import Event, TypingChanged
from gateway.hub import Hub
from gateway.replies import parse_replies
from gateway.texts import Language
from gateway.widget.origins import Origins
from gateway.workers import Workers
from store.records import NewMessage, QuickReply
from store.status import Author

SECRET = "0123456789abcdef0123456789abcdef"


def the_default(_: str, default: Language) -> Language:
    return default


class TestOrigins:
    @pytest.mark.parametrize(
        ("origin", "host", "allowed"),
        [
            (None, "chat.shop.example", True),
            ("https://shop.example", "chat.shop.example", True),
            ("https://SHOP.example:443", "chat.shop.example", True),
            ("http://shop.example", "chat.shop.example", False),
            ("https://shop.example:8443", "chat.shop.example", False),
            ("https://shop.example.evil", "chat.shop.example", False),
            ("https://evil.example", "chat.shop.example", False),
            ("null", "chat.shop.example", False),
            ("https://shop.example/", "chat.shop.example", False),
            ("https://shop.example@evil.example", "chat.shop.example", False),
            ("https://[bad", "chat.shop.example", False),
            ("https://shop.example:x", "chat.shop.example", False),
            ("http://localhost:8000", "localhost:8000", True),
            ("http://localhost:8001", "localhost:8000", False),
            ("https://chat.shop.example", "chat.shop.example", True),
            ("http://chat.shop.example", "chat.shop.example", True),
            ("http://[::1]:8000", "[::1]:8000", True),
            ("https://chat.shop.example", None, False),
            ("https://chat.shop.example", "chat.shop.example:x", False),
        ],
    )
    def test_which_pages(self, origin: str | None, host: str | None, allowed: bool) -> None:
        assert Origins(["https://shop.example"]).allow(origin, host) is allowed

    def test_any(self) -> None:
        assert Origins(["*"]).allow("https://evil.example", "chat.shop.example")

    @pytest.mark.parametrize(
        "origin", ["shop.example", "https://shop.example/path", "ftp://x", "https://", ""]
    )
    def test_what_is_no_origin_is_named_at_start(self, origin: str) -> None:
        with pytest.raises(GatewayError, match="expected a scheme and a host"):
            Origins([origin])


class TestReplies:
    def test_texts_with_buttons(self) -> None:
        body = b'[{"recipient_id":"x","text":"Hi!","buttons":[{"title":"A","payload":"/a"}]}]'
        (reply,) = parse_replies(body, language="zh", detect_language=the_default)
        assert reply.message == NewMessage(
            Author.ASSISTANT, "Hi!", "zh", quick_replies=(QuickReply("A", "/a"),)
        )
        assert reply.handoff is reply.feedback is None

    def test_what_a_newer_action_adds_is_let_be(self) -> None:
        body = (
            b'[{"custom":{"type":"handoff","text":"x","language":"en","reason":"policy",'
            b'"queue":"returns"}}]'
        )
        (reply,) = parse_replies(body, language="en", detect_language=the_default)
        assert reply.handoff == "policy"

    def test_a_nul_is_dropped(self) -> None:
        body = b'[{"text":"a\\u0000b"}]'
        (reply,) = parse_replies(body, language="en", detect_language=the_default)
        assert reply.message.text == "ab"
        with pytest.raises(AssistantError):
            parse_replies(b'[{"text":"\\u0000"}]', language="en", detect_language=the_default)

    def test_silence_may_pass_and_nonsense_does_not(self) -> None:
        for body, retry in ((b"[]", True), (b"[7]", False), (b"", False)):
            with pytest.raises(AssistantError) as caught:
                parse_replies(body, language="en", detect_language=the_default)
            assert caught.value.retry is retry

    def test_the_error_says_where_and_keeps_the_words_to_itself(self) -> None:
        feedback = b'{"type":"feedback","text":"my secret","language":"en","value":"my number"}'
        body = b'[{"custom":' + feedback + b"}]"
        with pytest.raises(AssistantError, match=r"does not fit at .*value") as caught:
            parse_replies(body, language="en", detect_language=the_default)
        assert "my" not in str(caught.value)


class TestHub:
    def test_followers_are_told_and_left_alone(self) -> None:
        class Ear:
            def __init__(self) -> None:
                self.heard: list[Event] = []

            def tell(self, event: Event) -> None:
                self.heard.append(event)

        hub, one, two, other = Hub(), Ear(), Ear(), Ear()
        hub.follow("a", one, 0)
        hub.follow("a", two, 0)
        hub.follow("b", other, 0)
        hub.tell("a", TypingChanged(True))
        hub.tell("a", TypingChanged(False), besides=one)
        assert set(hub.followed()) == {"a", "b"}
        hub.leave("a", two)
        hub.leave("a", two)
        hub.tell("a", TypingChanged(True))
        assert one.heard == [TypingChanged(True), TypingChanged(True)]
        assert two.heard == [TypingChanged(True), TypingChanged(False)]
        assert other.heard == []
        hub.leave("a", one)
        assert hub.followed() == ["b"]

    async def test_a_turn_is_one_lock_for_as_long_as_it_is_needed(self) -> None:
        hub = Hub()
        async with hub.turn("a"):
            assert hub.turn("a").locked()
            assert not hub.turn("b").locked()
        assert not hub.turn("a").locked()


class TestWorkers:
    async def test_each_key_has_one_worker_at_a_time(self) -> None:
        todo = {"a": 5, "b": 5}
        busy: set[str] = set()
        together = 0

        async def work(key: str) -> bool:
            nonlocal together
            assert key not in busy
            busy.add(key)
            together = max(together, len(busy))
            await asyncio.sleep(0)
            busy.discard(key)
            if todo[key] == 0:
                return False
            todo[key] -= 1
            return True

        workers = Workers(work)
        for _ in range(3):
            workers.wake("a")
            workers.wake("b")
        await workers.stop(1)
        assert todo == {"a": 0, "b": 0}
        assert together == 2

    async def test_no_wake_is_missed(self) -> None:
        todo = 0

        async def work(_: str) -> bool:
            nonlocal todo
            found = todo > 0
            # New work comes after the look and before the end of the look.
            await asyncio.sleep(0)
            if found:
                todo -= 1
            return found

        workers = Workers(work)
        for _ in range(200):
            todo += 1
            workers.wake("a")
            await asyncio.sleep(0)
        await workers.stop(1)
        assert todo == 0

    async def test_what_fails_is_tried_again(self, caplog: pytest.LogCaptureFixture) -> None:
        trials = 0

        async def work(_: str) -> bool:
            nonlocal trials
            trials += 1
            if trials < 3:
                raise OSError("the disk is full")
            return False

        workers = Workers(work, pause=0.001)
        with caplog.at_level(logging.ERROR):
            workers.wake("a")
            await workers.stop(1)
        assert trials == 3
        assert caplog.text.count("OSError: the disk is full") == 2

    async def test_who_does_not_end_is_left(self) -> None:
        async def work(_: str) -> bool:
            await asyncio.sleep(60)
            return False

        workers = Workers(work)
        workers.wake("a")
        await asyncio.wait_for(workers.stop(0.01), 1)
