"""The HTTP side: health, readiness, files, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gateway.conftest import FakeRasa, Gateway, MakeGateway

pytestmark = pytest.mark.integration


async def get(url: str, **options: Any) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, **options)


async def ready(gateway: Gateway) -> tuple[int, dict[str, tuple[bool, str]]]:
    response = await get(f"{gateway.url}/readyz")
    checks = response.json()["checks"]
    return response.status_code, {c["name"]: (c["ok"], c["detail"]) for c in checks}


async def test_healthy(gateway: Gateway) -> None:
    response = await get(f"{gateway.url}/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_ready(gateway: Gateway, rasa: FakeRasa) -> None:
    assert await ready(gateway) == (
        200,
        {
            "database": (True, "answers"),
            "rasa": (True, "has its model loaded"),
            "actions": (True, "answers"),
            "index": (True, "240 passages"),
        },
    )
    asked = {head.split()[1].partition("?")[0]: head for head in rasa.heads}
    assert "Bearer the token of rasa" in asked["/webhooks/shopdesk/ready"]
    assert "Bearer the token of the actions" in asked["/ready"]


@pytest.mark.parametrize(
    ("path", "status", "body", "wrong"),
    [
        ("/webhooks/shopdesk/ready", 503, {}, {"rasa": "has no model loaded"}),
        ("/webhooks/shopdesk/ready", 401, {}, {"rasa": "answers with HTTP status 401"}),
        (
            "/ready",
            503,
            {},
            {"actions": "answers with HTTP status 503", "index": "not loaded"},
        ),
        ("/ready", 200, {"index": {"passages": 0}}, {"index": "holds no passages"}),
        ("/ready", 200, ["?"], {"index": "not described by the action server"}),
    ],
)
async def test_not_ready(
    gateway: Gateway, rasa: FakeRasa, path: str, status: int, body: Any, wrong: dict[str, str]
) -> None:
    rasa.paths[path] = (status, body)
    code, checks = await ready(gateway)
    assert code == 503
    assert {name: detail for name, (ok, detail) in checks.items() if not ok} == wrong


async def test_nobody_there(gateway: Gateway, rasa: FakeRasa) -> None:
    await rasa.stop()
    code, checks = await ready(gateway)
    assert code == 503
    assert checks == {
        "database": (True, "answers"),
        "rasa": (False, "does not answer"),
        "actions": (False, "does not answer"),
        "index": (False, "unknown: the action server does not answer"),
    }


async def test_a_database_without_its_tables_is_not_ready(
    gateway: Gateway, database_url: str
) -> None:
    from sqlalchemy import create_engine

    from store.database import parse_url
    from store.models import Base

    engine = create_engine(parse_url(database_url))
    Base.metadata.drop_all(engine)
    engine.dispose()
    code, checks = await ready(gateway)
    assert code == 503
    assert checks["database"] == (False, "does not answer")


async def test_the_widget_can_be_loaded_from_anywhere(gateway: Gateway) -> None:
    url = f"{gateway.url}/widget/shopdesk.js"
    response = await get(url, headers={"Origin": "https://shop.example"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["cache-control"] == "public, max-age=60"
    again = await get(url, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/widget/missing.js", "/widget/..%2f..%2fapp.py", "/nothing", "/docs", "/v1/chat"]
)
async def test_what_is_not_there(gateway: Gateway, path: str) -> None:
    response = await get(f"{gateway.url}{path}")
    assert response.status_code == 404
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_pages_are_kept_from_what_they_are_not_meant_to(
    make_gateway: MakeGateway, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    (pages / "help").mkdir(parents=True)
    (pages / "index.html").write_text("<title>Shop</title>")
    (pages / "help" / "shipping.html").write_text("<title>Shipping</title>")
    gateway = await make_gateway(demo_shop_dir=pages)
    response = await get(f"{gateway.url}/")
    assert "Shop" in response.text
    policy = dict(
        part.split(" ", 1) for part in response.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    host = gateway.url.removeprefix("http://")
    assert policy["connect-src"] == f"'self' ws://{host} wss://{host}"
    assert response.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in response.headers
    assert "server" not in response.headers
    for path, title in (
        ("/help/shipping", "Shipping"),
        ("/help/shipping.html", "Shipping"),
        ("/products/tent", "Shop"),
    ):
        assert title in (await get(f"{gateway.url}{path}")).text
    assert (await get(f"{gateway.url}/missing.png")).status_code == 404
    assert (await get(f"{gateway.url}/healthz")).json() == {"status": "ok"}


async def test_a_host_that_is_none_does_not_get_into_the_policy(gateway: Gateway) -> None:
    response = await get(f"{gateway.url}/healthz", headers={"Host": "x; script-src *"})
    assert "script-src *" not in response.headers["content-security-policy"]


async def test_no_websocket_elsewhere(make_gateway: MakeGateway, tmp_path: Path) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    gateway = await make_gateway(demo_shop_dir=tmp_path)
    with pytest.raises(InvalidStatus):
        async with connect(f"ws://127.0.0.1:{gateway.port}/elsewhere"):
            pass


async def test_the_http_side_is_described(gateway: Gateway) -> None:
    described = (await get(f"{gateway.url}/v1/openapi.json")).json()
    assert {"/healthz", "/readyz", "/v1/files", "/v1/channels/{account}"} <= set(described["paths"])


def test_what_cannot_be_used_is_named_at_start(tmp_path: Path, widget_dir: Path) -> None:
    from gateway.app import create_app
    from gateway.errors import GatewayError

    arguments: dict[str, Any] = {
        "database_url": f"sqlite:///{tmp_path / 'x.db'}",
        "rasa_url": "http://127.0.0.1:1",
        "rasa_token": "x",
        "actions_url": "http://127.0.0.1:1",
        "action_token": "x",
        "secret": "0123456789abcdef0123456789abcdef",
        "files_dir": tmp_path / "files",
        "detect_language": lambda _, default: default,
        "widget_dir": widget_dir,
        "demo_shop_dir": None,
    }
    create_app(**arguments)
    for change, message in (
        ({"secret": "short"}, "expected at least 32"),
        ({"allowed_origins": ["shop.example"]}, "is not an origin"),
        ({"widget_dir": tmp_path / "missing"}, "is not a folder"),
    ):
        with pytest.raises(GatewayError, match=message):
            create_app(**{**arguments, **change})
