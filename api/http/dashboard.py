"""Serves the built dashboard: its files, index.html for its routes, or a notice if it has not been built."""

from pathlib import Path

from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from store.db.shipped import shipped

DIST = shipped("frontend/dist")
# Vite puts a hash into these file names, so a file never changes.
HASHED = "assets/"
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = (
    "The dashboard has not been built on this machine. Run `make setup` to build it. The API is at /api/v1, its "
    "documentation at /docs.\n"
)


class Dashboard:
    """ASGI application for every path without a route. It needs no key: it has no data, and its API calls need one."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist
        self._files = StaticFiles(directory=dist, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].lstrip("/")
        if scope["type"] != "http" or path.partition("/")[0] == "api":
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await self._response(path, scope)
        await response(scope, receive, send)

    async def _response(self, path: str, scope: Scope) -> Response:
        index = self._dist / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        try:
            response = await self._files.get_response(self._files.get_path(scope), scope) if path else None
        except HTTPException:
            response = None
        if response is not None:
            response.headers["Cache-Control"] = FOREVER if path.startswith(HASHED) else "no-cache"
            return response
        if "." in path.rpartition("/")[2]:
            raise HTTPException(404)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
