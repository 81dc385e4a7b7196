"""Files over HTTP, with the real inspector and the real database."""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import update

from gateway.uploads.folder import Folder
from gateway.uploads.intake import UploadLimits, Uploads
from gateway.uploads.janitor import Janitor
from gateway.uploads.links import FileLinks
from gateway.uploads.router import make_uploads_router
from store import conversations, files
from store.database import Database
from store.models import File

pytestmark = pytest.mark.integration

Picture = Callable[..., bytes]
LIMITS = UploadLimits(
    file_bytes=50_000, conversation_bytes=60_000, conversation_files=3, reading_seconds=2
)


class Shop:
    """The routes, with a stand-in for the sessions: the token is the conversation's id."""

    def __init__(self, database: Database, path: Path, scan_command: str = "") -> None:
        self.database = database
        self.folder = Folder(path)
        self.uploads = Uploads(database, self.folder, scan_command=scan_command, limits=LIMITS)
        self.janitor = Janitor(database, self.folder)
        app = FastAPI()
        links = FileLinks("0123456789abcdef0123456789abcdef")
        app.include_router(make_uploads_router(self.uploads, links, authorize=self._authorize))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://shop.example"
        )

    async def _authorize(self, request: Request) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            raise HTTPException(401)
        return token

    async def send(
        self, conversation_id: str, content: bytes | AsyncIterator[bytes], name: str = "a.png"
    ) -> httpx.Response:
        return await self.http.post(
            "/v1/files",
            params={"name": name},
            content=content,
            headers={"Authorization": f"Bearer {conversation_id}"},
        )

    def kept(self) -> list[Path]:
        """Every file that lies in the folder, anywhere."""
        return [path for path in self.folder.path.rglob("*") if path.is_file()]


