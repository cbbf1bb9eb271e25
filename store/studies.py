"""Studies: an experiment of the paper as one object, created, moved and deleted as a whole."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, delete, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from store.db.errors import Conflict, NotFound, Refused
from store.db.identifiers import new_id
from store.db.models import IdempotencyKey, Run, Study, StudyMember, StudyRegistration
from store.runs import idempotency, verbs
from store.runs.states import TERMINAL, Status
from store.runs.verbs import Submission

Examination = aliased(Run, name="examination")
Verb = Callable[[Session, UUID, str], Run]


@dataclass(frozen=True)
class NewStudy:
    """A study to create, as parsed from a POST; its members are `NewMember`s."""

    name: str
    owner: str
    recipe: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None = None
    project: str = "default"
    study_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class NewMember:
    """A run to create, or with `reuse` an earlier run that has succeeded."""

    label: str
    seed: int
    position: int
    tests: Sequence[str]
    submission: Submission
    reuse: UUID | None = None


@dataclass(frozen=True)
class Progress:
    """The number of runs in each state, and of their iterations that are done."""

    runs: dict[Status, int] = field(default_factory=dict)
    iteration: int = 0
    iterations: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class StudyListPage:
    studies: list[Study]
    next_cursor: UUID | None
    total: int


def create(
    session: Session, new: NewStudy, members: Sequence[NewMember], key: str | None = None, body_hash: str = ""
) -> tuple[Study, bool]:
    """Queues all runs of a study, and says whether it is new: the same key and body return the same study.

    Raises Conflict if the key was used with another body, or a run to reuse was deleted.
    """
    if key is not None:
        request = IdempotencyKey(owner=new.owner, key=key, body_hash=body_hash, study_id=new.study_id)
        owner_id = idempotency.take(session, request)
        if owner_id != new.study_id:
            return get(session, owner_id), False
    study = Study(
        id=new.study_id,
        name=new.name,
        project=new.project,
        owner=new.owner,
        recipe=new.recipe,
        seeds=new.seeds,
        scale=new.scale,
        dataset=new.dataset,
        budget=new.budget,
        looks=0,
    )
    session.add(study)
    session.flush()
    _add(session, study, members)
    return study, True


def now(session: Session) -> datetime:
    """The database's time at the start of this transaction."""
    return session.execute(select(func.now())).scalar_one()


def register(session: Session, study_id: UUID, content: str, signature: bytes) -> None:
    """Writes the registration of a study that is created later. Raises IntegrityError if the study has runs."""
    session.add(StudyRegistration(study_id=study_id, content=content, signature=signature))
    session.flush()


def registration(session: Session, study_id: UUID) -> StudyRegistration | None:
    """Returns the registration of a study, even of a deleted one; None if it was not registered."""
    return session.get(StudyRegistration, study_id)


def add(session: Session, study_id: UUID, members: Sequence[NewMember], budget: int | None = None) -> Study:
    """Adds seeds after an interim analysis. Raises NotFound, and Conflict if another analysis was faster."""
    study = session.scalar(select(Study).where(Study.id == study_id).with_for_update())
    if study is None:
        raise NotFound(f"There is no study {study_id}.")
    present = set(session.execute(select(StudyMember.label, StudyMember.seed).where(_of(study_id))))
    if any((member.label, member.seed) in present for member in members):
        raise Conflict("Seeds were added to this study at the same moment. Reload it and try again.")
    study.looks += 1
    study.settled_at = study.examined_at = None
    study.budget = budget if study.budget is None else study.budget
    _add(session, study, members)
    return study


