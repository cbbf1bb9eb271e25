"""Rows as the API shows them: what a run waits for, how long it will take, where it leaves the paper."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from api import schema, surroundings
from paper import lint
from store import history, queue, workers
from store.models import Dataset, Run, Worker
from store.queue import Place
from store.states import Status, Wish
from trainer.catalog import DataSet
from trainer.spec import RunSpec

SAME = ("id", "name", "project", "owner", "tags", "notes", "priority", "queue", "spec_hash", "parameters",
        "multiply_adds", "weighted_layers", "status", "reason", "message", "wish", "created_at", "started_at",
        "finished_at", "parent_id", "parent_iteration", "iteration", "iterations", "images_per_s",
        "train_error")  # fmt: skip


def run(session: Session, row: Run, lease_s: float) -> schema.Run:
    return runs(session, [row], lease_s)[0]


def runs(session: Session, rows: Sequence[Run], lease_s: float) -> list[schema.Run]:
    """The queue and the workers are asked only where one of the runs waits."""
    queued = [row.id for row in rows if row.status == Status.queued]
    places = queue.places(session, queued) if queued else {}
    alive = workers.alive(session, lease_s) if queued else []
    starting = [row for row in rows if _is_starting(row)]
    begun = history.begun(session, starting)
    return [_run(row, places.get(row.id), _waits_for(row, places.get(row.id), alive, begun)) for row in rows]


def _run(row: Run, place: Place | None, waits_for: str | None) -> schema.Run:
    spec = RunSpec.model_validate(row.spec)
    best = schema.Best(
        val_error=row.best_val_error, val_iteration=row.best_val_iteration, test_error=row.best_test_error
    )
    return schema.Run(
        **{name: getattr(row, name) for name in SAME},
        spec=spec,
        attempts=row.fence,
        last=schema.Last(val_error=row.val_error, test_error=row.test_error),
        best=best,
        eta_s=_eta_s(row, spec),
        queue_position=place.number if place else None,
        waits_for=waits_for,
        deviations=lint.deviations(spec),
    )


def _eta_s(row: Run, spec: RunSpec) -> float | None:
    if row.status != Status.running or not row.images_per_s:
        return None
    return (row.iterations - row.iteration) * spec.batch_size / row.images_per_s


def _is_starting(row: Run) -> bool:
    # A claim clears images_per_s and the attempt's first points bring it back.
    return row.status == Status.running and row.images_per_s is None


def _waits_for(row: Run, place: Place | None, alive: list[Worker], begun: set[UUID]) -> str | None:
    if row.wish == Wish.cancel:
        return "cancelling: the worker saves a last checkpoint"
    if row.status == Status.queued:
        return _waits_in_queue(row, place, alive)
    if _is_starting(row):
        return "starting: the first iterations" if row.id in begun else "starting: loading PyTorch"
    return None


def _waits_in_queue(row: Run, place: Place | None, alive: list[Worker]) -> str:
    kind = f"{row.queue} " if row.queue else ""
    if not any(row.queue in (None, worker.queue) and not worker.draining for worker in alive):
        return f"no {kind}worker is alive"
    # Claimed between the two questions: it is about to start.
    told = f"{place.number} of {place.waiting} in the queue" if place else "about to start"
    return f"{told}, to try again" if row.failures else told


def built_in(data: DataSet) -> surroundings.Dataset:
    return surroundings.Dataset(
        name=data.name,
        kind="built-in",
        about=data.about,
        classes=data.classes,
        class_names=None,
        train_images=data.train_images,
        test_images=data.test_images,
        augment=data.augment,
        owner=None,
        manifest_hash=None,
        size_bytes=None,
        created_at=None,
    )


def dataset(row: Dataset) -> surroundings.Dataset:
    return surroundings.Dataset(
        name=row.name,
        kind="archive" if row.key else "folder",
        about=row.about,
        classes=len(row.classes),
        class_names=row.classes,
        train_images=row.train_images,
        test_images=row.test_images,
        augment="paper",
        owner=row.owner,
        manifest_hash=row.manifest_hash,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
    )
