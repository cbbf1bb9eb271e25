"""Runs work in a thread to its end: a task that is cancelled meanwhile waits for the thread.

`asyncio.to_thread` and Starlette's `run_in_threadpool` abandon the thread (tried). A connection that it returns after
the pool was closed would then never be closed.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def run_to_end(
    work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Returns what `work` returns, or raises what it raises."""
    thread = asyncio.create_task(asyncio.to_thread(work, *arguments, **named))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        thread.exception()  # retrieved, so that asyncio doesn't log it
        raise
