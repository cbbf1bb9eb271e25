"""Everything that a worker process works with, built once at its start."""

import sys
import threading
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from worker.device import Device, Slot
from worker.fitness import Fitness
from worker.machine_check import MachineCheck

# -P: without it, a folder named `trainer` in the current directory would shadow our package.
TRAINER = (sys.executable, "-P", "-m", "trainer")


@dataclass(frozen=True)
class Workbench:
    """One process, with one device or one slot of it. SIGTERM sets `draining`: return the current run to the queue and
    take no more.
    """

    settings: Settings
    database: Database
    objects: Objects
    device: Device
    worker_id: UUID
    worker_name: str
    address: str = "127.0.0.1"
    trainer: tuple[str, ...] = TRAINER
    slot: Slot | None = None  # None: the device is not shared
    threads: int | None = None  # CPU threads per trainer; None leaves the number to the trainer
    draining: threading.Event = field(default_factory=threading.Event)
    trains: threading.Event = field(default_factory=threading.Event)  # from a claim to its end

    @cached_property
    def fitness(self) -> Fitness:
        """Whether this machine can train, and if not, why."""
        return Fitness(self.settings, self.device, self.trainer)

    @cached_property
    def check(self) -> MachineCheck:
        """What `trainer check` says of this machine."""
        return MachineCheck(self)
