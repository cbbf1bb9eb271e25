"""The site at /help: docs/ as HTML, built by `make site`, so that help needs no network."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.http.guards import CONTENT_POLICY
from store.db.shipped import shipped

router = APIRouter(include_in_schema=False)

SITE = shipped("docs/_build/html")
NOT_BUILT = "The help has not been built on this machine. Run `make site` to build it. Its pages are in docs/.\n"
INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


@router.get("/help")
def get_start() -> RedirectResponse:
    """The pages' links are relative, so the address must end in a slash."""
    return RedirectResponse("/help/")


@router.get("/help/{path:path}")
def get_help(path: str) -> Response:
    site = SITE.resolve()
    if not (site / "index.html").is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    try:
        file = (site / path).resolve()
        file = file / "index.html" if file.is_dir() else file
        is_page = file.is_relative_to(site) and file.is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_page = False
    if not is_page:
        raise HTTPException(404)
    headers = {"Cache-Control": "no-cache"}
    if file.suffix == ".html":
        headers["Content-Security-Policy"] = _policy(file)
    return FileResponse(file, headers=headers)


def _policy(page: Path) -> str:
    """No inline script runs, but those of the page that was built: the theme sets light or dark before it draws."""
    digests = (hashlib.sha256(script).digest() for script in INLINE_SCRIPT.findall(page.read_bytes()))
    allowed = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return CONTENT_POLICY.replace("script-src 'self'", f"script-src 'self'{allowed}")
