"""A message that is asked again."""

import asyncio
from typing import Any

import pytest

from bot.components.once import Once, Replies


class Asked:
    """Counts how often it was asked; replies what it was told to, after ``go`` is set."""

    def __init__(self, *replies: Replies | None) -> None:
        self.times = 0
        self.go = asyncio.Event()
        self.go.set()
        self._replies = list(replies)

    async def __call__(self) -> Replies | None:
        self.times += 1
        await self.go.wait()
        return self._replies[min(self.times, len(self._replies)) - 1]


HELLO: Replies = [{"text": "hello"}]


async def test_the_same_message_gets_the_same_replies_again() -> None:
    once, ask = Once(), Asked(HELLO, [{"text": "other"}])
    assert await once.replies("c", "m", ask) == HELLO
    assert await once.replies("c", "m", ask) == HELLO
    assert ask.times == 1


async def test_a_message_in_progress_is_joined() -> None:
    once, ask = Once(), Asked(HELLO)
    ask.go.clear()
    both = [asyncio.create_task(once.replies("c", "m", ask)) for _ in range(3)]
    await asyncio.sleep(0)
    ask.go.set()
    assert await asyncio.gather(*both) == [HELLO] * 3
    assert ask.times == 1


async def test_who_gives_up_waiting_stops_nothing() -> None:
    once, ask = Once(), Asked(HELLO)
    ask.go.clear()
    first = asyncio.create_task(once.replies("c", "m", ask))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(once.replies("c", "m", ask))
    ask.go.set()
    assert await second == HELLO
    assert ask.times == 1


@pytest.mark.parametrize("failure", [None, []])
async def test_what_failed_may_be_tried_again(failure: Replies | None) -> None:
    once, ask = Once(), Asked(failure, HELLO)
    assert await once.replies("c", "m", ask) == failure
    assert await once.replies("c", "m", ask) == HELLO
    assert ask.times == 2


async def test_another_message_and_another_conversation_are_asked() -> None:
    once, ask = Once(), Asked(HELLO)
    for conversation, message in [("a", "1"), ("a", "2"), ("b", "1")]:
        await once.replies(conversation, message, ask)
    assert ask.times == 3


async def test_only_the_last_messages_of_the_last_conversations_are_kept() -> None:
    once, ask = Once(conversations=2, messages=2), Asked(HELLO)
    for message in ("1", "2", "3"):
        await once.replies("a", message, ask)
    await once.replies("a", "3", ask)
    await once.replies("a", "2", ask)
    assert ask.times == 3
    await once.replies("a", "1", ask)
    assert ask.times == 4
    await once.replies("b", "1", ask)
    await once.replies("c", "1", ask)
    assert ask.times == 6
    await once.replies("a", "1", ask)  # the conversation that was asked in longest ago
    assert ask.times == 7


@pytest.mark.parametrize("sizes", [{"conversations": 0}, {"messages": 0}])
def test_sizes_that_keep_nothing_are_refused(sizes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected 1 or more for both"):
        Once(**sizes)
