"""Conditional and partial requests (RFC 9110): ETag, Range and If-Range for an object that never changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True)
class Part:
    """The bytes start … end-1 of `size`, and the response's status: 200, 206, 304 or 416."""

    status: int
    start: int
    end: int
    size: int

    @property
    def headers(self) -> dict[str, str]:
        if self.status == 416:
            return {"Content-Range": f"bytes */{self.size}"}
        if self.status == 304:
            return {}
        headers = {"Content-Length": str(self.end - self.start)}
        if self.status == 206:
            headers["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        return headers


def requested(headers: Mapping[str, str], size: int, etag: str) -> Part:
    """The requested part. Several ranges, or a unit other than bytes, get the whole object, as the RFC allows."""
    if names(headers.get("if-none-match", ""), etag):
        return Part(304, 0, 0, size)
    whole = Part(200, 0, size, size)
    match = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if match is None or headers.get("if-range", etag) != etag:
        return whole
    first, last = match.groups()
    if not first and not last:
        return whole
    if not first:  # the last `last` bytes
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return whole
    return Part(206, start, end, size) if start < end else Part(416, 0, 0, size)


def names(header: str, etag: str) -> bool:
    """Whether an If-None-Match header names the ETag."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or "*" in tags
