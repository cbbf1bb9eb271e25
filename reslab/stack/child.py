"""One child process: starts it so that it can't outlive us, watches it, and stops it within a time limit.

Linux only: the promise rests on PR_SET_PDEATHSIG.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.01
_FORCE_S = 0.5
LOG_BYTES = 50 * 2**20
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: a child may not load anything


class ChildError(Exception):
    """A child ended too early or never became ready. The message holds the last lines of its log."""


@dataclass(frozen=True)
class Service:
    """The description of a child before it runs. A stack is a list of these."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    user: pwd.struct_passwd | None = None  # the user that it runs as, if we are root; None: our own
    stdin: str | None = None  # secrets, which must not be in argv or on disk
    pass_fds: tuple[int, ...] = ()
    ready: Callable[[], bool] = lambda: True
    stop_signal: Signals = signal.SIGTERM
    stop_s: float = 2.0
    may_leave: bool = False  # it may exit with code 0, as a drained worker does
    orphan_signal: Signals = signal.SIGKILL  # what the kernel sends it when we die
    clear_up: Callable[[], None] = lambda: None  # before a restart: removes what its death has left


class Child:
    """A running service. Create it in the main thread: PR_SET_PDEATHSIG fires when the forking thread ends."""

    def __init__(self, service: Service, *, again: bool = False) -> None:
        """`again`: its log is continued, since it says why the child died before."""
        self.service = service
        self.started_at = time.monotonic()
        user = service.user
        if not again:
            service.log.write_bytes(b"")
        with service.log.open("ab") as log:  # appending: after a rotation, the child writes at the new end
            self._process = subprocess.Popen(
                service.argv,
                stdin=subprocess.PIPE if service.stdin is not None else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=service.folder,
                env=service.environment,
                start_new_session=True,  # a Ctrl-C at the terminal reaches us alone: the order of stopping is ours
                pass_fds=service.pass_fds,
                # Runs after the user is dropped, which would clear the signal.
                preexec_fn=_die_with_parent(service.orphan_signal),  # noqa: PLW1509 - it calls prctl and nothing else
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        self.pid = self._process.pid
        self._stop_requested = False

    def send_stdin(self) -> None:
        """Write the service's `stdin` to the child and close the pipe, if the service has one."""
        if self._process.stdin is not None and self.service.stdin is not None:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(self.service.stdin.encode())

    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while the child runs."""
        return self._process.poll()

    def wait_until_ready(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Return once the service is ready or `interrupted` is true. Raises ChildError if the child ends first.

        There is no time limit: on a busy disk a recovery may take minutes, and the caller can interrupt.
        """
        while not interrupted() and not self.service.ready():
            if self.exit_code() is not None:
                raise ChildError(self.obituary())
            time.sleep(_POLL_S)

    def wait_until_done(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Wait for a child that ends by itself, such as a migration. Raises ChildError if its exit code is not 0."""
        while not interrupted() and self.exit_code() is None:
            time.sleep(_POLL_S)
        if self.exit_code() not in (0, None):
            raise ChildError(self.obituary())

    def rotate_log(self, limit_bytes: int = LOG_BYTES) -> None:
        """Moves a log that has grown beyond the limit aside, in the place of the one before; the child goes on."""
        log = self.service.log
        if log.stat().st_size > limit_bytes:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)  # not renamed, since the child has it open

    def request_stop(self) -> None:
        """Send the stop signal, once: to many programs a second one means "drop everything". Returns at once."""
        if self.exit_code() is None and not self._stop_requested:
            self._stop_requested = True
            self._process.send_signal(self.service.stop_signal)

    def stop(self, limit_s: float | None = None) -> None:
        """Request a stop, wait `limit_s` (default: the service's `stop_s`), then kill the child's process group."""
        self.request_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.service.stop_s if limit_s is None else limit_s)
            return
        for force in (self.service.orphan_signal, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, force)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_FORCE_S)
                return
        self._process.wait()

    def ending(self) -> str:
        """How the child ended, in words."""
        code = self.exit_code()
        if code is None:
            how = "does not answer"
        else:
            how = f"exited with code {code}" if code >= 0 else f"was killed by {Signals(-code).name}"
        return f"{self.service.name} {how}."

    def obituary(self, lines: int = 20) -> str:
        """How the child ended, and the last lines of its log."""
        tail = self.service.log.read_text(errors="replace").splitlines()[-lines:]
        heading = f"{self.ending()} The last lines of {self.service.log}:"
        return "\n".join([heading, *(f"  {line}" for line in tail)])


def _die_with_parent(orphan_signal: Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        if _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)  # the parent died between the fork and here

    return bind
