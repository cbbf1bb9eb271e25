"""Checkpoints, weights and reports. Only these rows say which is the latest; each is written after its object."""

from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from store import history
from store.db.errors import NotFound
from store.db.models import Artifact, Run
from store.runs.states import EventKind
from trainer.events import Role, Saved, WeightsFormat

# The newest may turn out to be unreadable, so the one before it stays.
CHECKPOINTS_KEPT = 2
# The last checkpoint of each quarter stays as well, so that an audit can start in the middle of a long run. It
# is twice the size of its weights, and the weights of all checkpoints are kept.
QUARTERS = 4

At = int | Literal["last", "best"]


def key(run_id: UUID, attempt: int | None, file: str) -> str:
    """The key of an attempt's file. No two attempts share a prefix; 0 is for the files that a run starts with."""
    return f"{prefix(run_id)}{attempt or 0}/{file}"


def prefix(run_id: UUID) -> str:
    """The prefix of all of a run's files."""
    return f"runs/{run_id}/"


def commit(session: Session, run: Run, saved: Saved) -> list[str]:
    """Writes the row of a verified object; `run` is locked (`attempts.lock`).

    Returns the keys that no row names any longer, which the caller deletes after the commit. A new checkpoint is
    progress, so it resets the count of failures.
    """
    earlier = session.scalar(
        select(Artifact).where(
            Artifact.run_id == run.id,
            Artifact.role == saved.role,
            Artifact.format == saved.format,
            Artifact.iteration == saved.iteration,
        )
    )
    object_key = key(run.id, run.fence, saved.file)
    if earlier is not None:  # a repeated request, or an attempt that started before this iteration
        return [object_key] if earlier.key != object_key else []
    values = saved.model_dump(mode="json", exclude={"kind", "file"})
    session.add(Artifact(run_id=run.id, attempt=run.fence, key=object_key, **values))
    session.flush()
    history.record(session, run, EventKind.saved, **values)
    if saved.role == "checkpoint":
        run.failures = 0
        return _prune(session, run)
    return []


def distrust(session: Session, run: Run, artifact: Artifact, why: str) -> None:
    """Deletes the row of a file that is missing or altered; `run` is locked. The file before it becomes the latest."""
    session.execute(delete(Artifact).where(Artifact.id == artifact.id))
    history.record(session, run, EventKind.warned, message=why)


def latest(session: Session, run_id: UUID, role: Role) -> Artifact | None:
    newest = select(Artifact).where(Artifact.run_id == run_id, Artifact.role == role)
    return session.scalar(newest.order_by(Artifact.iteration.desc()).limit(1))


def of_run(session: Session, run_id: UUID) -> list[Artifact]:
    """Returns all of a run's files, newest first."""
    files = select(Artifact).where(Artifact.run_id == run_id)
    return list(session.scalars(files.order_by(Artifact.iteration.desc(), Artifact.role, Artifact.format)))


def weights(session: Session, run: Run, at: At, format: WeightsFormat) -> Artifact:  # noqa: A002 (the query parameter's name)
    """Returns the weights of an iteration, the last weights, or the best on validation. Raises NotFound."""
    query = select(Artifact).where(Artifact.run_id == run.id, Artifact.role == "weights", Artifact.format == format)
    if at == "best":
        if run.best_val_iteration is None:
            raise NotFound(
                "This run has no validation error to choose the best weights by: train_images leaves no images for"
                " validation, or the run has not been evaluated yet. Use at=last."
            )
        query = query.where(Artifact.iteration == run.best_val_iteration)
    elif at != "last":
        query = query.where(Artifact.iteration == at)
    match = session.scalar(query.order_by(Artifact.iteration.desc()).limit(1))
    if match is None:
        iterations = sorted(
            {row.iteration for row in of_run(session, run.id) if row.role == "weights" and row.format == format}
        )
        if not iterations:
            yet = "" if run.origin is not None else " yet"
            raise NotFound(f"This run has no weights as {format}{yet}.")
        choices = ", ".join(f"{iteration:,}" for iteration in iterations)
        raise NotFound(f"This run has no weights at iteration {at} as {format}. Choose one of {choices}.")
    return match


def _prune(session: Session, run: Run) -> list[str]:
    """Deletes the rows of checkpoints that neither a next attempt nor an audit needs. Returns their files' keys."""
    newest = (
        select(Artifact.iteration)
        .where(Artifact.run_id == run.id, Artifact.role == "checkpoint")
        .order_by(Artifact.iteration.desc())
        .limit(CHECKPOINTS_KEPT)
    )
    unneeded = delete(Artifact).where(
        Artifact.run_id == run.id,
        Artifact.role == "checkpoint",
        Artifact.iteration.not_in(newest),
        Artifact.iteration.not_in(_ends_of_quarters(run)),
    )
    return list(session.scalars(unneeded.returning(Artifact.key)))


def _ends_of_quarters(run: Run) -> list[int]:
    every = int(run.spec["checkpoint_every"])
    return [run.iterations * quarter // QUARTERS // every * every for quarter in range(1, QUARTERS)]
