"""Pictures as request and response bodies, recognised by their first bytes."""

from typing import Any

from fastapi import HTTPException, Request

from store.db.errors import NotFound, Refused

# Formats that the trainer decodes (trainer/data/decoding.py), and their first bytes; WebP's name follows at byte 8.
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/bmp": (b"BM",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "image/x-portable-anymap": (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
}
# Formats that every browser draws and that cannot contain a script.
SHOWN = ("image/png", "image/jpeg", "image/webp")
_BYTES = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {"required": True, "content": dict.fromkeys(SIGNATURES, _BYTES)}
AS_BYTES: dict[str, Any] = dict.fromkeys(SHOWN, _BYTES)


async def receive(request: Request) -> bytes:
    """The whole body. Raises 413, 415, and Refused for a body without a known signature. Runs after `authorize`."""
    if not request.headers.get("content-type", "").strip().lower().startswith("image/"):
        raise HTTPException(415, f"Send the picture's bytes with one of these Content-Types: {', '.join(SIGNATURES)}.")
    body = await request.body()
    if not body.startswith(tuple(start for starts in SIGNATURES.values() for start in starts)):
        raise Refused("picture", "This is not a picture. Send a PNG, JPEG, WebP, GIF, BMP, TIFF or PNM file.")
    return body


def media_type(content: bytes) -> str:
    """The media type by the bytes, whatever the sender claimed. Raises NotFound for a format not shown in browsers."""
    name = next((name for name, starts in SIGNATURES.items() if content.startswith(starts)), "unknown")
    is_other_riff = name == "image/webp" and content[8:12] != b"WEBP"
    if name not in SHOWN or is_other_riff:
        raise NotFound(f"This picture can't be shown in a browser. Only {', '.join(SHOWN)} can.")
    return name
