"""How large a request's body may be: an upload of a data set large, a picture less, everything else small."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import TOO_LARGE, answer
from store.db.settings import Settings

UPLOADS = "/api/v1/datasets"
PREDICTIONS = "/predictions"


class BodyLimit:
    """ASGI middleware. A length that is told is refused before a byte is read; what comes in chunks is counted."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most, got = self._most(scope, headers), 0
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > most:
            await answer(413, TOO_LARGE)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)

    def _most(self, scope: Scope, headers: Headers) -> int:
        if scope["path"].endswith(PREDICTIONS):
            return self._settings.picture_limit_bytes
        is_upload = scope["path"] == UPLOADS and headers.get("content-type", "").startswith("multipart/form-data")
        return self._settings.upload_limit_bytes if is_upload else self._settings.body_limit_bytes
