"""Trains queued runs with the real training loop, but in this process: another one takes two seconds to load torch."""

from functools import cache
from itertools import count
from pathlib import Path
from uuid import UUID

import torch

from store import artifacts
from store.db.database import Database
from store.db.models import Worker
from store.db.objects import Objects
from store.runs import attempts
from tests.api import progress
from trainer.data import library
from trainer.data.images import DecodedDataSet, arrange
from trainer.events import Evaluated, Finished, Saved, Started, Steps, Warned
from trainer.loop import Environment, train
from trainer.process.supervision import Stop
from trainer.spec import RunSpec

CPU = torch.device("cpu")


def train_next(database: Database, objects: Objects, folder: Path, worker: Worker | None = None) -> UUID:
    """Trains the first run in the queue to its end, on one thread, and records it with the worker's verbs."""
    claim = progress.claim(database, worker)
    spec = RunSpec.model_validate(claim.run.spec)
    torch.set_num_threads(1)
    workdir = folder / str(claim.run.id)
    workdir.mkdir()
    data = arrange(_images(spec.dataset), spec.train_images, spec.seed, CPU)
    progress.log(database, claim, 1, f"{spec.name} trains in a test's process\n")
    batch = count(1)
    for event in train(spec, data, Environment(workdir, CPU, Stop())):
        match event:
            case Saved():
                objects.put(artifacts.key(claim.run.id, claim.attempt, event.file), workdir / event.file, event.sha256)
                with database.transaction() as session:
                    artifacts.commit(session, attempts.lock(session, claim.run.id, claim.attempt), event)
            case Finished():
                progress.finish(database, claim.run.id, claim.attempt)
            case Started() | Steps() | Evaluated() | Warned():
                progress.tell(database, claim, next(batch), event)
            case _:
                raise AssertionError(event)
    return claim.run.id


@cache
def _images(dataset: str) -> DecodedDataSet:
    """One that needs no folder."""
    return library.load(dataset, Path())
