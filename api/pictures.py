"""A picture as the body of a POST: its bytes, known by the first of them."""

from typing import Any

from fastapi import HTTPException, Request

from store.errors import Refused

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
BODY: dict[str, Any] = {
    "required": True,
    "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in BEGINNINGS},
}


async def receive(request: Request) -> bytes:
    """The whole body. Raises 413, 415, and Refused where it begins as no picture does; the caller is known by now."""
    if not request.headers.get("content-type", "").strip().lower().startswith("image/"):
        raise HTTPException(415, f"send the picture's bytes, with a Content-Type such as {', '.join(BEGINNINGS)}")
    body = await request.body()
    if not body.startswith(tuple(start for starts in BEGINNINGS.values() for start in starts)):
        raise Refused("picture", "this is no picture: it must begin as PNG, JPEG, WebP, GIF, BMP, TIFF or PNM do")
    return body
