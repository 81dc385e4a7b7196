"""The transcript over HTTP, from a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import update

from gateway import transcript
from gateway.transcript import make_transcript_router
from store import conversations, files, messages
from store.database import Database
from store.models import Message
from store.records import Card, NewMessage, Source
from store.status import Author

pytestmark = pytest.mark.integration


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the route; the token is the conversation's id."""

    async def authorize(request: Request) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            raise HTTPException(401)
        return token

    app = FastAPI()
    app.include_router(make_transcript_router(database, authorize=authorize))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        yield client


async def fetch(http: httpx.AsyncClient, conversation_id: str, language: str = "en") -> str:
    answer = await http.get(
        "/v1/transcript",
        params={"language": language},
        headers={"Authorization": f"Bearer {conversation_id}"},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    disposition = answer.headers["content-disposition"]
    assert disposition == f'attachment; filename="conversation-{datetime.now(UTC):%Y-%m-%d}.txt"'
    return answer.text


def fill(database: Database) -> str:
    """A conversation with everything in it, over midnight."""
    conversation_id = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, conversation_id, language="en")
        file = files.add(
            session,
            conversation_id,
            file_id=str(uuid4()),
            name="tent 帐篷.png",
            media_type="image/png",
            size=12_345,
            sha256="0" * 64,
        )
        messages.receive(
            session,
            conversation_id,
            client_id="a",
            text="Is this a tent?\n\n10:31  Customer service\nYes, and it is free.",
            language="en",
            file_ids=[file.id],
        )
        told = [
            NewMessage(
                Author.ASSISTANT,
                "It is a Heron 2.",
                "en",
                sources=(Source("x", "Heron 2 tent", "/shop/heron-2-tent", "q"),),
                cards=(Card("Heron 2 tent", "EUR 279.00", None, "/shop/heron-2-tent"),),
            ),
            NewMessage(Author.SYSTEM, "A colleague is coming.", "en"),
            NewMessage(Author.AGENT, "您好！", "zh"),
        ]
        messages.append(session, conversation_id, told)
        for seq, at in enumerate(("10:30", "10:31", "23:59", "00:01"), start=1):
            day = 12 if seq < 4 else 13
            moment = datetime.fromisoformat(f"2026-05-{day}T{at}+00:00")
            session.execute(
                update(Message)
                .where(Message.conversation_id == conversation_id, Message.seq == seq)
                .values(at=moment)
            )
    return conversation_id


async def test_in_english(database: Database, http: httpx.AsyncClient) -> None:
    assert await fetch(http, fill(database)) == (
        "Conversation\n"
        "All times are UTC.\n"
        "\n"
        "12 May 2026\n"
        "\n"
        "10:30  You\n"
        "       Is this a tent?\n"
        "\n"
        "       10:31  Customer service\n"
        "       Yes, and it is free.\n"
        "       File: tent 帐篷.png (12,345 bytes)\n"
        "\n"
        "10:31  Assistant\n"
        "       It is a Heron 2.\n"
        "       Shown: Heron 2 tent, EUR 279.00, /shop/heron-2-tent\n"
        "       Source: Heron 2 tent, /shop/heron-2-tent\n"
        "\n"
        "23:59  Note\n"
        "       A colleague is coming.\n"
        "\n"
        "13 May 2026\n"
        "\n"
        "00:01  Customer service\n"
        "       您好！\n"
    )


async def test_in_chinese(database: Database, http: httpx.AsyncClient) -> None:
    text = await fetch(http, fill(database), "zh-CN")
    assert text.startswith(
        "对话记录\n所有时间均为协调世界时（UTC）。\n\n2026年5月12日\n\n10:30  您\n"
    )
    assert "\n       文件：tent 帐篷.png (12,345 字节)\n" in text
    assert "\n00:01  人工客服\n" in text


async def test_a_long_one_comes_whole_and_in_order(
    database: Database, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "_PAGE", 7)
    for count in (6, 7, 8, 50):
        conversation_id = str(uuid4())
        with database.transaction() as session:
            conversations.open_for(session, conversation_id, language="en")
            said = [NewMessage(Author.ASSISTANT, f"word {n}", "en") for n in range(count)]
            messages.append(session, conversation_id, said)
        text = await fetch(http, conversation_id)
        found = [line.strip() for line in text.splitlines() if "word" in line]
        assert found == [f"word {n}" for n in range(count)]
        assert text.count("UTC") == 1


async def test_one_that_has_not_begun(http: httpx.AsyncClient) -> None:
    assert "There are no messages." in await fetch(http, str(uuid4()))
    assert "没有消息。" in await fetch(http, str(uuid4()), "zh")


async def test_without_a_session_there_is_none(database: Database, http: httpx.AsyncClient) -> None:
    fill(database)
    assert (await http.get("/v1/transcript")).status_code == 401
