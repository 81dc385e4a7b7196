"""Asking once: a message that is asked again is not processed again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

Replies = list[dict[str, Any]]
Ask = Callable[[], Awaitable[Replies | None]]
"""Processes a message; gives what the bot says, nothing or None when it failed. Raises nothing."""


class Once:
    """Remembers what the bot said to the latest messages, and what it is saying just now.

    The gateway asks again when it was restarted, or when it gave a question up: then Rasa may be
    at work on it still, or have done it already.

    - A message that is being processed is waited for.
    - One that was processed gets the same replies.
    - One that failed, or to which the bot said nothing, is processed anew.

    The memory ends with the process; beyond it the tracker store knows what was said to the last
    message. What must not be done twice even when Rasa dies in the middle of it, such as writing an
    order, the action must recognise by the message's id.

    Args:
        conversations: how many are remembered, those asked last; an answer with its passages takes
            about 6 kB, so 2,000 of them hold at most some 25 MB.
        messages: how many of each. The gateway asks one after the other, so it is always the last
            one that is asked again.

    Raises:
        ValueError: one of the two is below 1.
    """

    def __init__(self, conversations: int = 2000, messages: int = 2) -> None:
        if conversations < 1 or messages < 1:
            raise ValueError(
                f"conversations is {conversations} and messages {messages}; "
                "expected 1 or more for both"
            )
        self._conversations = conversations
        self._messages = messages
        self._said: OrderedDict[str, OrderedDict[str, Replies]] = OrderedDict()
        self._running: dict[tuple[str, str], asyncio.Task[Replies | None]] = {}

    async def replies(self, conversation: str, message_id: str, ask: Ask) -> Replies | None:
        """What the bot says to the message: by ``ask``, unless that is known or on its way."""
        said = self._said.get(conversation)
        if said is not None and message_id in said:
            return said[message_id]
        key = (conversation, message_id)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._process(key, ask))
        # Whoever gave up waiting must not stop it for whoever comes next.
        return await asyncio.shield(task)

    async def _process(self, key: tuple[str, str], ask: Ask) -> Replies | None:
        try:
            replies = await ask()
        finally:
            # In one step with keeping what was said: nobody can come between the two.
            del self._running[key]
        if replies:
            self._keep(*key, replies)
        return replies

    def _keep(self, conversation: str, message_id: str, replies: Replies) -> None:
        said = self._said.setdefault(conversation, OrderedDict())
        said[message_id] = replies
        self._said.move_to_end(conversation)
        while len(said) > self._messages:
            said.popitem(last=False)
        while len(self._said) > self._conversations:
            self._said.popitem(last=False)
