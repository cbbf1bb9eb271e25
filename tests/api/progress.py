"""Moves runs as a worker does, with the worker's own verbs."""

import hashlib
from pathlib import Path
from uuid import UUID

from store import artifacts, workers
from store.db.database import Database
from store.db.models import Worker
from store.db.objects import Objects
from store.runs import attempts
from store.runs.attempts import Claim
from trainer.events import Evaluated, Format, Role, Saved, Started, Steps

LEASE_S = 60


def add_worker(database: Database, name: str = "one", queue: str = "cpu") -> Worker:
    with database.transaction() as session:
        return workers.register(session, Worker(name=name, host="here", pid=1, queue=queue, device=queue, version="0"))


def claim(database: Database, worker: Worker | None = None) -> Claim:
    """Claims the first run in the queue."""
    worker = worker or add_worker(database)
    with database.transaction() as session:
        claimed = attempts.claim(session, worker, LEASE_S)
    assert claimed is not None
    return claimed


def started() -> Started:
    return Started(
        device="cpu", device_kind="cpu", threads=1, versions={"torch": "2"}, resumed_from=0,
        train_images=1437, val_images=0, test_images=360, data_hash="0",
    )  # fmt: skip


def steps(first: int, count: int) -> Steps:
    """Points whose values show their iteration."""
    at = range(first, first + count)
    return Steps(
        first=first, loss=[i / 8 for i in at], error=[i % 100 for i in at], lr=[0.125] * count, images_per_s=100
    )


def evaluated(iteration: int, error: float, split: str = "test") -> Evaluated:
    return Evaluated.model_validate(
        {"iteration": iteration, "split": split, "error": error, "top5_error": None, "loss": error / 10, "images": 360}
    )


def tell(database: Database, claim: Claim, number: int, *events: attempts.BatchEvent) -> None:
    with database.transaction() as session:
        attempts.append(session, claim.run.id, claim.attempt, number, list(events))


def log(database: Database, claim: Claim, number: int, text: str) -> None:
    with database.transaction() as session:
        attempts.append_log(session, claim.run.id, claim.attempt, number, text)


def save(
    database: Database, objects: Objects, claim: Claim, content: bytes, folder: Path, *,
    iteration: int = 400, role: Role = "weights", file_format: Format = "safetensors",
) -> str:  # fmt: skip
    """Uploads and commits a file; returns its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    file = f"{role}-{iteration}.{file_format}"
    (folder / file).write_bytes(content)
    objects.put(artifacts.key(claim.run.id, claim.attempt, file), folder / file, sha256)
    saved = Saved(iteration=iteration, role=role, format=file_format, file=file, sha256=sha256, size_bytes=len(content))
    with database.transaction() as session:
        artifacts.commit(session, attempts.lock(session, claim.run.id, claim.attempt), saved)
    return sha256


def finish(database: Database, run_id: UUID, attempt: int) -> None:
    with database.transaction() as session:
        attempts.succeed(session, run_id, attempt)
