"""Work in a thread never outlives the task that waits for it."""

import asyncio
import threading

import pytest

from store.db.threads import run_to_end
from tests.loops import in_a_loop


def test_a_cancelled_task_waits_for_the_thread() -> None:
    started, ended, may_end = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        assert may_end.wait(60)
        ended.set()

    async def cancelled() -> None:
        waiting = asyncio.create_task(run_to_end(work))
        await asyncio.to_thread(started.wait, 60)
        waiting.cancel()
        asyncio.get_running_loop().call_later(0.05, may_end.set)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ended.is_set()

    in_a_loop(cancelled())


def test_it_returns_and_raises_what_the_work_does() -> None:
    assert in_a_loop(run_to_end(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        in_a_loop(run_to_end(divmod, 7, 0))
