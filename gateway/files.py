"""The widget's files and the demo shop's pages."""

import mimetypes
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from gateway.errors import GatewayError

# A machine's own tables may say otherwise, and a browser runs no module of a wrong type.
for _suffix, _type in {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}.items():
    mimetypes.add_type(_type, _suffix)


class Files(StaticFiles):
    """A folder, cached by browsers for a short while and then asked for by its ETag.

    Args:
        directory: the folder.
        html: whether it holds pages: ``index.html`` is served for a folder, ``x.html`` for ``x``,
            and, for any other path without a suffix, the first page.

    Raises:
        GatewayError: there is no such folder.
    """

    def __init__(self, directory: Path, *, html: bool = False) -> None:
        if not directory.is_dir():
            raise GatewayError(f"{directory} is not a folder; expected the files to serve")
        super().__init__(directory=directory, html=html)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose(1008, "no WebSocket here")(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._find(path, scope)
        response.headers["Cache-Control"] = "public, max-age=60"
        return response

    async def _find(self, path: str, scope: Scope) -> Response:
        page = self.html and not PurePosixPath(path).suffix
        for candidate in (path, f"{path}.html", "index.html") if page else (path,):
            try:
                return await super().get_response(candidate, scope)
            except HTTPException as error:
                if error.status_code != 404:
                    raise
        raise HTTPException(404)
