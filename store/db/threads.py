"""Work in a thread that is never left behind: who is cancelled meanwhile waits for its end.

`asyncio.to_thread` and Starlette's `run_in_threadpool` leave it to itself (tried), and a connection that it gives back
after the pool was closed is closed by nobody.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


async def run_to_end(
    work: Callable[Arguments, Answer], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Answer:
    """What it answers, or raises."""
    thread = asyncio.create_task(asyncio.to_thread(work, *arguments, **named))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        thread.exception()  # is nobody's any more
        raise