def next_to_examine(session: Session, recipes: Collection[str]) -> Study | None:
    """Returns a study of these recipes whose runs have ended and whose examinations aren't queued yet, locked."""
    return session.scalar(
        select(Study)
        .where(Study.recipe.in_(recipes), Study.examined_at.is_(None), _runs().exists())
        .where(~_runs().where(Run.status.not_in(TERMINAL)).exists())
        .order_by(Study.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def mark_examined(session: Session, study: Study) -> None:
    """Records that all examinations are queued; no others follow until seeds are added."""
    study.examined_at = session.scalar(select(func.now()))


def next_to_extend(session: Session, examining: Collection[str]) -> Study | None:
    """Returns a study with a budget that is ready for an interim analysis, locked: all of its runs have ended and, for
    an `examining` recipe, all of their examinations.

    A study with a cancelled run is never ready: its owner wanted fewer runs, not more.
    """
    alive = _examinations().where(Examination.status.not_in(TERMINAL))
    return session.scalar(
        select(Study)
        .where(Study.budget.is_not(None), Study.settled_at.is_(None), _runs().exists())
        .where(~_runs().where(Run.status.not_in(TERMINAL - {Status.cancelled})).exists())
        .where(or_(Study.recipe.not_in(examining), and_(Study.examined_at.is_not(None), ~alive.exists())))
        .order_by(Study.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _runs() -> Select[Status]:
    return select(Run.status).join(StudyMember, StudyMember.run_id == Run.id).where(StudyMember.study_id == Study.id)


def _examinations() -> Select[UUID]:
    """The examinations of the study's runs, alone or with others."""
    of_member = func.jsonb_build_object("runs", func.jsonb_build_array(cast(StudyMember.run_id, Text)))
    return (
        select(Examination.id)
        .join(StudyMember, Examination.examination.contains(of_member))
        .where(StudyMember.study_id == Study.id)
    )


def settle(session: Session, study: Study) -> None:
    """Records that an interim analysis had nothing to add; the next one follows once seeds are added by hand."""
    study.settled_at = session.scalar(select(func.now()))


def get(session: Session, study_id: UUID) -> Study:
    """Raises NotFound."""
    study = session.get(Study, study_id)
    if study is None:
        raise NotFound(f"There is no study {study_id}.")
    return study


def find(
    session: Session, limit: int, cursor: str | None = None, readable: ColumnElement[bool] | None = None
) -> StudyListPage:
    """Returns one page, the newest first. Raises Refused if the cursor didn't come from an earlier page.

    `readable` is what the caller may see (`store.people.rights.readable`).
    """
    seen = true() if readable is None else readable
    query = select(Study).where(seen).order_by(Study.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Study.id < _parsed(cursor))
    rows = list(session.scalars(query))
    has_more = len(rows) > limit
    total = session.scalar(select(func.count()).select_from(Study).where(seen)) or 0
    return StudyListPage(rows[:limit], rows[limit - 1].id if has_more else None, total)


def newest(session: Session, owner: str, most: int, readable: ColumnElement[bool]) -> list[Study]:
    """Returns one owner's studies that they may see, the newest first."""
    return list(
        session.scalars(select(Study).where(Study.owner == owner, readable).order_by(Study.id.desc()).limit(most))
    )


def members(session: Session, study_id: UUID) -> list[tuple[StudyMember, Run | None]]:
    """Returns members by network, then by seed, each with its run, or None if the run was deleted."""
    return members_of(session, [study_id])[study_id]


def members_of(session: Session, study_ids: Collection[UUID]) -> dict[UUID, list[tuple[StudyMember, Run | None]]]:
    """Returns what `members` does, for several studies."""
    rows = select(StudyMember, Run).outerjoin(Run, Run.id == StudyMember.run_id)
    rows = rows.where(StudyMember.study_id.in_(study_ids)).order_by(StudyMember.position, StudyMember.seed)
    by_study: dict[UUID, list[tuple[StudyMember, Run | None]]] = {study_id: [] for study_id in study_ids}
    for member, run in session.execute(rows):
        by_study[member.study_id].append((member, run))
    return by_study


def ended_runs(session: Session, studies: int, most: int) -> list[UUID]:
    """Returns ended runs of the newest studies, which are likely to be shown next. The newest first."""
    newest = select(Study.id).order_by(Study.id.desc()).limit(studies)
    member = select(StudyMember.run_id).where(StudyMember.study_id.in_(newest))
    ended = select(Run.id).where(Run.id.in_(member), Run.status.in_(TERMINAL))
    return list(session.scalars(ended.order_by(Run.id.desc()).limit(most)))


def progress(session: Session, study_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """Returns the progress of each study, over the runs that weren't deleted."""
    sums = (func.count(), func.sum(Run.iteration), func.sum(Run.iterations))
    rows = session.execute(
        select(StudyMember.study_id, Run.status, *sums)
        .join(Run, Run.id == StudyMember.run_id)
        .where(StudyMember.study_id.in_(study_ids))
        .group_by(StudyMember.study_id, Run.status)
    )
    without_run = select(StudyMember.study_id, func.count()).where(
        StudyMember.study_id.in_(study_ids), StudyMember.run_id.is_(None)
    )
    by_study = dict.fromkeys(study_ids, Progress())
    for study_id, deleted in session.execute(without_run.group_by(StudyMember.study_id)):
        by_study[study_id] = Progress(deleted=deleted)
    for study_id, status, count, iteration, iterations in rows:
        so_far = by_study[study_id]
        by_study[study_id] = replace(
            so_far,
            runs=so_far.runs | {status: count},
            iteration=so_far.iteration + iteration,
            iterations=so_far.iterations + iterations,
        )
    return by_study


def pause(session: Session, study_id: UUID, actor: str) -> Study:
    """Pauses every run that has not ended. Safe to repeat. Raises NotFound."""
    return _move_runs(session, study_id, verbs.pause, actor)


def resume(session: Session, study_id: UUID, actor: str) -> Study:
    """Resumes every paused run. Safe to repeat. Raises NotFound."""
    return _move_runs(session, study_id, verbs.resume, actor)


def cancel(session: Session, study_id: UUID, actor: str) -> Study:
    """Cancels every run and examination that has not ended. Safe to repeat. Raises NotFound."""
    study = _move_runs(session, study_id, verbs.cancel, actor)
    mark_examined(session, study)
    alive = _examinations().where(Study.id == study_id, Examination.status.not_in(TERMINAL)).distinct()
    for examination_id in sorted(session.scalars(alive).all()):
        with suppress(Conflict, NotFound):
            verbs.cancel(session, examination_id, actor)
    return study


def remove(session: Session, study_id: UUID, *, with_runs: bool) -> list[UUID]:
    """Deletes the study and, with `with_runs`, the runs that were made for it and are in no other study.

    Returns the ids of the deleted runs and examinations; the caller deletes their objects after the commit. Raises
    NotFound, and Conflict if one of the runs is running.
    """
    study = get(session, study_id)
    own = [member.run_id for member, run in members(session, study_id) if run is not None and not member.reused]
    elsewhere = select(StudyMember.run_id).where(StudyMember.run_id.in_(own), StudyMember.study_id != study_id)
    shared = set(session.scalars(elsewhere))
    doomed = [run_id for run_id in own if run_id and run_id not in shared] if with_runs else []
    session.execute(delete(Study).where(Study.id == study.id))
    return [deleted for run_id in doomed for deleted in verbs.remove(session, run_id)]


def _add(session: Session, study: Study, members: Sequence[NewMember]) -> None:
    # The first seed of every network is trained first, so that the table fills evenly: runs created at the same time
    # are claimed in the order of their ids.
    ordered = sorted(members, key=lambda member: (member.seed, member.position))
    for member, new in zip(ordered, sorted(new_id() for _ in ordered), strict=True):
        submission = replace(member.submission, run_id=new)
        run_id = _lock_reused(session, member.reuse) if member.reuse else verbs.create(session, submission)[0].id
        session.add(
            StudyMember(
                study_id=study.id,
                label=member.label,
                seed=member.seed,
                position=member.position,
                run_id=run_id,
                tests=list(member.tests),
                reused=member.reuse is not None,
            )
        )
    session.flush()


def _lock_reused(session: Session, run_id: UUID) -> UUID:
    """Keeps the run to reuse from being deleted until the transaction ends."""
    if session.scalar(select(Run.id).where(Run.id == run_id).with_for_update(read=True, key_share=True)) is None:
        raise Conflict(f"Run {run_id}, which this study was to reuse, has just been deleted. Try again.")
    return run_id


def _move_runs(session: Session, study_id: UUID, verb: Verb, actor: str) -> Study:
    study = get(session, study_id)
    alive = select(Run.id).join(StudyMember, StudyMember.run_id == Run.id)
    alive = alive.where(_of(study_id), Run.status.not_in(TERMINAL)).order_by(Run.id)  # one order: no deadlock
    for run_id in session.scalars(alive).all():
        with suppress(Conflict, NotFound):  # it has just ended, or is being cancelled
            verb(session, run_id, actor)
    return study


def _of(study_id: UUID) -> ColumnElement[bool]:
    return StudyMember.study_id == study_id


def _parsed(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Refused("cursor", "cursor must be the next_cursor of an earlier page.") from error
