"""Turns a result made elsewhere into a run that has ended, with its curve in the tables of every run's curve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from store import artifacts, datasets, history
from store.curves.points import NONE, Points
from store.curves.write import RECENT
from store.db.identifiers import new_id
from store.db.models import Artifact, Attempt, Evaluation, Run, StepChunk
from store.imports import chunks
from store.imports.declaration import Declaration, ForeignFile, ForeignSeries, Origin, hash_of_known
from store.imports.reading import ForeignCurve
from store.imports.specification import main_errors
from store.runs.states import AttemptOutcome, EventKind, Status
from trainer.plan import plan
from trainer.spec import RunSpec

# The attempt that an import's rows belong to. No worker made it.
ATTEMPT: Final = 1
WORKER: Final = "elsewhere"
WEIGHTS_FILE: Final = "weights.safetensors"


@dataclass(frozen=True)
class ForeignWeights:
    """A weights file in the object store, verified; `sent_sha256` is of the file as it was sent."""

    key: str
    sha256: str
    size_bytes: int
    sent_sha256: str


@dataclass(frozen=True)
class Import:
    """A result made elsewhere, read and declared, before it is stored."""

    file: ForeignFile
    curve: ForeignCurve
    declaration: Declaration
    spec: RunSpec
    unknown: tuple[str, ...]
    owner: str
    name: str | None = None
    project: str = "default"
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    weights: ForeignWeights | None = None
    run_id: UUID = field(default_factory=new_id)

    @property
    def iteration(self) -> int:
        """The end of training: the declared one, or the last in the file."""
        return self.spec.iterations

    @property
    def test_error(self) -> float | None:
        test = self.curve.series.get("test_error")
        return float(test.value[-1]) if test else None

    @property
    def origin(self) -> Origin:
        declared = self.declaration
        return Origin(
            format=self.curve.format,
            file=self.file.name,
            sha256=self.file.sha256,
            size_bytes=self.file.size_bytes,
            lab=declared.lab,
            source=declared.source,
            unknown=self.unknown,
            test_images=declared.test_images,
            evaluations=len(main_errors(self.curve).iteration),
            weights_sha256=self.weights and self.weights.sent_sha256,
            reading=declared.reading,
        )


def create(session: Session, imported: Import) -> tuple[Run, bool]:
    """Stores an import, and says whether it is new: the same file with the same declaration is the same run.

    Raises Refused for a data set that is not registered.
    """
    origin, spec = imported.origin, imported.spec
    spec_hash = hash_of_known(spec, imported.unknown)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:file))"), {"file": origin.sha256})
    existing = _existing(session, origin, spec_hash)
    if existing is not None:
        return existing, False
    network = plan(spec, datasets.classes(session, spec))
    run = Run(
        id=imported.run_id,
        name=imported.name or spec.name,
        project=imported.project,
        owner=imported.owner,
        tags=imported.tags,
        notes=imported.notes,
        priority=0,
        spec=spec.model_dump(mode="json"),
        spec_hash=spec_hash,
        depth=spec.depth,
        shortcut=spec.shortcut,
        dataset=spec.dataset,
        iterations=spec.iterations,
        origin=origin.model_dump(mode="json"),
        parameters=network.parameters,
        multiply_adds=network.multiply_adds,
        weighted_layers=network.weighted_layers,
        status=Status.running,
        fence=ATTEMPT,
        last_seq=0,
        iteration=imported.iteration,
        train_error=_recent(imported.curve.series.get("train_error", NONE)),
        **_errors(imported.curve.series),
    )
    session.add(run)
    history.record(session, run, EventKind.imported, imported.owner, file=origin.file, sha256=origin.sha256)
    _add_attempt(session, run)
    _add_curve(session, run, imported)
    _add_weights(session, run, imported.weights)
    session.flush()
    ended = update(Run).where(Run.id == run.id).values(status=Status.succeeded, finished_at=func.now())
    session.execute(ended)
    session.refresh(run)
    return run, True


def _existing(session: Session, origin: Origin, spec_hash: str) -> Run | None:
    same = (Run.origin["sha256"].astext == origin.sha256, Run.origin.is_not(None), Run.spec_hash == spec_hash)
    for run in session.scalars(select(Run).where(*same).order_by(Run.created_at)):
        if Origin.model_validate(run.origin) == origin:
            return run
    return None


def _recent(errors: Points) -> float | None:
    """As for a run of this service: the mean of the last 20 points."""
    return float(np.mean(errors.value[-RECENT:])) if len(errors.value) else None


def _errors(series: Mapping[ForeignSeries, Points]) -> dict[str, Any]:  # Any: the columns of Run
    validation, test = series.get("val_error", NONE), series.get("test_error", NONE)
    columns: dict[str, Any] = {}
    if len(validation.value):
        best = int(validation.value.argmin())
        columns |= {
            "val_error": float(validation.value[-1]),
            "best_val_error": float(validation.value[best]),
            "best_val_iteration": int(validation.iteration[best]),
        }
    if len(test.value):
        columns |= {"test_error": float(test.value[-1]), "best_test_error": float(test.value.min())}
    return columns


def _add_attempt(session: Session, run: Run) -> None:
    session.add(
        Attempt(
            run_id=run.id,
            number=ATTEMPT,
            worker_id=run.id,
            worker=WORKER,
            device=WORKER,
            resumed_from=0,
            lease_until=func.now(),
            ended_at=func.now(),
            outcome=AttemptOutcome.succeeded,
        )
    )
    session.flush()


def _add_curve(session: Session, run: Run, imported: Import) -> None:
    of_run = {"run_id": run.id, "attempt": ATTEMPT}
    series = imported.curve.series
    if rows := chunks.chunks(series):
        session.execute(insert(StepChunk), [row | of_run for row in rows])
    images = {"val": None, "test": imported.declaration.test_images}
    evaluations = [
        row | of_run | {"images": images[split]} for split in ("val", "test") for row in _evaluations(series, split)
    ]
    if evaluations:
        session.execute(insert(Evaluation), evaluations)


def _evaluations(series: Mapping[ForeignSeries, Points], split: str) -> list[dict[str, Any]]:  # Any: columns
    """A row at each iteration with an error; losses and top-5 errors elsewhere are left out."""
    named: dict[str, Points] = {str(name): points for name, points in series.items()}
    errors = named.get(f"{split}_error", NONE)
    losses, top5 = (_by_iteration(named.get(f"{split}_{name}", NONE)) for name in ("loss", "top5_error"))
    return [
        {"split": split, "iteration": at, "error": error, "top5_error": top5.get(at), "loss": losses.get(at)}
        for at, error in zip(errors.iteration.tolist(), errors.value.tolist(), strict=True)
    ]


def _by_iteration(points: Points) -> dict[int, float]:
    return dict(zip(points.iteration.tolist(), points.value.tolist(), strict=True))


def _add_weights(session: Session, run: Run, weights: ForeignWeights | None) -> None:
    if weights is None:
        return
    session.add(
        Artifact(
            run_id=run.id,
            attempt=ATTEMPT,
            iteration=run.iteration,
            role="weights",
            format="safetensors",
            key=weights.key,
            sha256=weights.sha256,
            size_bytes=weights.size_bytes,
        )
    )


def weights_key(run_id: UUID) -> str:
    return artifacts.key(run_id, ATTEMPT, WEIGHTS_FILE)
