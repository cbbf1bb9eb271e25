"""What a worker works with, made once when its process starts."""

import sys
import threading
from dataclasses import dataclass, field
from uuid import UUID

from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from worker.device import Device

# -P: a folder called `trainer` where the worker was started must not be taken for ours.
TRAINER = (sys.executable, "-P", "-m", "trainer")


@dataclass(frozen=True)
class Workbench:
    """One process, one device. `draining` is set once, by SIGTERM: take no more runs and give this one back."""

    settings: Settings
    database: Database
    objects: Objects
    device: Device
    worker_id: UUID
    worker_name: str
    trainer: tuple[str, ...] = TRAINER
    threads: int | None = None  # of the trainer's CPU work; None leaves it to the trainer
    draining: threading.Event = field(default_factory=threading.Event)
