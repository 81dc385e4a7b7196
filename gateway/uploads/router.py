"""Files over HTTP: sent with a session, fetched with a signed link."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.requests import ClientDisconnect

from gateway.problems import BEARER, REFUSALS, Problem
from gateway.uploads.intake import Uploads, too_large
from gateway.uploads.links import FileLinks
from gateway.uploads.refusal import STATUS, FileProblem, FileRefused
from gateway.widget.frames import FileView
from gateway.widget.views import file_view
from store import files

Authorize = Callable[[Request], Awaitable[str]]
"""Gives the conversation that the request's session is for; raises what becomes a 401 or a 429."""

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of one PNG, JPEG, WebP, GIF or PDF file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILE: dict[str, Any] = {"description": "The file", "content": {"*/*": {}}}
_WHY = {
    403: "The link is too old, or not ours, or pages of this origin may not",
    404: "There is no such file any more",
    413: "Too large",
    415: "Neither a picture nor a PDF, or one that does something by itself",
    422: "Broken, empty, has a password, or the virus scanner refused it",
    429: "Too many files, or too much; `Retry-After` says when to try again, if that helps",
    503: "Cannot be scanned or kept now; to be sent again",
}


def make_uploads_router(uploads: Uploads, links: FileLinks, *, authorize: Authorize) -> APIRouter:
    """The routes ``POST /v1/files`` and ``GET /v1/files/{id}``.

    Args:
        authorize: tells whose conversation a request is for.
    """
    router = APIRouter(tags=["widget"])

    @router.post(
        "/v1/files",
        status_code=201,
        summary="Send a file",
        dependencies=[Depends(BEARER)],
        response_model=FileView,
        response_description="Kept, to be sent with a message",
        responses={
            **REFUSALS,
            **_refusals(FileProblem, 413, 415, 422, 503),
            **_refusals(FileProblem | Problem, 429),
        },
        openapi_extra=_BODY,
    )
    async def send_file(request: Request, name: str = "") -> Response | FileView:
        """Keep a file, which is then sent with a message by its id.

        The session token stands in the header `Authorization: Bearer TOKEN`.
        """
        conversation_id = await authorize(request)
        try:
            declared = request.headers.get("content-length", "0")
            if declared.isdecimal() and int(declared) > uploads.limits.file_bytes:
                raise too_large(uploads.limits)
            record = await uploads.receive(conversation_id, name, request.stream())
        except FileRefused as refused:
            return _problem(refused)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody reads
        return file_view(record, links.url)

    @router.get(
        "/v1/files/{file_id}",
        summary="Fetch a file",
        response_class=FileResponse,
        responses={
            200: _FILE,
            429: REFUSALS[429],
            **_refusals(FileProblem | Problem, 403),
            **_refusals(FileProblem, 404),
        },
    )
    async def fetch_file(file_id: str, t: str = "") -> Response:
        """The file of a link that came with its message, good for an hour."""
        if not links.check(file_id, t):
            return _problem(FileRefused("link_expired", "the link is too old, or not ours"))
        # A signed id is one of ours, and so a UUID.
        record = await uploads.database.read(lambda s: files.get(s, str(UUID(file_id))))
        path = uploads.folder.path_of(file_id)
        if record is None or not path.is_file():
            return _problem(FileRefused("file_unknown", "there is no such file any more"))
        picture = record.media_type.startswith("image/")
        return FileResponse(
            path,
            media_type=record.media_type,
            filename=record.name,
            content_disposition_type="inline" if picture else "attachment",
            headers={
                "Cache-Control": "private, max-age=3600",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                # The shop's page shows it; who may see it is decided by the link.
                "Cross-Origin-Resource-Policy": "cross-origin",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return router


def _refusals(model: Any, *statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": model, "description": _WHY[status]} for status in statuses}


def _problem(refused: FileRefused) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if refused.code == "file_later":
        headers["Retry-After"] = "30"
    return JSONResponse(asdict(refused.problem), STATUS[refused.code], headers)
