"""Children in stages: started in order, watched together and started again, stopped in the opposite order."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from reslab.stack.child import Child, ChildError, Service
from reslab.stack.restarts import Restarts

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STARTING_POLL_S = 0.02
_WATCHING_POLL_S = 0.2
_LOGS_EVERY_S = 5.0


class Interruption:
    """True once a signal has asked us to stop. It raises nothing, so that no child is left half started."""

    def __init__(self) -> None:
        self._requested = False

    def __call__(self) -> bool:
        return self._requested

    def __enter__(self) -> Self:
        self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            if number != signal.SIGHUP or self._handlers[number] is not signal.SIG_IGN:  # nohup keeps SIGHUP ignored
                signal.signal(number, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the shape of a signal handler
        self._requested = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


class Supervisor:
    """Starts children, watches them and stops them. Main thread only.

    While they start, every method but `stop` raises ChildError as soon as a child ends that shouldn't. Each returns
    early when interrupted, so check `interrupted` after each call. Leaving the `with` stops each stage within the
    longest `stop_s` in it.
    """

    def __init__(self, interrupted: Interruption, restarts: Restarts | None = None) -> None:
        self.interrupted = interrupted
        self._restarts = restarts or Restarts()
        self._stages: list[list[Child]] = []
        self._task: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, *services: Service) -> None:
        """Start one stage. Returns at once."""
        stage: list[Child] = []
        self._stages.append(stage)
        for service in services:
            if not self.interrupted():
                stage.append(Child(service))
                stage[-1].send_stdin()

    def start_task(self, service: Service) -> None:
        """Start a child that ends by itself. It warms up until `run_task` sends its stdin."""
        self._task = Child(service)

    def run_task(self) -> None:
        """Send the task its stdin and wait until it has succeeded."""
        if self._task is None or self.interrupted():
            return
        self._task.send_stdin()
        while not self.interrupted() and self._task.exit_code() is None:
            self._check_children()
            time.sleep(_STARTING_POLL_S)
        if self._task.exit_code() not in (0, None):
            raise ChildError(self._task.obituary())

    def wait_until_ready(self) -> None:
        """Wait for every child so far. No time limit: a busy disk may take minutes, and a person can interrupt."""
        waiting = list(self.children())
        while waiting and not self.interrupted():
            self._check_children()
            waiting = [child for child in waiting if not child.service.ready()]
            if waiting:
                time.sleep(_STARTING_POLL_S)

    def watch(self, say: Callable[[str], None] = print, restarted: Callable[[], None] = lambda: None) -> None:
        """Watch all children until interrupted, and start those again that die. Calls `restarted` after each start.

        Raises ChildError if a child dies again and again.
        """
        rotated_at = -_LOGS_EVERY_S
        while not self.interrupted():
            for stage in self._stages:
                for place, child in enumerate(stage):
                    if self._has_died(child) and self._is_due(child, say):
                        stage[place] = self._start_again(child, say)
                        restarted()
            if time.monotonic() > rotated_at + _LOGS_EVERY_S:
                rotated_at = time.monotonic()
                self._rotate_logs()
            time.sleep(_WATCHING_POLL_S)

    def _rotate_logs(self) -> None:
        for child in self.children():
            with suppress(OSError):  # a full disk must not end the service
                child.rotate_log()

    def _is_due(self, child: Child, say: Callable[[str], None]) -> bool:
        """Whether this dead child should be started again now."""
        name = child.service.name
        if self._restarts.is_waiting(name):
            return self._restarts.is_due(name)
        pause_s = self._restarts.note_death(name, time.monotonic() - child.started_at)
        if pause_s is None:
            raise ChildError(child.obituary())
        say(f"{child.ending()} It starts again in {pause_s:.0f} s. Its log: {child.service.log}")
        return False

    def _start_again(self, dead: Child, say: Callable[[str], None]) -> Child:
        dead.stop(limit_s=0)  # its children may have survived it
        dead.service.clear_up()
        child = Child(dead.service, again=True)
        child.send_stdin()
        say(f"{child.service.name} has been started again.")
        return child

    def stop(self) -> None:
        """Stop the stages, the last one first, and kill children that exceed their time limit. Raises nothing."""
        if self._task is not None:
            self._task.stop(limit_s=0)
        for stage in reversed(self._stages):
            for child in stage:
                child.request_stop()
            deadline = time.monotonic() + max((child.service.stop_s for child in stage), default=0)
            for child in stage:
                child.stop(limit_s=max(0, deadline - time.monotonic()))

    def children(self) -> Iterator[Child]:
        """The children in the order in which they were started."""
        for stage in self._stages:
            yield from stage

    def _check_children(self) -> None:
        for child in self.children():
            if self._has_died(child):
                raise ChildError(child.obituary())

    def _has_died(self, child: Child) -> bool:
        code = child.exit_code()
        return code is not None and not (code == 0 and child.service.may_leave)
