"""A picture as the body of a POST, and shown again: its bytes, known by the first of them."""

from typing import Any

from fastapi import HTTPException, Request

from store.db.errors import NotFound, Refused

# What the trainer decodes (trainer/data/decoding.py), and how each begins; WebP says its name after eight bytes.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/bmp": (b"BM",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "image/x-portable-anymap": (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
}
# What every browser draws and none runs.
SHOWN = ("image/png", "image/jpeg", "image/webp")
_BYTES = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {"required": True, "content": dict.fromkeys(BEGINNINGS, _BYTES)}
AS_BYTES: dict[str, Any] = dict.fromkeys(SHOWN, _BYTES)


async def receive(request: Request) -> bytes:
    """The whole body. Raises 413, 415, and Refused where it begins as no picture does; the caller is known by now."""
    if not request.headers.get("content-type", "").strip().lower().startswith("image/"):
        raise HTTPException(415, f"send the picture's bytes, with a Content-Type such as {', '.join(BEGINNINGS)}")
    body = await request.body()
    if not body.startswith(tuple(start for starts in BEGINNINGS.values() for start in starts)):
        raise Refused("picture", "this is no picture: it must begin as PNG, JPEG, WebP, GIF, BMP, TIFF or PNM do")
    return body


def shown_as(content: bytes) -> str:
    """Its media type, as its bytes say and not who sent it. Raises NotFound for one that no browser is given."""
    kind = next((name for name, starts in BEGINNINGS.items() if content.startswith(starts)), "no picture")
    is_other_riff = kind == "image/webp" and content[8:12] != b"WEBP"
    if kind not in SHOWN or is_other_riff:
        raise NotFound(f"this picture is not shown: only {', '.join(SHOWN)} are")
    return kind
