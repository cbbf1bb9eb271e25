"""The nemesis: kills, stops and resumes the real processes of a stack, at random and several at once.

It restarts or resumes them some seconds later, as a service manager would. A stop may outlast a lease.
"""

import heapq
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import psutil

from tests.faults.disk import CannotStrike
from tests.faults.stack import LEASE_S, Stack

# How often each part is struck, relative to the others. Rarely the database: without it all others stand still.
_WEIGHTS = {"worker": 6, "control": 3, "api": 3, "valkey": 3, "postgres": 2}
_PAUSE_S = (0.5, 4.0)
_DOWN_S = (0.0, 3.0)
_STOPPED_S = (0.2, 1.5 * LEASE_S)
_POLL_S = 0.02

Repair = Callable[[], None]


class Nemesis:
    """`run` it in the main thread, the parent of all parts. `faults` counts them by kind; `repaired_at` are seconds."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack, self._random = stack, random.Random(seed)  # noqa: S311 (reproducible, not secret)
        self._order = count()  # breaks ties between repairs that are due at the same time
        self._due: list[tuple[float, int, str, Repair]] = []
        self.faults: Counter[str] = Counter()
        self.repaired_at: list[float] = []

    def run(self, seconds: float) -> None:
        """Strikes one fault after the other until the time is over. Call `repair` afterwards."""
        end = time.monotonic() + seconds
        next_at = time.monotonic()
        while (now := time.monotonic()) < end:
            if self._due and self._due[0][0] <= now:
                self._repair_next()
            elif now >= next_at:
                self._strike()
                next_at = time.monotonic() + self._random.uniform(*_PAUSE_S)
            else:
                time.sleep(_POLL_S)

    def repair(self) -> None:
        """Carries out all outstanding repairs and waits until the service is ready."""
        while self._due:
            self._repair_next()
            time.sleep(_POLL_S)
        self._stack.repair()
        self.repaired_at.append(time.monotonic())

    def _repair_next(self) -> None:
        _, _, _, repair = heapq.heappop(self._due)
        repair()
        self.repaired_at.append(time.monotonic())

    def _strike(self) -> None:
        broken = {part for _, _, part, _ in self._due}
        healthy = [part for part in self._stack.names if part not in broken]
        if not healthy:
            return
        (part,) = self._random.choices(healthy, [_WEIGHTS[part.split("-")[0]] for part in healthy])
        if not self._stack.is_running(part):  # it ended by itself: restart it, as a service manager would
            self._repair_later(part, 0, lambda: self._stack.start(part))
            self.faults[f"{part} ended by itself"] += 1
            return
        kind = part.split("-")[0]
        options = {"worker": self._worker_faults, "postgres": self._postgres_faults}.get(kind, self._faults)
        name, fault = self._random.choice(options(part))
        if fault():
            self.faults[f"{kind} {name}"] += 1

    def _faults(self, part: str) -> list[tuple[str, Callable[[], bool]]]:
        return [
            ("killed", lambda: self._kill(part, lambda: self._stack.kill(part))),
            ("stopped", lambda: self._stop(part)),
        ]

    def _worker_faults(self, part: str) -> list[tuple[str, Callable[[], bool]]]:
        return [
            ("killed alone", lambda: self._kill(part, lambda: self._stack.kill(part))),
            ("killed with its trainer", lambda: self._kill(part, lambda: self._stack.kill_tree(part))),
            ("sent SIGTERM", lambda: self._kill(part, lambda: self._stack.signal(part, signal.SIGTERM))),
            ("stopped", lambda: self._stop(part)),
            ("lost its trainer", lambda: self._on_trainer(part, self._kill_trainer)),
            ("had its trainer stopped", lambda: self._on_trainer(part, self._stop_trainer)),
            ("had its disk filled", lambda: self._fill_disk(part)),
        ]

    def _postgres_faults(self, part: str) -> list[tuple[str, Callable[[], bool]]]:
        """The postmaster is killed, or crashes with all its backends; in both cases it replays the log."""
        return [
            ("crashed", lambda: self._kill(part, lambda: self._stack.kill(part, signal.SIGQUIT))),
            ("killed", lambda: self._kill(part, lambda: self._stack.kill(part))),
            ("stopped", lambda: self._stop(part)),
            ("lost a backend", self._kill_backend),
        ]

    def _kill(self, part: str, kill: Callable[[], None]) -> bool:
        kill()
        self._repair_later(part, self._random.uniform(*_DOWN_S), lambda: self._start(part))
        return True

    def _start(self, part: str) -> None:
        if self._stack.is_running(part):  # it is still shutting down
            self._repair_later(part, 0.5, lambda: self._start(part))
        else:
            self._stack.start(part)

    def _stop(self, part: str) -> bool:
        self._stack.stop(part)
        self._repair_later(part, self._random.uniform(*_STOPPED_S), lambda: self._stack.resume(part))
        return True

    def _fill_disk(self, part: str) -> bool:
        with suppress(CannotStrike):
            self._stack.fill_disk(part)
            self._repair_later(part, self._random.uniform(*_STOPPED_S), lambda: self._stack.free_disk(part))
            return True
        return False

    def _on_trainer(self, part: str, fault: Callable[[str, psutil.Process], None]) -> bool:
        trainers = self._stack.trainers(part)
        if not trainers:
            return False
        with suppress(psutil.NoSuchProcess):
            fault(part, trainers[0])
        return True

    def _kill_trainer(self, _: str, trainer: psutil.Process) -> None:
        trainer.kill()
        self.repaired_at.append(time.monotonic())  # its worker starts another one

    def _stop_trainer(self, part: str, trainer: psutil.Process) -> None:
        trainer.suspend()

        def resume() -> None:
            with suppress(psutil.NoSuchProcess):
                trainer.resume()

        self._repair_later(part, self._random.uniform(*_STOPPED_S), resume)

    def _kill_backend(self) -> bool:
        """If one backend is killed, the postmaster ends all others and restarts by itself."""
        postmaster = psutil.Process(self._stack.child("postgres").pid)
        backends = [child for child in postmaster.children() if _serves_a_client(child)]
        if not backends:
            return False
        self._random.choice(backends).kill()
        self.repaired_at.append(time.monotonic())
        return True

    def _repair_later(self, part: str, wait_s: float, repair: Repair) -> None:
        heapq.heappush(self._due, (time.monotonic() + wait_s, next(self._order), part, repair))


def _serves_a_client(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "127.0.0.1" in " ".join(process.cmdline())
    return False
