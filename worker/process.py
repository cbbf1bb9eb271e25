"""The trainer as a child process: started without secrets, read line by line, held, asked to stop, killed."""

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

# What a trainer may know of our environment. Nothing of ours (RESLAB_…), and no credentials.
_PASSED = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"}
_PASSED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "NCCL_", "OMP_", "MKL_", "TORCH_", "CUBLAS_")

# An event of a thousand points is about 60 KiB.
_LONGEST_EVENT = 1024 * 1024
_LONGEST_LOG_LINE = 4096
# Lines waiting to be handled. A full queue fills the pipe, which holds a trainer at its next event: also on a GPU.
_WAITING = 2000

Source = Literal["events", "log"]


@dataclass(frozen=True)
class Line:
    source: Source
    text: bytes


class TrainerProcess:
    """Start it in a thread that outlives it: the trainer asks the kernel to die with the thread that forked it."""

    def __init__(self, argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**_clean(os.environ), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C at the worker's terminal is the worker's to handle
        )
        self.pid = self._process.pid
        self._lines: queue.Queue[Line | None] = queue.Queue(_WAITING)
        self._open = 2
        self._held = False
        self._deadline: float | None = None
        self.asked_to_stop = False
        assert self._process.stdout is not None  # noqa: S101 (PIPE above; Popen's type cannot say so)
        assert self._process.stderr is not None  # noqa: S101
        self._readers = [
            self._read("events", self._process.stdout, _LONGEST_EVENT),
            self._read("log", self._process.stderr, _LONGEST_LOG_LINE),
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Whatever happened, no trainer is left."""
        self.kill()
        while self._open:  # the readers must not wait for room
            self.next_line(timeout_s=1)
        for reader in self._readers:
            reader.join()
        self._process.wait()

    @property
    def speaking(self) -> bool:
        """Whether more lines may come."""
        return self._open > 0

    def next_line(self, timeout_s: float) -> Line | None:
        """The next line of either stream; None where none came in time. Kills a trainer past its deadline.

        What a dead trainer started may hold its pipes: it is killed, or there would be no end of them.
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

    def hold(self) -> None:
        """SIGSTOP. A stopped process is untried on a GPU: there the full pipe holds it (see `_WAITING`)."""
        if not self._held:
            self._held = True
            self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        if self._held:
            self._held = False
            self._send(signal.SIGCONT)

    def ask_to_stop(self, limit_s: float) -> None:
        """SIGTERM, once: it saves a checkpoint and leaves, or is killed after `limit_s`."""
        if not self.asked_to_stop:
            self.asked_to_stop = True
            self._send(signal.SIGTERM)
            self.must_end(limit_s)

    def must_end(self, limit_s: float) -> None:
        """It has said its last word, or is to say it: killed after `limit_s`."""
        self._deadline = min(time.monotonic() + limit_s, self._deadline or float("inf"))

    def kill(self) -> None:
        # The whole group: a trainer's own children die too. Once it is reaped its number may be anybody's.
        if not self._is_reaped:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def obituary(self) -> str:
        """How it ended, in words. Call after the last line."""
        code = self._process.wait()
        return f"exited with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    @property
    def _is_reaped(self) -> bool:
        return self._process.returncode is not None

    def _has_died(self) -> bool:
        """Without reaping it, as `Popen.poll` would: its number stays its group's."""
        return self._is_reaped or bool(os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))

    def _send(self, number: signal.Signals) -> None:
        """Nothing happens to one that has died. (`Popen.send_signal` would reap it.)"""
        if not self._is_reaped:
            os.kill(self.pid, number)

    def _read(self, source: Source, stream: IO[bytes], longest: int) -> threading.Thread:
        def read() -> None:
            with stream:
                for text in _lines(stream, longest):
                    self._lines.put(Line(source, text))
            self._lines.put(None)

        reader = threading.Thread(target=read, name=f"trainer-{source}", daemon=True)
        reader.start()
        return reader


def _lines(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    """Lines without their ends; what is over the limit is dropped, and three dots tell of it."""
    while part := stream.readline(longest):
        yield part.rstrip(b"\r\n") if part.endswith(b"\n") or len(part) < longest else part + b"..."
        while part and not part.endswith(b"\n"):
            part = stream.readline(longest)


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name in _PASSED or name.startswith(_PASSED_PREFIXES)}
