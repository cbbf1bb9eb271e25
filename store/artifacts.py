"""Checkpoints, weights and reports: 'latest' exists only in these rows, each written after its object was verified."""

from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store import history
from store.db.errors import NotFound
from store.db.models import Artifact, Run
from store.runs.states import EventKind
from trainer.events import Format, Role, Saved, WeightsFormat

# The newest may turn out to be unreadable, so the one before is kept.
CHECKPOINTS_KEPT = 2

At = int | Literal["last", "best"]


def key(run_id: UUID, attempt: int | None, file: str) -> str:
    """Where an attempt's file lies in the object store. No two attempts share a prefix; 0: what it begins with."""
    return f"{prefix(run_id)}{attempt or 0}/{file}"


def prefix(run_id: UUID) -> str:
    """Everything of a run lies under it."""
    return f"runs/{run_id}/"


def commit(session: Session, run: Run, saved: Saved) -> list[str]:
    """Writes the row of a verified object; `run` is held (`attempts.lock`).

    Answers the keys that no row names any longer, to be deleted after the commit. A new checkpoint is
    progress: it clears the count of failures.
    """
    known = session.scalar(
        select(Artifact).where(
            Artifact.run_id == run.id,
            Artifact.role == saved.role,
            Artifact.format == saved.format,
            Artifact.iteration == saved.iteration,
        )
    )
    object_key = key(run.id, run.fence, saved.file)
    if known is not None:  # sent again after an unclear answer, or saved again by an attempt that went on from there
        return [object_key] if known.key != object_key else []
    told = saved.model_dump(mode="json", exclude={"kind", "file"})
    session.add(Artifact(run_id=run.id, attempt=run.fence, key=object_key, **told))
    session.flush()
    history.record(session, run, EventKind.saved, **told)
    if saved.role == "checkpoint":
        run.failures = 0
        return _prune(session, run, "checkpoint", "safetensors", CHECKPOINTS_KEPT)
    return []


def distrust(session: Session, run: Run, artifact: Artifact, why: str) -> None:
    """Forgets a file whose object turned out to be gone or altered; `run` is held. The one before it is the latest."""
    session.execute(delete(Artifact).where(Artifact.id == artifact.id))
    history.record(session, run, EventKind.warned, message=why)


def latest(session: Session, run_id: UUID, role: Role) -> Artifact | None:
    newest = select(Artifact).where(Artifact.run_id == run_id, Artifact.role == role)
    return session.scalar(newest.order_by(Artifact.iteration.desc()).limit(1))


def of_run(session: Session, run_id: UUID) -> list[Artifact]:
    """All of a run's files, newest first."""
    ordered = select(Artifact).where(Artifact.run_id == run_id)
    return list(session.scalars(ordered.order_by(Artifact.iteration.desc(), Artifact.role, Artifact.format)))


def weights(session: Session, run: Run, at: At, format: WeightsFormat) -> Artifact:  # noqa: A002 (the query's own word)
    """The weights of an iteration, the last ones, or those with the least validation error. Raises NotFound."""
    wanted = select(Artifact).where(Artifact.run_id == run.id, Artifact.role == "weights", Artifact.format == format)
    if at == "best":
        if run.best_val_iteration is None:
            raise NotFound(
                "best is chosen on validation, and this run has no validation error"
                " (train_images leaves no image apart, or nothing was evaluated yet): ask for at=last"
            )
        wanted = wanted.where(Artifact.iteration == run.best_val_iteration)
    elif at != "last":
        wanted = wanted.where(Artifact.iteration == at)
    found = session.scalar(wanted.order_by(Artifact.iteration.desc()).limit(1))
    if found is None:
        there = sorted(
            {row.iteration for row in of_run(session, run.id) if row.role == "weights" and row.format == format}
        )
        kept = ", ".join(map(str, there)) or "none yet"
        raise NotFound(f"there are no weights at {at} as {format}; iterations kept: {kept}")
    return found


def _prune(session: Session, run: Run, role: Role, format: Format, keep: int) -> list[str]:  # noqa: A002
    old = (
        select(Artifact.id)
        .where(Artifact.run_id == run.id, Artifact.role == role, Artifact.format == format)
        .order_by(Artifact.iteration.desc())
        .offset(keep)
    )
    return list(session.scalars(delete(Artifact).where(Artifact.id.in_(old)).returning(Artifact.key)))
