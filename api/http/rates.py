"""How many requests a key may send in a minute, counted by each API process for itself."""

import math
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Final

from fastapi import HTTPException

WINDOW_S: Final = 60


class Rates:
    """Counts per minute of the clock, all forgotten at its end. Shared by the process's threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock, self._lock = clock, Lock()
        self._window, self._counts = 0, Counter[object]()

    def count(self, who: object, most: int, what: str) -> None:
        """Raises 429 with Retry-After for each request beyond the `most` of this minute."""
        now = self.clock()
        with self._lock:
            if (window := int(now // WINDOW_S)) != self._window:
                self._window, self._counts = window, Counter()
            self._counts[who] += 1
            count = self._counts[who]
        if count > most:
            wait_s = max(1, math.ceil((window + 1) * WINDOW_S - now))
            detail = f"{what} may send {most:,} requests a minute. Try again in {wait_s} s."
            raise HTTPException(429, detail, {"Retry-After": str(wait_s)})
