"""The gateway put together: the only public server."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Response, WebSocket
from pydantic import BaseModel

from gateway.assistant import RETRY_DELAYS, Assistant
from gateway.exchange import Exchange
from gateway.files import Files
from gateway.headers import SecurityHeaders
from gateway.health import Readiness
from gateway.hub import Hub
from gateway.sessions import Sessions
from gateway.texts import LanguageDetector
from gateway.widget.limits import Limits
from gateway.widget.origins import Origins
from gateway.widget.socket import WidgetSocket
from store.database import Database
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
    detect_language: LanguageDetector,
    allowed_origins: Collection[str] = (),
    session_days: float = 30,
    answer_timeout: float = 30,
    retry_delays: Sequence[float] = RETRY_DELAYS,
    limits: Limits | None = None,
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
        detect_language: tells the language of a text, for example
            ``knowledge_base.language.detect_language``.
        allowed_origins: the shop's sites, ``https://shop.example``; ``*`` for any. The gateway's
            own pages are always allowed.
        session_days: how long a customer who stays away can come back to the conversation.
        answer_timeout: seconds for one reply of Rasa; well below 60.
        retry_delays: seconds before each new question when Rasa cannot be reached.
        limits: how much one client may send.
        widget_dir: served under ``/widget/``.
        demo_shop_dir: served under ``/``; None for no demo shop.

    Raises:
        GatewayError: an argument cannot be used.
        StoreError: the database URL cannot be used; at the start of the server also if the
            schema is not the newest.
    """
    # At INFO it writes every URL that it asks, and Rasa wants its token in one.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    database = Database(database_url)
    assistant = Assistant(
        rasa_url,
        rasa_token,
        detect_language=detect_language,
        timeout=answer_timeout,
        retry_delays=retry_delays,
    )
    readiness = Readiness(database, assistant, actions_url=actions_url, action_token=action_token)
    hub = Hub()
    exchange = Exchange(database, assistant, hub, detect_language=detect_language)
    sessions = Sessions(secret, days=session_days)
    origins = Origins(allowed_origins)
    limits = limits or Limits()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(check_schema, database_url)
        await exchange.start()
        yield
        await exchange.stop()
        await readiness.close()
        await assistant.close()
        await asyncio.to_thread(database.close)

    app = FastAPI(
        title="Shopdesk",
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.exchange = exchange
    app.add_middleware(SecurityHeaders)

    @app.get("/healthz")
    async def healthz() -> HealthView:
        """Whether the process runs."""
        return HealthView(status="ok")

    @app.get("/readyz", responses={503: {"model": ReadinessView}})
    async def readyz(response: Response) -> ReadinessView:
        """Whether customers get answers."""
        checks = await readiness.checks()
        ready = all(check.ok for check in checks)
        response.status_code = 200 if ready else 503
        response.headers["Cache-Control"] = "no-store"
        return ReadinessView(
            status="ready" if ready else "not ready",
            checks=[CheckView(name=c.name, ok=c.ok, detail=c.detail) for c in checks],
        )

    @app.websocket("/v1/chat")
    async def chat(websocket: WebSocket) -> None:
        socket = WidgetSocket(
            websocket,
            exchange=exchange,
            hub=hub,
            sessions=sessions,
            origins=origins,
            limits=limits,
        )
        await socket.run()

    app.mount("/widget", Files(widget_dir), name="widget")
    if demo_shop_dir is not None:
        app.mount("/", Files(demo_shop_dir, html=True), name="demo_shop")
    return app
