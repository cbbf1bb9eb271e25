"""An owner as the state machine plays it: a worker that knows what it was answered, and nothing else."""

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
    """One attempt, as its worker sees it: it may have been overtaken long ago."""

    run_id: UUID
    attempt: int
    at: int  # the last iteration that it told of
    batch: int = 0
    waiting: list[BatchEvent] = field(default_factory=list)  # told, but unanswered

    def next_batch(self, count: int) -> list[BatchEvent]:
        """The batch to send: the same as before while nobody answered. The error says who computed it."""
        if not self.waiting:
            iterations = range(self.at + 1, min(self.at + count, ITERATIONS) + 1)
            if iterations:
                loss = [iteration / 8 for iteration in iterations]
                error, lr = [float(self.attempt)] * len(loss), [0.1] * len(loss)
                self.waiting = [Steps(first=iterations[0], loss=loss, error=error, lr=lr, images_per_s=1)]
            self.waiting += [_evaluated(iteration) for iteration in iterations if iteration % 4 == 0]
        return self.waiting

    def heard(self, told: list[BatchEvent]) -> None:
        if told is self.waiting:
            self.waiting, self.batch = [], self.batch + 1
            self.at = max([self.at, *(event.first + len(event.loss) - 1 for event in told if isinstance(event, Steps))])


def _evaluated(iteration: int) -> Evaluated:
    return Evaluated(iteration=iteration, split="test", error=50, top5_error=None, loss=1, images=10)


def save_file(session: Session, run_id: UUID, attempt: int, iteration: int) -> None:
    """Commits the checkpoint of an iteration, and the weights with the last one. Raises LeaseLost."""
    run = attempts.lock(session, run_id, attempt)
    for role in ("weights", "checkpoint") if iteration == ITERATIONS else ("checkpoint",):
        file = f"{role}-{iteration}"
        told = {"iteration": iteration, "role": role, "format": "safetensors", "file": file, "sha256": "0" * 64}
        artifacts.commit(session, run, Saved.model_validate(told | {"size_bytes": 1}))