@pytest.fixture
async def shop(database: Database, tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(database, tmp_path / "files")
    yield shop
    await shop.http.aclose()
    shop.uploads.close()


@pytest.fixture
def conversation_id() -> str:
    return str(uuid4())


async def test_a_file_is_taken_in_and_given_out(
    shop: Shop, conversation_id: str, picture: Picture
) -> None:
    sent = await shop.send(conversation_id, picture("JPEG", (30, 20)), "../the tent 帐篷.png")
    assert sent.status_code == 201
    told = sent.json()
    assert told["name"] == "the tent 帐篷.jpg"
    assert (told["media_type"], told["width"], told["height"]) == ("image/jpeg", 30, 20)

    fetched = await shop.http.get(told["url"])
    assert fetched.status_code == 200
    assert len(fetched.content) == told["size"]
    assert fetched.headers["content-type"] == "image/jpeg"
    assert fetched.headers["content-disposition"] == (
        "inline; filename*=utf-8''the%20tent%20%E5%B8%90%E7%AF%B7.jpg"
    )
    assert fetched.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["cross-origin-resource-policy"] == "cross-origin"
    assert fetched.headers["cache-control"].startswith("private")

    (path,) = shop.kept()
    assert path.name == told["id"]
    assert path.stat().st_mode & 0o077 == 0
    with shop.database.snapshot() as session:
        row = session.get_one(File, told["id"])
        assert row.sha256 == hashlib.sha256(fetched.content).hexdigest()
        assert row.conversation_id == conversation_id


async def test_a_pdf_is_only_to_be_saved(
    shop: Shop, conversation_id: str, pdf: Callable[..., bytes]
) -> None:
    told = (await shop.send(conversation_id, pdf(), "invoice.exe")).json()
    assert (told["name"], told["media_type"]) == ("invoice.exe.pdf", "application/pdf")
    assert told["width"] is told["height"] is None
    fetched = await shop.http.get(told["url"])
    assert fetched.headers["content-disposition"] == 'attachment; filename="invoice.exe.pdf"'


async def test_a_link_is_needed_and_must_be_this_file_s(
    shop: Shop, conversation_id: str, picture: Picture
) -> None:
    one, two = [(await shop.send(conversation_id, picture())).json() for _ in range(2)]
    signature = one["url"].partition("?t=")[2]
    stamp, _, rest = signature.partition(".")
    for path in (
        f"/v1/files/{one['id']}",
        f"/v1/files/{two['id']}?t={signature}",
        f"/v1/files/{one['id']}?t={signature}x",
        f"/v1/files/{one['id']}.{stamp}?t={rest}",
        f"/v1/files/..%2F{one['id']}?t={signature}",
        "/v1/files/%00?t=%00",
    ):
        refused = await shop.http.get(path)
        assert refused.status_code in (403, 404), path
    assert refused.json()["code"] == "link_expired"


async def test_bytes_that_are_gone_are_not_found(
    shop: Shop, conversation_id: str, picture: Picture
) -> None:
    told = (await shop.send(conversation_id, picture())).json()
    shop.folder.remove(told["id"])
    refused = await shop.http.get(told["url"])
    assert (refused.status_code, refused.json()["code"]) == (404, "file_unknown")


async def test_who_is_nobody_sends_nothing(shop: Shop, picture: Picture) -> None:
    assert (await shop.http.post("/v1/files", content=picture())).status_code == 401
    assert shop.kept() == []


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file_broken"),
        (b"MZ\x90 a program", 415, "file_type"),
        (b"\x89PNG\r\n\x1a\n", 415, "file_type"),
        (b"%PDF-1.7 no more", 422, "file_broken"),
        (bytes(50_001), 413, "file_too_large"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    content: bytes, status: int, code: str, shop: Shop, conversation_id: str
) -> None:
    refused = await shop.send(conversation_id, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["text"]
    assert shop.kept() == []
    with shop.database.snapshot() as session:
        assert files.usage(session, conversation_id) == (0, 0)
        assert conversations.find(session, conversation_id) is None


async def test_the_size_is_counted_while_it_is_read(shop: Shop, conversation_id: str) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1_000
            yield bytes(1_000)

    refused = await shop.send(conversation_id, endless())
    assert (refused.status_code, refused.json()["code"]) == (413, "file_too_large")
    assert read <= 52_000
    assert shop.kept() == []


async def test_who_sends_too_slowly_is_not_waited_for(shop: Shop, conversation_id: str) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"\x89PNG"
        await asyncio.sleep(30)

    began = time.monotonic()
    refused = await shop.send(conversation_id, slow())
    assert (refused.status_code, refused.json()["code"]) == (503, "file_later")
    assert time.monotonic() - began < 10
    assert shop.kept() == []


async def test_a_conversation_has_room_for_so_many_files(
    shop: Shop, conversation_id: str, picture: Picture
) -> None:
    answers = await asyncio.gather(
        *(shop.send(conversation_id, picture(colour=(n, n, n))) for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429]
    assert {a.json()["code"] for a in answers if a.status_code == 429} == {"file_limit"}
    assert len(shop.kept()) == 3
    assert (await shop.send(str(uuid4()), picture())).status_code == 201


async def test_a_conversation_has_room_for_so_many_bytes(
    shop: Shop, conversation_id: str, pdf: Callable[..., bytes]
) -> None:
    large = pdf() + b"%" * 40_000
    assert (await shop.send(conversation_id, large)).status_code == 201
    refused = await shop.send(conversation_id, large)
    assert (refused.status_code, refused.json()["code"]) == (429, "file_limit")
    assert len(shop.kept()) == 1


async def test_one_conversation_does_not_take_all_the_places(
    shop: Shop, conversation_id: str, picture: Picture
) -> None:
    go = asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        await go.wait()
        yield picture()

    sending = [asyncio.create_task(shop.send(conversation_id, waiting())) for _ in range(5)]
    await asyncio.sleep(0.2)
    refused = await shop.send(conversation_id, picture())
    assert (refused.status_code, refused.json()["code"]) == (429, "file_limit")
    assert (await shop.send(str(uuid4()), picture())).status_code == 201
    go.set()
    answers = await asyncio.gather(*sending)
    assert [answer.status_code for answer in answers].count(201) == 3


async def test_an_infected_file_is_refused(
    database: Database, tmp_path: Path, conversation_id: str, picture: Picture
) -> None:
    scanner = tmp_path / "scan.sh"
    scanner.write_text('#!/bin/sh\nif grep -q EICAR "$1"; then exit 1; fi\n')
    scanner.chmod(0o700)
    shop = Shop(database, tmp_path / "files", str(scanner))
    assert (await shop.send(conversation_id, picture())).status_code == 201
    refused = await shop.send(conversation_id, picture() + b"EICAR")
    assert (refused.status_code, refused.json()["code"]) == (422, "file_infected")
    assert len(shop.kept()) == 1
    scanner.write_text("#!/bin/sh\nexit 2\n")
    refused = await shop.send(conversation_id, picture())
    assert (refused.status_code, refused.json()["code"]) == (503, "file_later")
    assert refused.headers["retry-after"]
    await shop.http.aclose()
    shop.uploads.close()


async def test_a_full_disk_is_not_the_customer_s_fault(
    shop: Shop, conversation_id: str, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shop.folder, "keep", full)
    refused = await shop.send(conversation_id, picture())
    assert (refused.status_code, refused.json()["code"]) == (503, "file_later")
    assert shop.kept() == []


class TestJanitor:
    async def test_what_was_never_sent_goes_after_a_day(
        self, shop: Shop, conversation_id: str, picture: Picture, caplog: pytest.LogCaptureFixture
    ) -> None:
        old, fresh = [(await shop.send(conversation_id, picture())).json() for _ in range(2)]
        with shop.database.transaction() as session:
            long_ago = datetime.now(UTC) - timedelta(hours=25)
            session.execute(update(File).where(File.id == old["id"]).values(at=long_ago))
        with caplog.at_level(logging.INFO):
            await shop.janitor.sweep()
        assert [path.name for path in shop.kept()] == [fresh["id"]]
        assert "removed 1 files never sent" in caplog.text
        assert (await shop.http.get(old["url"])).status_code == 404
        assert (await shop.http.get(fresh["url"])).status_code == 200

    async def test_what_a_crash_left_goes(
        self, shop: Shop, conversation_id: str, picture: Picture
    ) -> None:
        known = (await shop.send(conversation_id, picture())).json()["id"]
        unknown, new = str(uuid4()), str(uuid4())
        incoming = shop.folder.path / "incoming"
        for file_id in (unknown, new):
            (incoming / "x").write_bytes(b"x")
            shop.folder.keep(incoming / "x", file_id)
        for name in ("half", "begun"):
            (incoming / name).write_bytes(b"x")
        stranger = shop.folder.path_of(unknown).with_name("README")
        stranger.write_text("put here by a person")
        yesterday = time.time() - 25 * 3600
        for path in (
            shop.folder.path_of(known), shop.folder.path_of(unknown), incoming / "half", stranger
        ):  # fmt: skip
            os.utime(path, (yesterday, yesterday))

        await shop.janitor.sweep()
        lost = shop.folder.path / "lost" / unknown
        left = {path.name for path in shop.kept()}
        assert left == {known, unknown, new, "begun", "README"}
        assert lost.exists()

        os.utime(lost, (yesterday, yesterday))
        await shop.janitor.sweep()
        assert lost.exists()
        week_ago = time.time() - 8 * 24 * 3600
        os.utime(lost, (week_ago, week_ago))
        await shop.janitor.sweep()
        assert not lost.exists()

    async def test_it_goes_on_after_a_failure(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        janitor = Janitor(shop.database, shop.folder, every=timedelta(milliseconds=1))
        swept = asyncio.Event()
        trials = 0

        async def sweep() -> None:
            nonlocal trials
            trials += 1
            if trials == 1:
                raise OSError("the disk is gone")
            swept.set()

        monkeypatch.setattr(janitor, "sweep", sweep)
        task = asyncio.create_task(janitor.run())
        await asyncio.wait_for(swept.wait(), 5)
        task.cancel()
        assert "the disk is gone" in caplog.text
