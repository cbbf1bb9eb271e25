"""Studies: an experiment of the paper as one object, made in one transaction, moved and deleted as a whole."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from store.db.errors import Conflict, NotFound, Refused
from store.db.identifiers import new_id
from store.db.models import Dataset, Event, IdempotencyKey, Run, Study, StudyMember
from store.runs import idempotency, verbs
from store.runs.states import TERMINAL, EventKind, Status
from store.runs.verbs import Submission

Examination = aliased(Run, name="examination")
Verb = Callable[[Session, UUID, str], Run]


@dataclass(frozen=True)
class NewStudy:
    """What a POST asks for, parsed; `members` say what it comes to."""

    name: str
    owner: str
    recipe: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None = None
    study_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class NewMember:
    """A run to be made; with `reuse`, the run that has succeeded before is taken instead."""

    label: str
    seed: int
    position: int
    tests: Sequence[str]
    submission: Submission
    reuse: UUID | None = None


@dataclass(frozen=True)
class Progress:
    """How many runs there are in each state, and how many of their iterations are done."""

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
    session: Session, wanted: NewStudy, members: Sequence[NewMember], key: str | None = None, body_hash: str = ""
) -> tuple[Study, bool]:
    """The study with all of its runs queued, and whether it is new: the same key and body give the same study.

    Raises Conflict where the key was used with another body, or where a run to reuse has gone.
    """
    if key is not None:
        asked = IdempotencyKey(owner=wanted.owner, key=key, body_hash=body_hash, study_id=wanted.study_id)
        taken = idempotency.take(session, asked)
        if taken != wanted.study_id:
            return get(session, taken), False
    names = ("name", "owner", "recipe", "seeds", "scale", "dataset", "budget")
    study = Study(id=wanted.study_id, looks=0, **{name: getattr(wanted, name) for name in names})
    session.add(study)
    session.flush()
    _add(session, study, members)
    return study, True


def add(session: Session, study_id: UUID, members: Sequence[NewMember], budget: int | None = None) -> Study:
    """More seeds, after a look at the results. Raises NotFound, and Conflict where another look was quicker."""
    study = session.scalar(select(Study).where(Study.id == study_id).with_for_update())
    if study is None:
        raise NotFound(f"there is no study {study_id}")
    known = set(session.execute(select(StudyMember.label, StudyMember.seed).where(_of(study_id))))
    if any((member.label, member.seed) in known for member in members):
        raise Conflict("seeds were added to this study at the same moment: look at it again")
    study.looks += 1
    study.settled_at = study.examined_at = None
    study.budget = budget if study.budget is None else study.budget
    _add(session, study, members)
    return study


def next_to_examine(session: Session, recipes: Collection[str]) -> Study | None:
    """One of these recipes whose runs have ended and whose examinations were not asked for, locked against others."""
    return session.scalar(
        select(Study)
        .where(Study.recipe.in_(recipes), Study.examined_at.is_(None), _runs().exists())
        .where(~_runs().where(Run.status.not_in(TERMINAL)).exists())
        .order_by(Study.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def mark_examined(session: Session, study: Study) -> None:
    """All examinations were asked for, and no others are before its seeds are added to."""
    study.examined_at = session.scalar(select(func.now()))


def next_to_extend(session: Session, examining: Collection[str]) -> Study | None:
    """One that has a budget and waits for a look, locked against other looks: all of its runs have ended, and of a
    recipe that is `examining` also what was asked of their weights.

    One with a cancelled run waits for none: somebody wanted less of it, not more.
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
    """Of the study's runs, alone or with others."""
    of_member = func.jsonb_build_object("runs", func.jsonb_build_array(cast(StudyMember.run_id, Text)))
    return (
        select(Examination.id)
        .join(StudyMember, Examination.examination.contains(of_member))
        .where(StudyMember.study_id == Study.id)
    )


def settle(session: Session, study: Study) -> None:
    """A look at it had nothing to add, and no other is needed before seeds are added by hand."""
    study.settled_at = session.scalar(select(func.now()))


