"""An action server whose every action says "ok": what Rasa itself costs.

python -m benchmarks.load.empty_actions PORT
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def act(request: Request) -> JSONResponse:
    """Rasa's action protocol: no events, one response."""
    await request.body()
    return JSONResponse({"events": [], "responses": [{"text": "ok"}]})


async def ready(_: Request) -> JSONResponse:
    """As the real action server answers the gateway's and the benchmark's question."""
    return JSONResponse({"status": "ok", "index": {"passages": 0, "content_sha256": "none"}})


app = Starlette(
    routes=[Route("/webhook", act, methods=["POST"]), Route("/ready", ready, methods=["GET"])]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", lifespan="off")
