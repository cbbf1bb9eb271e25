"""The lines of a run's log that wait for the next chunk: bounded, so that no trainer can flood the database."""

from collections import deque

# What one chunk takes of each end of what was written since the last one, about a second ago.
_END_BYTES = 128 * 1024


class Logbook:
    """Keeps the first and the newest lines of a chunk, and counts those between that it has to leave out."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._newest: deque[str] = deque()
        self._first_bytes = self._newest_bytes = self._left_out = 0

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
            self._left_out += 1

    def take(self) -> str:
        """The chunk, whole lines, and an empty logbook."""
        gap = [f"… {self._left_out} lines are left out here: they came too fast …"] if self._left_out else []
        text = "".join(f"{line}\n" for line in (*self._first, *gap, *self._newest))
        self._first, self._newest = [], deque()
        self._first_bytes = self._newest_bytes = self._left_out = 0
        return text