def get(session: Session, study_id: UUID) -> Study:
    """Raises NotFound."""
    study = session.get(Study, study_id)
    if study is None:
        raise NotFound(f"there is no study {study_id}")
    return study


def find(session: Session, limit: int, cursor: str | None = None) -> StudyListPage:
    """One page, the newest first. Raises Refused where the cursor is none of an earlier page."""
    query = select(Study).order_by(Study.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Study.id < _parsed(cursor))
    found = list(session.scalars(query))
    more = len(found) > limit
    total = session.scalar(select(func.count()).select_from(Study)) or 0
    return StudyListPage(found[:limit], found[limit - 1].id if more else None, total)


def newest(session: Session, owner: str, most: int) -> list[Study]:
    """One owner's, the newest first."""
    return list(session.scalars(select(Study).where(Study.owner == owner).order_by(Study.id.desc()).limit(most)))


def members(session: Session, study_id: UUID) -> list[tuple[StudyMember, Run | None]]:
    """Network by network, seeds ascending; None where the run was deleted."""
    return members_of(session, [study_id])[study_id]


def members_of(session: Session, study_ids: Collection[UUID]) -> dict[UUID, list[tuple[StudyMember, Run | None]]]:
    """Of each study, as `members`."""
    rows = select(StudyMember, Run).outerjoin(Run, Run.id == StudyMember.run_id)
    rows = rows.where(StudyMember.study_id.in_(study_ids)).order_by(StudyMember.position, StudyMember.seed)
    found: dict[UUID, list[tuple[StudyMember, Run | None]]] = {study_id: [] for study_id in study_ids}
    for member, run in session.execute(rows):
        found[member.study_id].append((member, run))
    return found


def ended_runs(session: Session, studies: int, most: int) -> list[UUID]:
    """Runs that have ended, of so many of the newest studies: what is likely to be judged. The newest first."""
    newest = select(Study.id).order_by(Study.id.desc()).limit(studies)
    member = select(StudyMember.run_id).where(StudyMember.study_id.in_(newest))
    ended = select(Run.id).where(Run.id.in_(member), Run.status.in_(TERMINAL))
    return list(session.scalars(ended.order_by(Run.id.desc()).limit(most)))


