"""Event loops of a test's own."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    return in_a_thread(lambda: asyncio.run(work))


def in_a_thread(act: Callable[[], T]) -> T:
    """Playwright's loop keeps running in the main thread once it was used."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()
