"""The widget's files and the demo shop's pages."""

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

import rcssmin
import rjsmin
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
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


Instead = Callable[[Path], Mapping[Path, str]]
"""Is given a folder; texts by the paths of files in it."""
_MINIFIERS = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin, ".json": str.strip}
_KEPT = "public, max-age=60"


@dataclass(frozen=True)
class SmallFile:
    """A text file without what only its authors need, also compressed."""

    plain: bytes
    zipped: bytes
    tag: str
    """For its ETag; another as soon as a byte is."""

    @classmethod
    def of(cls, suffix: str, text: str) -> Self:
        """Make it from ``text``, which is in the language that ``suffix`` (``.js``) tells."""
        plain = _MINIFIERS[suffix](text).encode()
        # Without a time in it the compressed bytes are the same after each start.
        zipped = gzip.compress(plain, 9, mtime=0)
        return cls(plain, zipped, hashlib.sha256(plain).hexdigest()[:32])


def small_files(directory: Path, instead: Instead | None = None) -> dict[Path, SmallFile]:
    """Make the scripts, style sheets and JSON files of a folder small.

    Args:
        directory: the folder.
        instead: makes texts to take in place of what some of its files hold.
    """
    made = instead(directory) if instead else {}
    return {
        path: SmallFile.of(path.suffix, made.get(path) or path.read_text("utf-8"))
        for path in sorted(directory.rglob("*"))
        if path.suffix in _MINIFIERS and path.is_file()
    }


class Files(StaticFiles):
    """A folder, cached by browsers for a short while and then asked for by its ETag.

    Scripts, style sheets and JSON files are read, minified and compressed once, at the start.

    Args:
        directory: the folder.
        html: whether it holds pages: ``index.html`` is served for a folder, ``x.html`` for ``x``,
            and, for any other path without a suffix, the first page.
        instead: makes texts to serve in place of what some of its files hold.

    Raises:
        GatewayError: there is no such folder.
    """

    def __init__(
        self, directory: Path, *, html: bool = False, instead: Instead | None = None
    ) -> None:
        if not directory.is_dir():
            raise GatewayError(f"{directory} is not a folder; expected the files to serve")
        super().__init__(directory=directory, html=html)
        small = small_files(directory, instead)
        self._small = {os.path.realpath(path): file for path, file in small.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose(1008, "no WebSocket here")(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._find(path, scope)
        response.headers["Cache-Control"] = _KEPT
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

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Serve a file that was found."""
        small = self._small.get(os.fspath(full_path))
        if small is None:
            return super().file_response(full_path, stat_result, scope, status_code)
        asked = Headers(scope=scope)
        zipped = "gzip" in asked.get("accept-encoding", "")
        response = Response(
            small.zipped if zipped else small.plain,
            status_code,
            media_type=mimetypes.guess_type(full_path)[0],
            headers={
                "ETag": f'"{small.tag}{"-gzip" if zipped else ""}"',
                "Vary": "Accept-Encoding",
                "Cache-Control": _KEPT,
            },
        )
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        if self.is_not_modified(response.headers, asked):
            return NotModifiedResponse(response.headers)
        return response
