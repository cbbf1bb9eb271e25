"""The closed choices of a run: its states and which may follow which, its events' kinds, how an attempt may end.

The database enforces FOLLOWS with a trigger.
"""

from enum import StrEnum
from typing import Final

from trainer.events import FailureReason


class Status(StrEnum):
    """The state of a run."""

    queued = "queued"
    running = "running"
    paused = "paused"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Queue(StrEnum):
    """The queue in which a run waits, by the device of its workers. A run without a queue takes any free worker."""

    cpu = "cpu"
    gpu = "gpu"


class StopRequest(StrEnum):
    """How a person asked a running run to stop; the run's worker reads it with every heartbeat."""

    cancel = "cancel"
    pause = "pause"


class AttemptOutcome(StrEnum):
    """How an attempt ended: `stopped` for a cancel or a pause, `returned` where the run went back to its queue."""

    succeeded = "succeeded"
    failed = "failed"
    stopped = "stopped"
    returned = "returned"
    lease_expired = "lease_expired"


class EventKind(StrEnum):
    """What happened to a run."""

    created = "created"
    imported = "imported"
    changed = "changed"
    claimed = "claimed"
    # The trainer's own (`trainer.events`).
    started = "started"
    steps = "steps"
    evaluated = "evaluated"
    saved = "saved"
    warned = "warned"
    # The service's, once more.
    cancel_requested = "cancel_requested"
    pause_requested = "pause_requested"
    paused = "paused"
    resumed = "resumed"
    returned = "returned"
    lease_expired = "lease_expired"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


# worker_lost is the only reason that the trainer can't give itself.
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
