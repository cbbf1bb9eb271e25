"""The rules, one for each project that has one, the files that a rule would delete today, and the runs that it would
archive."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Text, and_, cast, delete, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from store.db.errors import NotFound
from store.db.models import Artifact, Event, RetentionRule, Run
from store.runs.states import TERMINAL, EventKind


def list_all(session: Session) -> list[RetentionRule]:
    return list(session.scalars(select(RetentionRule).order_by(RetentionRule.project)))


def put(session: Session, rule: RetentionRule) -> RetentionRule:
    """Sets the project's rule instead of the one that it had."""
    return session.merge(rule)


def remove(session: Session, project: str) -> None:
    """Raises NotFound."""
    if session.scalar(delete(RetentionRule).where(RetentionRule.project == project).returning(RetentionRule.project)):
        return
    raise NotFound(f"The project {project} has no retention rule.")


def outdated(session: Session, rule: RetentionRule, limit: int | None = None) -> Sequence[tuple[Artifact, Run]]:
    """Returns the files that the rule deletes, with their runs, the oldest run first.

    Never those of a run that has not ended, nor those that an evaluation still waits for.
    """
    question = aliased(Run)
    is_examined = question.examination.contains(
        func.jsonb_build_object("runs", func.jsonb_build_array(cast(Run.id, Text)))
    )
    waiting = select(question.id).where(question.status.not_in(TERMINAL), is_examined)
    files = (
        select(Artifact, Run)
        .join(Run, Run.id == Artifact.run_id)
        .where(Run.project == rule.project, Run.status.in_(TERMINAL), ~waiting.exists())
        .where(or_(_old_checkpoints(rule), _old_weights(rule)))
        .order_by(Run.finished_at, Run.id, Artifact.iteration)
        .limit(limit)
    )
    return [(artifact, run) for artifact, run in session.execute(files)]


def to_archive(session: Session, rule: RetentionRule, limit: int | None = None) -> Sequence[Run]:
    """Returns the runs that the rule archives, the oldest first. Never one that somebody has brought back."""
    if rule.archive_days is None:
        return []
    brought_back = select(Event.seq).where(
        Event.run_id == Run.id, Event.kind == EventKind.changed, Event.body.contains({"archived": False})
    )
    runs = select(Run).where(
        Run.project == rule.project,
        Run.examination.is_(None),
        Run.archived_at.is_(None),
        Run.status.in_(TERMINAL),
        _ended_before(rule.archive_days),
        ~brought_back.exists(),
    )
    return session.scalars(runs.order_by(Run.finished_at, Run.id).limit(limit)).all()


def _old_checkpoints(rule: RetentionRule) -> ColumnElement[bool]:
    if rule.checkpoints_days is None:
        return false()
    return and_(Artifact.role == "checkpoint", _ended_before(rule.checkpoints_days))


def _old_weights(rule: RetentionRule) -> ColumnElement[bool]:
    """All but the best on validation and the last."""
    if rule.weights_days is None:
        return false()
    other = aliased(Artifact)
    last = select(func.max(other.iteration)).where(other.run_id == Run.id, other.role == "weights").scalar_subquery()
    best = func.coalesce(Run.best_val_iteration, last)
    is_other = and_(Artifact.iteration != last, Artifact.iteration != best)
    return and_(Artifact.role == "weights", is_other, _ended_before(rule.weights_days))


def _ended_before(days: int) -> ColumnElement[bool]:
    return Run.finished_at < func.now() - timedelta(days=days)
