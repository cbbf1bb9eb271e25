"""The log lines that wait for the next chunk: bounded, so that no trainer can flood the database."""

from collections import deque

# A chunk holds this much from the beginning and from the end of the lines since the last chunk, about a second's.
_END_BYTES = 128 * 1024


class Logbook:
    """Keeps the first and the newest lines of a chunk, and counts the lines between them that it has to drop."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._newest: deque[str] = deque()
        self._first_bytes = self._newest_bytes = self._dropped = 0

    def __bool__(self) -> bool:
        return bool(self._first)

    def add(self, line: str) -> None:
        size = len(line.encode(errors="replace")) + 1
        if not self._newest and self._first_bytes + size <= _END_BYTES:
            self._first.append(line)
            self._first_bytes += size
            return
        self._newest.append(line)
        self._newest_bytes += size
        while self._newest_bytes > _END_BYTES:
            self._newest_bytes -= len(self._newest.popleft().encode(errors="replace")) + 1
            self._dropped += 1

    def take(self) -> str:
        """Empties the logbook. Returns the chunk, as whole lines."""
        gap = [f"… {self._dropped:,} lines were dropped here because they came too fast …"] if self._dropped else []
        text = "".join(f"{line}\n" for line in (*self._first, *gap, *self._newest))
        self._first, self._newest = [], deque()
        self._first_bytes = self._newest_bytes = self._dropped = 0
        return text
