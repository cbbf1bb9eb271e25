"""The states of a run and which may follow which. The database enforces the same table with a trigger."""

from enum import StrEnum
from typing import Final

from trainer.events import FailureReason


class Status(StrEnum):
    queued = "queued"
    running = "running"
    paused = "paused"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Queue(StrEnum):
    """The kind of device that a run asks for. A run without one takes whichever worker is free."""

    cpu = "cpu"
    gpu = "gpu"


class Wish(StrEnum):
    """What somebody asked of a running run; its owner reads it with every heartbeat."""

    cancel = "cancel"
    pause = "pause"


# worker_lost is the only reason that the trainer cannot give itself.
Reason = FailureReason
WORKER_LOST: Final = "worker_lost"

TERMINAL: Final = frozenset({Status.succeeded, Status.failed, Status.cancelled})

FOLLOWS: Final[dict[Status, frozenset[Status]]] = {
    Status.queued: frozenset({Status.running, Status.cancelled, Status.paused}),
    Status.running: frozenset(Status) - {Status.running},
    Status.paused: frozenset({Status.queued, Status.cancelled}),
    Status.succeeded: frozenset(),
    Status.failed: frozenset(),
    Status.cancelled: frozenset(),
}
