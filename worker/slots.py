"""`python -m worker run --slots N`: a worker process for each slot of one device, and the parent that keeps them."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from store.db.settings import Settings
from worker import device

# Between two looks at the processes, and before one that died is started again.
_LOOK_S, PAUSE_S = 0.2, 5.0

# -P: a folder called `worker` in the current folder must not be imported instead of ours.
PROGRAM = (sys.executable, "-P", "-m", "worker")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """The worker's own command line, and what the parent must know of it."""

    arguments: Sequence[str]
    device: str
    slots: int
    is_batch: bool
    program: tuple[str, ...] = PROGRAM


def run(settings: Settings, order: Order) -> int:
    """Serves until all slots have left: drained, or stopped by SIGTERM or Ctrl-C. Returns the exit code: 1 if any of
    them ended with another code than 0.

    Raises LookupError if there is no such device, or it can't be shared.
    """
    shared = device.find(order.device)
    device.slot(shared, 1, order.slots)
    if not (settings.device_memory_bytes or shared.memory_bytes):
        raise LookupError("The GPU doesn't say how much memory it has. Set RESLAB_DEVICE_MEMORY_BYTES.")
    folder = device.mps()
    how = f"at the same time, by MPS in {folder}" if folder else "in turns, because no MPS control daemon runs"
    log.info("%d slots share %s: their runs compute %s", order.slots, shared.name, how)
    return Slots(order).serve()


class Slots:
    """The processes. Create and serve it in the main thread: each dies with the thread that started it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._is_stopping = False
        self._stopped: set[int] = set()
        self._codes: list[int] = []
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._due_at = dict.fromkeys(range(1, order.slots + 1), 0.0)  # slots to start, and when
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())

    def serve(self) -> int:
        while self._processes or self._due_at:
            for slot in [slot for slot, due_at in self._due_at.items() if time.monotonic() >= due_at]:
                self._processes[slot] = self._start(slot)
                self._due_at.pop(slot, None)
            time.sleep(_LOOK_S)
            for slot, process in list(self._processes.items()):
                if process.poll() is not None:
                    del self._processes[slot]
                    self._note_end(slot, process.returncode)
            if self._is_stopping:
                self._stop()  # also one that was being started
        return max(self._codes, default=0)

    def _start(self, slot: int) -> "subprocess.Popen[bytes]":
        own = ("--slot", str(slot), "--supervised", str(os.getpid()))
        return subprocess.Popen(
            [*self._order.program, *self._order.arguments, *own],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for the parent, which drains each of them
        )

    def _note_end(self, slot: int, code: int) -> None:
        if code == 0 or self._is_stopping or self._order.is_batch:
            self._codes.append(int(code != 0))
            return
        log.warning("slot %d ended with code %d; it starts again in %.0f s", slot, code, PAUSE_S)
        self._due_at[slot] = time.monotonic() + PAUSE_S

    def _stop(self) -> None:
        self._is_stopping = True
        self._due_at.clear()
        for slot in self._processes.keys() - self._stopped:
            self._stopped.add(slot)
            self._processes[slot].terminate()
