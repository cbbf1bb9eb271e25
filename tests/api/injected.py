"""Runs with invented results, written with the worker's verbs: claim, append, save, succeed."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from store.db.database import Database
from store.db.models import Run, Worker
from store.db.objects import Objects
from tests.api import progress
from trainer import identity
from trainer.events import Evaluated, Started, Steps
from trainer.spec import RunSpec


@dataclass
class Injector:
    """Ends queued runs; `test_error` and `train_error` give each run's final errors, percent."""

    database: Database
    objects: Objects
    folder: Path
    test_error: Callable[[Run], float] = lambda _: 9.0
    train_error: Callable[[Run], float] = lambda _: 5.0
    worker: Worker | None = None
    ended: list[UUID] = field(default_factory=list)

    def end(self, count: int) -> None:
        """Ends the first `count` runs in the queue."""
        self.worker = self.worker or progress.add_worker(self.database)
        for _ in range(count):
            claim = progress.claim(self.database, self.worker)
            spec = RunSpec.model_validate(claim.run.spec)
            tests = range(spec.evaluate_every, spec.iterations + 1, spec.evaluate_every)
            error = self.test_error(claim.run)
            progress.tell(
                self.database,
                claim,
                1,
                started(),
                _steps(spec, self.train_error(claim.run)),
                *(evaluated(at, error if at == spec.iterations else error + 3) for at in tests),
            )
            progress.save(self.database, self.objects, claim, b"weights", self.folder, iteration=spec.iterations)
            progress.finish(self.database, claim.run.id, claim.attempt)
            self.ended.append(claim.run.id)

    def examine(
        self, count: int, error: Callable[[Run], float], top5_error: float | None = None, *, is_same_data: bool = True
    ) -> None:
        """Ends the first `count` evaluations in the queue with these errors."""
        report = json.dumps({"is_the_data_trained_on": is_same_data}).encode()
        for _ in range(count):
            claim = progress.claim(self.database, self.worker)
            assert claim.run.examination is not None
            evaluation = evaluated(claim.run.iterations, error(claim.run)).model_copy(update={"top5_error": top5_error})
            progress.tell(self.database, claim, 1, started(), evaluation)
            progress.save(
                self.database, self.objects, claim, report, self.folder,
                iteration=claim.run.iterations, role="report", file_format="json",
            )  # fmt: skip
            progress.finish(self.database, claim.run.id, claim.attempt)


def started() -> Started:
    return progress.started().model_copy(
        update={
            "versions": identity.versions(),
            "source": identity.source_digest(),
            "test_images": 10_000,
            "data_hash": "cifar",
        }
    )


def evaluated(iteration: int, error: float) -> Evaluated:
    return progress.evaluated(iteration, error).model_copy(update={"images": 10_000})


def _steps(spec: RunSpec, error: float) -> Steps:
    """A curve that falls to `error` within a third of the schedule, and jitters by a quarter of a point."""
    at = range(1, spec.iterations + 1)
    errors = [error + 85 * math.exp(-15 * i / spec.iterations) + 0.25 * math.sin(i * (spec.seed + 1)) for i in at]
    rates = [0.01] * min(400, spec.iterations // 2)
    return Steps(
        first=1,
        loss=[value / 40 for value in errors],
        error=errors,
        lr=rates + [0.1] * (spec.iterations - len(rates)),
        images_per_s=1000,
    )
