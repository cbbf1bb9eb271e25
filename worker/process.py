"""The trainer as a child process: starts it without secrets, reads its lines, suspends it, stops it, kills it."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

from trainer.box import variables

# An event of a thousand points is about 60 KiB.
_LONGEST_EVENT = 1024 * 1024
_LONGEST_LOG_LINE = 4096
# Lines waiting to be handled. A full queue fills the pipe, which blocks a trainer at its next event, on a GPU too.
_WAITING = 2000

Source = Literal["events", "log"]


@dataclass(frozen=True)
class OutputLine:
    """A line of the trainer's stdout (events) or stderr (log), without its end."""

    source: Source
    text: bytes


class TrainerProcess:
    """Start it in a thread that outlives it: the kernel kills the trainer when the thread that forked it ends."""

    def __init__(
        self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], sockets: Sequence[int] = ()
    ) -> None:
        self._process = subprocess.Popen(
            argv,
            cwd=folder,
            env=variables.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=sockets,
            start_new_session=True,  # a Ctrl-C in the worker's terminal is for the worker to handle
        )
        self.pid = self._process.pid
        self._lines: queue.Queue[OutputLine | None] = queue.Queue(_WAITING)
        self._open = 2
        self._is_suspended = False
        self._deadline: float | None = None
        self._is_stopping = False
        assert self._process.stdout is not None  # noqa: S101 (PIPE above; Popen's type cannot say so)
        assert self._process.stderr is not None  # noqa: S101
        self._readers = [
            self._read("events", self._process.stdout, _LONGEST_EVENT),
            self._read("log", self._process.stderr, _LONGEST_LOG_LINE),
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leaves no trainer behind, even after an error."""
        self.kill()
        while self._open:  # or a reader might wait forever for room in the queue
            self.next_line(timeout_s=1)
        for reader in self._readers:
            reader.join()
        self._process.wait()

    @property
    def is_open(self) -> bool:
        """Whether more lines may come."""
        return self._open > 0

    def next_line(self, timeout_s: float) -> OutputLine | None:
        """The next line of either stream, or None if none came in time. Kills a trainer that is past its deadline.

        A dead trainer's children are killed too: they may keep its pipes open, and reading would never end.
        """
        if self._deadline is not None and time.monotonic() > self._deadline:
            self.kill()
        try:
            line = self._lines.get(timeout=max(timeout_s, 0))
        except queue.Empty:
            if self._has_died():
                self.kill()
            return None
        if line is None:
            self._open -= 1
        return line

    def suspend(self) -> None:
        """SIGSTOP, for a CPU trainer. Untested on a GPU: there the full pipe blocks the trainer (see `_WAITING`)."""
        if not self._is_suspended:
            self._is_suspended = True
            self._send(signal.SIGSTOP)

    def resume(self) -> None:
        if self._is_suspended:
            self._is_suspended = False
            self._send(signal.SIGCONT)

    def ask_to_stop(self, limit_s: float) -> None:
        """SIGTERM, once: the trainer saves a checkpoint and exits, or is killed after `limit_s`."""
        if not self._is_stopping:
            self._is_stopping = True
            self._send(signal.SIGTERM)
            self.end_within(limit_s)

    def end_within(self, limit_s: float) -> None:
        """Kills the trainer if it is still running after `limit_s`. Does not wait."""
        self._deadline = min(time.monotonic() + limit_s, self._deadline or float("inf"))

    def kill(self) -> None:
        # The whole group, so that the trainer's children die too. After it is reaped, its pid may be another process's.
        if not self._is_reaped:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def describe_exit(self) -> str:
        """How the trainer ended, in words. Call after the last line."""
        code = self._process.wait()
        return f"exited with code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative if a signal ended it."""
        return self._process.returncode

    @property
    def _is_reaped(self) -> bool:
        return self._process.returncode is not None

    def _has_died(self) -> bool:
        """Checks without reaping, as `Popen.poll` would: until then the pid belongs to the trainer's group."""
        return self._is_reaped or bool(os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))

    def _send(self, number: signal.Signals) -> None:
        """Does nothing if the trainer has died. (`Popen.send_signal` would reap it.)"""
        if not self._is_reaped:
            os.kill(self.pid, number)

    def _read(self, source: Source, stream: IO[bytes], longest: int) -> threading.Thread:
        def read() -> None:
            with stream:
                for text in _lines(stream, longest):
                    self._lines.put(OutputLine(source, text))
            self._lines.put(None)

        reader = threading.Thread(target=read, name=f"trainer-{source}", daemon=True)
        reader.start()
        return reader


def _lines(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    """Lines without their ends. The rest of a line over the limit is replaced by three dots."""
    while part := stream.readline(longest):
        yield part.rstrip(b"\r\n") if part.endswith(b"\n") or len(part) < longest else part + b"..."
        while part and not part.endswith(b"\n"):
            part = stream.readline(longest)


def box_options(is_on: bool) -> tuple[str, ...]:
    """A trainer's options for the setting RESLAB_BOX."""
    return () if is_on else ("--no-box",)
