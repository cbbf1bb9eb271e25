"""Runs with invented results, written with the worker's verbs: claim, append, save, succeed."""

import json
import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from store.db.database import Database
from store.db.models import Run, Worker
from store.db.objects import Objects
from tests.api import progress
from trainer import identity
from trainer.catalog import BUILT_IN
from trainer.events import Evaluated, Started, Steps
from trainer.schedule import planned_drops
from trainer.spec import RunSpec


@dataclass
class Injector:
    """Ends queued runs; `test_error` and `train_error` give each run's final errors, percent."""

    database: Database
    objects: Objects
    folder: Path
    test_error: Callable[[Run], float] = lambda _: 9.0
    train_error: Callable[[Run], float] = lambda _: 5.0
    weights: Callable[[Run], bytes] = lambda _: b"weights"
    worker: Worker | None = None
    ended: list[UUID] = field(default_factory=list)

    def end(self, count: int) -> None:
        """Ends the first `count` runs in the queue."""
        self.worker = self.worker or progress.add_worker(self.database)
        for _ in range(count):
            claim = progress.claim(self.database, self.worker)
            spec = RunSpec.model_validate(claim.run.spec)
            images = BUILT_IN[spec.dataset].test_images if spec.dataset in BUILT_IN else 10_000
            tests = range(spec.evaluate_every, spec.iterations + 1, spec.evaluate_every)
            error = self.test_error(claim.run)
            progress.tell(
                self.database,
                claim,
                1,
                started(spec),
                _steps(spec, self.train_error(claim.run)),
                *(evaluated(at, error if at == spec.iterations else error + 5, images) for at in tests),
            )
            progress.save(
                self.database, self.objects, claim, self.weights(claim.run), self.folder, iteration=spec.iterations
            )
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
            progress.tell(self.database, claim, 1, started(RunSpec.model_validate(claim.run.spec)), evaluation)
            progress.save(
                self.database, self.objects, claim, report, self.folder,
                iteration=claim.run.iterations, role="report", file_format="json",
            )  # fmt: skip
            progress.finish(self.database, claim.run.id, claim.attempt)


def started(spec: RunSpec) -> Started:
    data = BUILT_IN.get(spec.dataset)
    train = spec.train_images or (data.train_images if data else 1437)
    return progress.started().model_copy(
        update={
            "versions": identity.versions(),
            "source": identity.source_digest(),
            "train_images": train,
            "val_images": data.train_images - train if data else 0,
            "test_images": data.test_images if data else 10_000,
            "data_hash": (data and data.content_hash) or "cifar",
        }
    )


def evaluated(iteration: int, error: float, images: int = 10_000) -> Evaluated:
    return progress.evaluated(iteration, error).model_copy(update={"images": images})


def _steps(spec: RunSpec, error: float) -> Steps:
    """A curve that falls to `error` within a third of the schedule, and jitters by a quarter of a point."""
    at = range(1, spec.iterations + 1)
    errors = [error + 85 * math.exp(-15 * i / spec.iterations) + 0.25 * math.sin(i * (spec.seed + 1)) for i in at]
    warm = min(400, spec.iterations // 2) if spec.warmup else 0
    drops = planned_drops(spec)
    rates, drop_at = [spec.lr, *(drop.lr for drop in drops)], [drop.iteration for drop in drops]
    return Steps(
        first=1,
        loss=[value / 40 for value in errors],
        error=errors,
        lr=[0.01 if i <= warm else rates[bisect_left(drop_at, i)] for i in at],
        images_per_s=1000,
    )
