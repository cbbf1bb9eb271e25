"""One child process: how it is started so that it cannot outlive us, watched, and stopped in a given time.

Linux only: the promise rests on PR_SET_PDEATHSIG.
"""

import contextlib
import ctypes
import os
import pwd
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
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: a child may not load anything


class ChildError(Exception):
    """A child ended that should not have, or never got ready; the message holds its last log lines."""


@dataclass(frozen=True)
class Service:
    """What there is to know about a child before it runs: data, so that a stack is a list of these."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    user: pwd.struct_passwd | None = None  # root drops to it; None keeps ours
    told: str | None = None  # written to its stdin: secrets that have no place in argv or on disk
    pass_fds: tuple[int, ...] = ()
    ready: Callable[[], bool] = lambda: True
    stop_signal: Signals = signal.SIGTERM
    stop_s: float = 2.0
    may_leave: bool = False  # an end with exit code 0 is no failure: a worker that was drained
    orphan_signal: Signals = signal.SIGKILL  # what the kernel sends it when we are gone


class Child:
    """A service that runs. Make it from the main thread: PR_SET_PDEATHSIG fires when the forking thread ends."""

    def __init__(self, service: Service) -> None:
        self.service = service
        user = service.user
        with service.log.open("wb") as log:
            self._process = subprocess.Popen(
                service.argv,
                stdin=subprocess.PIPE if service.told is not None else subprocess.DEVNULL,
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
        self._asked = False

    def tell(self) -> None:
        """Give it what it is to be told, and close its stdin. A child that listens for nothing is told nothing."""
        if self._process.stdin is not None and self.service.told is not None:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(self.service.told.encode())

    def exit_code(self) -> int | None:
        """Its return code, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait_until_ready(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Return when the service says so, or when `interrupted` does. Raises ChildError if it ends before.

        There is no time limit: a busy disk may stretch a recovery to minutes, and whoever waits can interrupt.
        """
        while not interrupted() and not self.service.ready():
            if self.exit_code() is not None:
                raise ChildError(self.obituary())
            time.sleep(_POLL_S)

    def wait_until_done(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """For a child that has an end of its own, such as a migration. Raises ChildError if that end is not 0."""
        while not interrupted() and self.exit_code() is None:
            time.sleep(_POLL_S)
        if self.exit_code() not in (0, None):
            raise ChildError(self.obituary())

    def ask_to_stop(self) -> None:
        """Send the stop signal, once: to many programs a second one means 'drop everything'. Returns at once."""
        if self.exit_code() is None and not self._asked:
            self._asked = True
            self._process.send_signal(self.service.stop_signal)

    def stop(self, limit_s: float | None = None) -> None:
        """Ask, wait `limit_s` (default: the service's own), then end it and its process group by force."""
        self.ask_to_stop()
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

    def obituary(self, lines: int = 20) -> str:
        """How it ended and the last lines of its log."""
        code = self.exit_code()
        if code is None:
            how = "does not answer"
        else:
            how = f"exited with {code}" if code >= 0 else f"was ended by {Signals(-code).name}"
        tail = self.service.log.read_text(errors="replace").splitlines()[-lines:]
        heading = f"{self.service.name} {how}. The end of {self.service.log}:"
        return "\n".join([heading, *(f"  {line}" for line in tail)])


def _die_with_parent(orphan_signal: Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        if _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)  # the parent died between the fork and here

    return bind
