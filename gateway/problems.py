"""What a refused HTTP request is told: ``{"code": ..., "text": ...}``, as in the protocol's errors.

``text`` is English and for developers.
"""

from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.responses import JSONResponse

from gateway.errors import BadSession, TooMany


class Problem(BaseModel):
    """Why a request was refused."""

    code: str
    text: str


BEARER = HTTPBearer(
    scheme_name="session",
    description="The session token of the last `welcome`; see docs/protocol.md.",
    auto_error=False,
)
"""For a route's description only: what the token opens is for the admission to say."""
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "No session, or one that is over"},
    403: {"model": Problem, "description": "Pages of this origin may not"},
    429: {"model": Problem, "description": "Too much; `Retry-After` says when to try again"},
}
"""How the widget's routes may be refused before they begin, for their descriptions."""


def problem(status: int, code: str, text: str, **headers: str) -> JSONResponse:
    """The response."""
    return JSONResponse({"code": code, "text": text}, status, headers)


def too_many(error: TooMany) -> JSONResponse:
    """The response to one request more than is allowed."""
    headers = {"Retry-After": str(max(1, ceil(error.retry_after)))}
    return problem(429, "too_many", str(error), **headers)


def add_problems(app: FastAPI) -> None:
    """Let ``app`` answer the errors that any of its routes may raise."""

    @app.exception_handler(BadSession)
    async def bad_session(_: Request, error: BadSession) -> JSONResponse:
        return problem(401, "bad_session", str(error), **{"WWW-Authenticate": "Bearer"})

    @app.exception_handler(TooMany)
    async def refused(_: Request, error: TooMany) -> JSONResponse:
        return too_many(error)