def progress(session: Session, study_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """How far each study has come, over the runs that are still there."""
    sums = (func.count(), func.sum(Run.iteration), func.sum(Run.iterations))
    rows = session.execute(
        select(StudyMember.study_id, Run.status, *sums)
        .join(Run, Run.id == StudyMember.run_id)
        .where(StudyMember.study_id.in_(study_ids))
        .group_by(StudyMember.study_id, Run.status)
    )
    gone = select(StudyMember.study_id, func.count()).where(
        StudyMember.study_id.in_(study_ids), StudyMember.run_id.is_(None)
    )
    found = dict.fromkeys(study_ids, Progress())
    for study_id, deleted in session.execute(gone.group_by(StudyMember.study_id)):
        found[study_id] = Progress(deleted=deleted)
    for study_id, status, count, iteration, iterations in rows:
        so_far = found[study_id]
        found[study_id] = replace(
            so_far,
            runs=so_far.runs | {status: count},
            iteration=so_far.iteration + iteration,
            iterations=so_far.iterations + iterations,
        )
    return found


def pause(session: Session, study_id: UUID, actor: str) -> Study:
    """Every run that has not ended. Calling it again is harmless. Raises NotFound."""
    return _each(session, study_id, verbs.pause, actor)


def resume(session: Session, study_id: UUID, actor: str) -> Study:
    """Every run that is paused. Calling it again is harmless. Raises NotFound."""
    return _each(session, study_id, verbs.resume, actor)


def cancel(session: Session, study_id: UUID, actor: str) -> Study:
    """Every run and examination that has not ended. Calling it again is harmless. Raises NotFound."""
    study = _each(session, study_id, verbs.cancel, actor)
    mark_examined(session, study)
    alive = _examinations().where(Study.id == study_id, Examination.status.not_in(TERMINAL)).distinct()
    for examination_id in sorted(session.scalars(alive).all()):
        with suppress(Conflict, NotFound):
            verbs.cancel(session, examination_id, actor)
    return study


def reusable(session: Session, spec_hashes: Collection[str], trainer: str) -> dict[str, UUID]:
    """Runs that succeeded from scratch with these very specs and this version of the trainer, by their spec's hash.

    A data set of your own is the same where its name was registered before the run began and has stood since.
    """
    said = select(Event.run_id).where(Event.run_id == Run.id, Event.kind == EventKind.started)
    version = Event.body["versions"]["trainer"].astext
    changed = select(Dataset.name).where(Dataset.name == Run.dataset, Dataset.created_at > Run.created_at)
    found = (
        select(Run.spec_hash, Run.id)
        .where(Run.spec_hash.in_(spec_hashes), Run.status == Status.succeeded)
        .where(Run.parent_iteration.is_(None), Run.examination.is_(None))
        .where(said.where(version == trainer).exists(), ~said.where(version != trainer).exists(), ~changed.exists())
        .order_by(Run.created_at)
    )
    return dict(iter(session.execute(found)))


def remove(session: Session, study_id: UUID, *, with_runs: bool) -> list[UUID]:
    """Deletes the study, and with `with_runs` the runs that were made for it and are in no other one.

    Answers the ids of all that is gone, examinations included: their objects are the caller's to delete after the
    commit. Raises NotFound, and Conflict where one of them is running.
    """
    study = get(session, study_id)
    own = [member.run_id for member, run in members(session, study_id) if run is not None and not member.reused]
    elsewhere = select(StudyMember.run_id).where(StudyMember.run_id.in_(own), StudyMember.study_id != study_id)
    shared = set(session.scalars(elsewhere))
    going = [run_id for run_id in own if run_id and run_id not in shared] if with_runs else []
    session.execute(delete(Study).where(Study.id == study.id))
    return [gone for run_id in going for gone in verbs.remove(session, run_id)]


def _add(session: Session, study: Study, members: Sequence[NewMember]) -> None:
    # The first seed of every network is trained first, so that the table fills evenly: runs of one instant are claimed
    # in the order of their ids.
    ordered = sorted(members, key=lambda member: (member.seed, member.position))
    for member, new in zip(ordered, sorted(new_id() for _ in ordered), strict=True):
        submission = replace(member.submission, run_id=new)
        run_id = _kept(session, member.reuse) if member.reuse else verbs.create(session, submission)[0].id
        row = {"label": member.label, "seed": member.seed, "position": member.position, "tests": list(member.tests)}
        session.add(StudyMember(study_id=study.id, run_id=run_id, reused=member.reuse is not None, **row))
    session.flush()


def _kept(session: Session, run_id: UUID) -> UUID:
    """The run to reuse, kept from being deleted until the transaction ends."""
    if session.scalar(select(Run.id).where(Run.id == run_id).with_for_update(read=True, key_share=True)) is None:
        raise Conflict(f"run {run_id}, which was to be reused, has just been deleted: ask again")
    return run_id


def _each(session: Session, study_id: UUID, verb: Verb, actor: str) -> Study:
    study = get(session, study_id)
    alive = select(Run.id).join(StudyMember, StudyMember.run_id == Run.id)
    alive = alive.where(_of(study_id), Run.status.not_in(TERMINAL)).order_by(Run.id)  # one order: no deadlock
    for run_id in session.scalars(alive).all():
        with suppress(Conflict, NotFound):  # it ended meanwhile, or is being cancelled
            verb(session, run_id, actor)
    return study


def _of(study_id: UUID) -> ColumnElement[bool]:
    return StudyMember.study_id == study_id


def _parsed(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Refused("cursor", "cursor must be a next_cursor of an earlier page") from error
