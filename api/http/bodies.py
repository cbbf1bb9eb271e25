"""The size limits of request bodies: most for a data set, less for an import or a picture, little for the rest."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import answer
from store.db.settings import Settings

UPLOADS = "/api/v1/datasets"
IMPORTS = ("/api/v1/imports", "/api/v1/imports/plan", "/api/v1/start-weights")
PREDICTIONS = "/predictions"


class BodyLimit:
    """ASGI middleware. Checks a declared length before reading a byte, and counts the bytes of a chunked body."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit, received = self._limit_bytes(scope, headers), 0
        detail = f"The request body is too large. At most {limit:,} bytes are allowed here."
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > limit:
            await answer(413, detail)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, detail)
            return message

        await self._app(scope, counted, send)

    def _limit_bytes(self, scope: Scope, headers: Headers) -> int:
        if scope["path"].endswith(PREDICTIONS):
            return self._settings.picture_limit_bytes
        if scope["path"] in IMPORTS:
            return self._settings.import_limit_bytes
        is_upload = scope["path"] == UPLOADS and headers.get("content-type", "").startswith("multipart/form-data")
        return self._settings.upload_limit_bytes if is_upload else self._settings.body_limit_bytes
