"""Children in stages: started one stage after the other, watched together, stopped in the opposite order."""

import signal
import time
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Self

from reslab.stack.child import Child, ChildError, Service

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STARTING_POLL_S = 0.02
_WATCHING_POLL_S = 0.2


class Interruption:
    """True once we were asked to stop. It raises nothing: a child half made is a child nobody stops."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        return self._asked

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            if number != signal.SIGHUP or self._before[number] is not signal.SIG_IGN:  # nohup means what it says
                signal.signal(number, self._ask)
        return self

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the shape of a signal handler
        self._asked = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


class Supervisor:
    """Every method but `stop` raises ChildError as soon as any child ends that should not.

    They return early when interrupted; whoever calls asks `interrupted` before going on. Leaving the `with`
    stops all, each stage within the longest `stop_s` of its services. Main thread only.
    """

    def __init__(self, interrupted: Interruption) -> None:
        self.interrupted = interrupted
        self._stages: list[list[Child]] = []
        self._task: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, *services: Service) -> None:
        """One stage; returns at once."""
        stage: list[Child] = []
        self._stages.append(stage)
        for service in services:
            if not self.interrupted():
                stage.append(Child(service))
                stage[-1].tell()

    def start_task(self, service: Service) -> None:
        """A child with an end of its own. It may warm up now; `run_task` tells it what it waits for."""
        self._task = Child(service)

    def run_task(self) -> None:
        """Tell the task and return when it has ended well."""
        if self._task is None or self.interrupted():
            return
        self._task.tell()
        while not self.interrupted() and self._task.exit_code() is None:
            self._look_after_all()
            time.sleep(_STARTING_POLL_S)
        if self._task.exit_code() not in (0, None):
            raise ChildError(self._task.obituary())

    def wait_until_ready(self) -> None:
        """Every child so far. No time limit: a busy disk may take minutes, and a person can interrupt."""
        waiting = list(self.children())
        while waiting and not self.interrupted():
            self._look_after_all()
            waiting = [child for child in waiting if not child.service.ready()]
            if waiting:
                time.sleep(_STARTING_POLL_S)

    def watch(self) -> None:
        """Until interrupted."""
        while not self.interrupted():
            self._look_after_all()
            time.sleep(_WATCHING_POLL_S)

    def stop(self) -> None:
        """Last started, first stopped; what does not stop in its time is killed. Raises nothing."""
        if self._task is not None:
            self._task.stop(limit_s=0)
        for stage in reversed(self._stages):
            for child in stage:
                child.ask_to_stop()
            deadline = time.monotonic() + max((child.service.stop_s for child in stage), default=0)
            for child in stage:
                child.stop(limit_s=max(0, deadline - time.monotonic()))

    def children(self) -> Iterator[Child]:
        """In the order in which they were started."""
        for stage in self._stages:
            yield from stage

    def _look_after_all(self) -> None:
        for child in self.children():
            code = child.exit_code()
            if code is not None and not (code == 0 and child.service.may_leave):
                raise ChildError(child.obituary())
