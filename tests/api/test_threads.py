"""Work in a thread outlives no one who waits for it."""

import asyncio
import threading

import pytest

from api.threads import finished


def test_who_is_cancelled_waits_for_the_thread() -> None:
    begun, ended, may_end = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert may_end.wait(60)
        ended.set()

    async def cancelled() -> None:
        waiting = asyncio.create_task(finished(work))
        await asyncio.to_thread(begun.wait, 60)
        waiting.cancel()
        asyncio.get_running_loop().call_later(0.05, may_end.set)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ended.is_set()

    asyncio.run(cancelled())


def test_it_answers_and_raises_what_the_work_does() -> None:
    assert asyncio.run(finished(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(finished(divmod, 7, 0))
