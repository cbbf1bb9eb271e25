"""Waiting with a time limit."""

import time
from collections.abc import Callable

# Generous, because the machine may be busy. Only reached if something hangs.
LIMIT_S = 120.0
# What a condition reads comes through the switch, which is a thread of this process.
_POLL_S = 0.1


def wait_until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> float:
    """Returns how many seconds it took. Fails the test after `limit_s`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + limit_s, f"the condition was not true within {limit_s:.0f} s"
        time.sleep(_POLL_S)
    return time.monotonic() - began
