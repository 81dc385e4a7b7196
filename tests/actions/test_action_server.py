"""The action server's doors, with stand-ins for the models, over real HTTP."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sanic import Sanic

from actions.server import IndexInfo, make_server

TOKEN = "only-ours"


@pytest.fixture
async def server(knowledge, free_port: Callable[[], int]) -> AsyncIterator[httpx.AsyncClient]:
    app = make_server(knowledge, lambda: IndexInfo(passages=3, content_sha256="abc"), TOKEN)
    port = free_port()
    running = await app.create_server(port=port, host="127.0.0.1", return_asyncio_server=True)
    assert running is not None
    await running.startup()
    await running.start_serving()
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield client
    running.close()
    await running.wait_closed()
    Sanic.unregister_app(app)


def call(name: str) -> dict:
    message = {"text": "How long?", "intent": {"name": "ask_shipping"}, "metadata": {}}
    tracker = {
        "sender_id": "c1", "slots": {}, "latest_message": message, "events": [], "paused": False,
        "followup_action": None, "active_loop": {}, "latest_action_name": None,
    }  # fmt: skip
    return {"next_action": name, "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.mark.integration
async def test_doors_and_an_answer(server, answering):
    assert (await server.get("/health")).status_code == 200
    assert (await server.get("/ready")).status_code == 401
    assert (
        await server.get("/ready", headers={"Authorization": "Bearer wrong"})
    ).status_code == 401
    assert (await server.post("/webhook", json=call("action_answer_question"))).status_code == 401
    assert (await server.get("/actions")).status_code == 401

    ready = await server.get("/ready", headers={"Authorization": f"Bearer {TOKEN}"})
    assert ready.json()["index"] == {"passages": 3, "content_sha256": "abc"}

    answering.enqueue("How long?")
    reply = await server.post(f"/webhook?token={TOKEN}", json=call("action_answer_question"))
    assert reply.status_code == 200
    assert reply.json()["responses"][0]["custom"]["text"] == "Two days."

    assert (
        await server.post(f"/webhook?token={TOKEN}", json=call("no_such_action"))
    ).status_code == 404


def test_empty_token_is_refused(knowledge):
    with pytest.raises(ValueError, match="token is empty"):
        make_server(knowledge, lambda: IndexInfo(passages=3, content_sha256="abc"), "")
