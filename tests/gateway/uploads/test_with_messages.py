"""A file on its whole way: sent, said something about, shown to the other tabs, fetched."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.integration


async def send(gateway: Any, session: str, content: bytes, name: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http:
        sent = await http.post(
            "/v1/files",
            params={"name": name},
            content=content,
            headers={"Authorization": f"Bearer {session}"},
        )
    assert sent.status_code == 201, sent.text
    told: dict[str, Any] = sent.json()
    return told


async def test_before_the_first_message(
    gateway: Any, client: Any, picture: Callable[..., bytes], pdf: Callable[..., bytes]
) -> None:
    photo = await send(gateway, client.session, picture("JPEG", (30, 20)), "tent.jpg")
    invoice = await send(gateway, client.session, pdf(), "invoice.pdf")
    stored = await client.say("My tent is torn", files=[invoice["id"], photo["id"]])
    assert [file["name"] for file in stored["files"]] == ["tent.jpg", "invoice.pdf"]
    await client.settled()

    # Another tab, and the same one after a reload, see them too; the links work without a token.
    async with gateway.connect() as other:
        await other.hello(client.session)
        (shown, *_) = other.welcome["messages"]
    assert [file["id"] for file in shown["files"]] == [photo["id"], invoice["id"]]
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http:
        fetched = await http.get(shown["files"][0]["url"])
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/jpeg")
        assert fetched.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert fetched.headers["cross-origin-resource-policy"] == "cross-origin"
        assert fetched.headers["cache-control"] == "private, max-age=3600"
        assert fetched.headers["x-content-type-options"] == "nosniff"
        transcript = await http.get(
            "/v1/transcript", headers={"Authorization": f"Bearer {client.session}"}
        )
    assert "File: tent.jpg" in transcript.text
    assert "My tent is torn" in transcript.text


async def test_a_file_without_words(
    gateway: Any, client: Any, picture: Callable[..., bytes]
) -> None:
    photo = await send(gateway, client.session, picture(), "a.png")
    stored = await client.say("", files=[photo["id"]])
    assert (stored["text"], len(stored["files"])) == ("", 1)


async def test_only_one_s_own_files_and_only_once(
    gateway: Any, client: Any, picture: Callable[..., bytes]
) -> None:
    mine = await send(gateway, client.session, picture(), "a.png")
    async with gateway.connect() as stranger:
        await stranger.hello()
        theirs = await send(gateway, stranger.session, picture(), "b.png")
        for wrong in (mine["id"], str(uuid4())):
            await stranger.send(type="message", id="x", text="look", files=[theirs["id"], wrong])
            assert (await stranger.until("error"))["code"] == "unknown_file"
        # The refusal left the good one as it was.
        assert (await stranger.say("look", files=[theirs["id"]]))["files"]
    await client.say("look", files=[mine["id"]])
    await client.send(type="message", id="y", text="again", files=[mine["id"]])
    assert (await client.until("error"))["code"] == "unknown_file"
