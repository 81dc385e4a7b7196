"""A message that is asked again, with the real Rasa."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def _question(message_id: str | None) -> dict[str, Any]:
    metadata = {"language": "en", "message_id": message_id}
    return {"sender": uuid4().hex, "message": "how long does delivery take", "metadata": metadata}


def test_asked_again_the_bot_says_the_same_and_does_nothing(answering: Any) -> None:
    question = _question(uuid4().hex)
    first, second = (answering.post(question).raise_for_status().json() for _ in range(2))
    assert first == second != []
    assert len(answering.actions.calls) == 1
    other = {**question, "metadata": {"message_id": uuid4().hex}}
    answering.post(other).raise_for_status()
    said = [e for e in answering.actions.calls[-1]["tracker"]["events"] if e["event"] == "user"]
    assert len(said) == 2  # the one that was asked twice is in the tracker once


def test_asked_at_once_the_bot_works_once(answering: Any) -> None:
    question = _question(uuid4().hex)
    answering.actions.delay = 0.5
    with ThreadPoolExecutor() as pool:
        replies = [r.json() for r in pool.map(answering.post, [question] * 4)]
    assert replies == [replies[0]] * 4
    assert len(answering.actions.calls) == 1


def test_asked_again_after_a_time_out_the_bot_goes_on(answering: Any) -> None:
    question = _question(uuid4().hex)
    answering.actions.delay = 1.0
    with pytest.raises(httpx.ReadTimeout):
        answering.post(question, timeout=0.5)
    assert len(answering.post(question).raise_for_status().json()) == 1
    assert len(answering.actions.calls) == 1


def test_what_one_rasa_has_done_another_does_not_do_again(answering: Any, start_bot: Any) -> None:
    """As after a restart, too: what is asked again is the last message, and no other."""
    first, second = _question(uuid4().hex), _question(uuid4().hex)
    second["sender"] = first["sender"]
    said = [answering.post(one).raise_for_status().json() for one in (first, second)]
    with start_bot() as other:
        assert other.post(second).raise_for_status().json() == said[1] != []
        assert len(answering.actions.calls) == 2
        # The conversation goes on there.
        third = {**second, "metadata": {"message_id": uuid4().hex}}
        assert len(other.post(third).raise_for_status().json()) == 1
    events = answering.actions.calls[-1]["tracker"]["events"]
    assert [event["event"] for event in events].count("user") == 3


def test_what_failed_is_tried_again(answering: Any) -> None:
    question = _question(uuid4().hex)
    answering.actions.silent = True
    assert answering.post(question).raise_for_status().json() == []
    answering.actions.silent = False
    assert len(answering.post(question).raise_for_status().json()) == 1


def test_without_an_id_every_request_is_a_message(answering: Any) -> None:
    question = _question(None)
    for _ in range(2):
        answering.post(question).raise_for_status()
    assert len(answering.actions.calls) == 2
