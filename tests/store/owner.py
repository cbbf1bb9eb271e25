"""An owner in the state machine: a worker that knows only the answers it got."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from store import artifacts
from store.runs import attempts
from store.runs.attempts import BatchEvent
from trainer.events import Evaluated, Saved, Steps

ITERATIONS = 12


@dataclass
class Owner:
    """An attempt as its worker sees it; another attempt may have taken over long ago."""

    run_id: UUID
    attempt: int
    at: int  # the last iteration that it reported
    batch: int = 0
    waiting: list[BatchEvent] = field(default_factory=list)  # sent, but not answered

    def next_batch(self, count: int) -> list[BatchEvent]:
        """Returns the batch to send, the same as before if that got no answer. Its errors are the attempt's number."""
        if not self.waiting:
            iterations = range(self.at + 1, min(self.at + count, ITERATIONS) + 1)
            if iterations:
                loss = [iteration / 8 for iteration in iterations]
                error, lr = [float(self.attempt)] * len(loss), [0.1] * len(loss)
                self.waiting = [Steps(first=iterations[0], loss=loss, error=error, lr=lr, images_per_s=1)]
            self.waiting += [_evaluated(iteration) for iteration in iterations if iteration % 4 == 0]
        return self.waiting

    def confirm(self, events: list[BatchEvent]) -> None:
        if events is self.waiting:
            self.waiting, self.batch = [], self.batch + 1
            self.at = max(
                [self.at, *(event.first + len(event.loss) - 1 for event in events if isinstance(event, Steps))]
            )


def _evaluated(iteration: int) -> Evaluated:
    return Evaluated(iteration=iteration, split="test", error=50, top5_error=None, loss=1, images=10)


def save_file(session: Session, run_id: UUID, attempt: int, iteration: int) -> None:
    """Commits the checkpoint of an iteration, and the weights with the last one. Raises LeaseLost."""
    run = attempts.lock(session, run_id, attempt)
    for role in ("weights", "checkpoint") if iteration == ITERATIONS else ("checkpoint",):
        file = f"{role}-{iteration}"
        values = {"iteration": iteration, "role": role, "format": "safetensors", "file": file, "sha256": "0" * 64}
        artifacts.commit(session, run, Saved.model_validate(values | {"size_bytes": 1}))
