"""The gateway put together: the only public server."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI, Request, Response, WebSocket
from pydantic import BaseModel

from gateway.admission import Admission
from gateway.answering import RETRY_DELAYS, TELL_AFTER, Answering
from gateway.assistant import Assistant
from gateway.channels.channel import Channel
from gateway.channels.routes import make_channels_router
from gateway.colleagues import Colleagues
from gateway.courier import Courier
from gateway.description import DescribedAPI
from gateway.exchange import Exchange
from gateway.files import Files
from gateway.headers import SecurityHeaders
from gateway.health import Readiness
from gateway.hub import Hub
from gateway.identity import Identity
from gateway.limits import MEMORY, Limiter, Limits
from gateway.problems import add_problems
from gateway.sessions import Sessions
from gateway.texts import LanguageDetector
from gateway.throttle import Throttle, address_of
from gateway.transactions import Lease
from gateway.transcript import make_transcript_router
from gateway.uploads.folder import Folder
from gateway.uploads.intake import Uploads
from gateway.uploads.janitor import Janitor
from gateway.uploads.links import FileLinks
from gateway.uploads.router import make_uploads_router
from gateway.widget.bundle import bundle
from gateway.widget.door import ChatDoor
from gateway.widget.origins import CrossOrigin, Origins
from gateway.widget.socket import WidgetSocket
from store.database import Database
from store.exclusive import hold
from store.migrate import check_schema

_HERE = Path(__file__).parent
WIDGET_DIR = _HERE / "widget" / "static"
DEMO_SHOP_DIR = _HERE / "demo_shop"


class HealthView(BaseModel):
    """The process runs."""

    status: str


class CheckView(BaseModel):
    """One thing that an answer needs."""

    name: str
    ok: bool
    detail: str


class ReadinessView(BaseModel):
    """Whether customers get answers: ``ready`` or ``not ready``."""

    status: str
    checks: list[CheckView]


def create_app(
    *,
    database_url: str,
    rasa_url: str,
    rasa_token: str,
    actions_url: str,
    action_token: str,
    secret: str,
    files_dir: Path,
    detect_language: LanguageDetector,
    name: str = "",
    allowed_origins: Collection[str] = (),
    session_days: float = 30,
    identity_secret: str = "",
    identity_public_key: str = "",
    file_scan_command: str = "",
    channels: Mapping[str, Channel] | None = None,
    answer_timeout: float = 30,
    retry_delays: Sequence[float] = RETRY_DELAYS,
    tell_after: int = TELL_AFTER,
    patience: float = 20,
    limits: Limits | None = None,
    limits_storage: str = MEMORY,
    widget_dir: Path = WIDGET_DIR,
    demo_shop_dir: Path | None = DEMO_SHOP_DIR,
) -> FastAPI:
    """Make the gateway. Run it with :func:`gateway.server.make_server`.

    Args:
        database_url: ``sqlite:///FILE`` or ``postgresql://...``, migrated before by
            :func:`store.migrate.migrate`.
        rasa_url: ``http://127.0.0.1:5005``.
        rasa_token: for Rasa's channel and HTTP API.
        actions_url: the action server's root, ``http://127.0.0.1:5055``; asked for readiness only.
        action_token: for the action server.
        secret: signs session tokens; 32 characters or more, the same after every restart.
        files_dir: where the files of customers are kept; the same for all gateways.
        detect_language: tells the language of a text, for example
            ``knowledge_base.language.detect_language``.
        name: of this gateway among those on the same database, the same after every restart;
            empty for one made up.
        allowed_origins: the shop's sites, ``https://shop.example``; ``*`` for any. The gateway's
            own pages are always allowed.
        session_days: how long a customer who stays away can come back to the conversation.
        identity_secret, identity_public_key: see :class:`gateway.identity.Identity`.
        file_scan_command: see :class:`gateway.uploads.checks.Scanner`.
        channels: the accounts beside the widget, by name.
        answer_timeout: seconds for one reply of Rasa; well below 60.
        retry_delays, tell_after, patience: see :class:`gateway.answering.Answering`.
        limits: how much one client may send.
        limits_storage: see :class:`gateway.limits.Limiter`.
        widget_dir: served under ``/widget/``.
        demo_shop_dir: served under ``/``; None for no demo shop.

    Raises:
        GatewayError: an argument cannot be used.
        StoreError: the database URL cannot be used; at the start of the server also if the
            schema is not the newest, or another gateway uses the same SQLite database.
    """
    # At INFO it writes every URL that it asks, and Rasa wants its token in one.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    database = Database(database_url)
    hub = Hub()
    lease = Lease(name or f"gateway-{uuid4()}")
    assistant = Assistant(
        rasa_url, rasa_token, detect_language=detect_language, timeout=answer_timeout
    )
    exchange = Exchange(database, hub, lease, detect_language=detect_language)
    answering = Answering(
        database,
        assistant,
        exchange,
        lease,
        retry_delays=retry_delays,
        tell_after=tell_after,
        patience=patience,
    )
    colleagues = Colleagues(database, hub, exchange, lease.owner)
    channels = channels or {}
    courier = Courier(database, channels, owner=lease.owner)
    exchange.on_outbox = courier.wake
    readiness = Readiness(database, assistant, actions_url=actions_url, action_token=action_token)

    identity = Identity(identity_secret, identity_public_key)
    admission = Admission(Sessions(secret, days=session_days), identity, database)
    origins = Origins(allowed_origins)
    limiter = Limiter(limits, storage=limits_storage)
    folder = Folder(files_dir)
    uploads = Uploads(database, folder, scan_command=file_scan_command)
    links = FileLinks(secret)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with hold(database_url):
            await asyncio.to_thread(check_schema, database_url)
            janitor = asyncio.create_task(Janitor(database, folder).run())
            colleagues.start()
            await answering.start()
            await courier.start()
            yield
            janitor.cancel()
            await asyncio.to_thread(uploads.close)
            await answering.stop()
            await courier.stop()
            await colleagues.stop()
            await readiness.close()
            await limiter.close()
            await assistant.close()
            await asyncio.to_thread(database.close)

    app = DescribedAPI(
        title="Shopdesk",
        description="Over HTTP; the chat itself is a WebSocket, see docs/protocol.md.",
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.exchange = exchange

    def chat(websocket: WebSocket) -> Awaitable[None]:
        socket = WidgetSocket(
            websocket,
            exchange=exchange,
            admission=admission,
            origins=origins,
            limiter=limiter,
            file_url=links.url,
        )
        return socket.run()

    # The last is the outermost.
    app.add_middleware(Throttle, limiter=limiter)
    app.add_middleware(CrossOrigin, origins=origins)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ChatDoor, serve=chat)
    add_problems(app)

    @app.get("/healthz", summary="Whether the process runs", tags=["health"])
    async def healthz() -> HealthView:
        """Asks nobody else."""
        return HealthView(status="ok")

    @app.get(
        "/readyz",
        summary="Whether customers get answers",
        tags=["health"],
        response_description="All is well",
        responses={503: {"model": ReadinessView, "description": "Something does not answer"}},
    )
    async def readyz(response: Response) -> ReadinessView:
        """Asks the database, Rasa, the action server and its index, at most once a second."""
        checks = await readiness.checks()
        ready = all(check.ok for check in checks)
        response.status_code = 200 if ready else 503
        response.headers["Cache-Control"] = "no-store"
        return ReadinessView(
            status="ready" if ready else "not ready",
            checks=[CheckView(name=c.name, ok=c.ok, detail=c.detail) for c in checks],
        )

    async def authorize_upload(request: Request) -> str:
        conversation_id = await admission.conversation_of(request)
        declared, largest = request.headers.get("content-length", ""), uploads.limits.file_bytes
        # Who does not say, or says too much, is counted with as much as would be taken.
        size = min(int(declared), largest) if declared.isdecimal() else largest
        await limiter.upload(address_of(request.scope), conversation_id, size)
        return conversation_id

    app.include_router(make_uploads_router(uploads, links, authorize=authorize_upload))
    app.include_router(make_transcript_router(database, authorize=admission.conversation_of))
    app.include_router(make_channels_router(channels, exchange))
    app.mount("/widget", Files(widget_dir, instead=bundle), name="widget")
    if demo_shop_dir is not None:
        app.mount("/", Files(demo_shop_dir, html=True), name="demo_shop")
    return app
