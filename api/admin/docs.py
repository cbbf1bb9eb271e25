"""The API documentation at /docs: Swagger UI with files from this service only, so that it works offline."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

router = APIRouter(include_in_schema=False)

# fastapi-offline ships a current Swagger UI as files; its code is not used.
PACKAGE = "fastapi_offline"
FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Reslab: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="manual"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# A separate file, because the content security policy forbids inline scripts.
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#manual",
  deepLinking: true,
  displayOperationId: true,
  tryItOutEnabled: true,
});
"""


@router.get("/openapi.json")
def get_document(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = request.app.openapi()
    return document


@router.get("/docs")
def get_page() -> HTMLResponse:
    return HTMLResponse(PAGE)


@router.get("/docs/start.js")
def get_start() -> Response:
    return Response(START, media_type="text/javascript")


@router.get("/docs/{file}")
def get_file(file: str) -> FileResponse:
    package = find_spec(PACKAGE)
    if file not in FILES or package is None or package.origin is None:
        raise HTTPException(404)
    return FileResponse(
        Path(package.origin).parent / "static" / file, headers={"Cache-Control": "private, max-age=86400"}
    )
