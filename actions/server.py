"""The action server: rasa-sdk's own, with a token before it and a readiness check."""

import hmac
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answers import AnswerQuestion
from actions.cards import ProductCards
from actions.feedback import LogFeedback
from actions.forms.skills import make_forms
from actions.handoff import RequestHandoff
from actions.knowledge import Knowledge
from actions.phrasing import Phrases
from actions.repair import Calm, TakeBack, TakeDetail
from commerce.commerce import Commerce
from commerce.no_shop import NoShop
from commerce.returns import ReturnPolicy


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What ``/ready`` tells of the index that is loaded: its size and its content's hash."""

    passages: int
    content_sha256: str


def make_server(
    knowledge: Knowledge,
    index: Callable[[], IndexInfo],
    token: str,
    shop: Commerce | None = None,
    returns: ReturnPolicy | None = None,
) -> Sanic[Any, Any]:
    """The server with every action registered and its models loaded.

    Args:
        knowledge: shared by all actions.
        index: describes the one in use just now to whoever asks whether the server is ready.
        token: what Rasa and the gateway must send, as a bearer token or, as Rasa does, in the
            query. Only ``/health`` is open.
        shop: asked for orders and products; without one the forms offer a person.
        returns: what the shop promises about returns.

    Raises:
        ValueError: ``token`` is empty.
    """
    if not token:
        raise ValueError("the action server's token is empty; expected the installation's own")
    # rasa-sdk 3.21 speaks Rasa 3.6's protocol (tests/e2e runs the two together) but would warn of
    # the distance between the numbers at every request.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk might not")
    executor = ActionExecutor()
    phrases = Phrases()
    answers = AnswerQuestion(knowledge, phrases, ProductCards(shop) if shop else None)
    actions = (
        *(answers, RequestHandoff(), LogFeedback()),
        *(Calm(phrases), TakeBack(phrases), TakeDetail(answers)),
        *make_forms(shop or NoShop(), knowledge, phrases, returns or ReturnPolicy()),
    )
    for action in actions:
        executor.register_action(action)
    # No page of any origin has business here.
    app: Sanic[Any, Any] = create_app(executor, cors_origins=[])

    @app.on_request
    async def require_token(request: Request) -> HTTPResponse | None:
        if request.path == "/health":
            return None
        given = request.token or request.args.get("token") or ""
        if hmac.compare_digest(given.encode(), token.encode()):
            return None
        return json({"error": "a valid token is needed"}, status=401)

    @app.after_server_stop
    async def close_shop(_: Sanic[Any, Any]) -> None:
        if shop:
            await shop.close()

    @app.get("/ready")
    async def ready(_: Request) -> HTTPResponse:
        return json({"status": "ok", "index": asdict(index())})

    return app


def serve(app: Sanic[Any, Any], host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C. The access log stays off: Rasa's URLs carry the token."""
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
