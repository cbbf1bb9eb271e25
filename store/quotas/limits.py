"""Quotas: checked in the transaction of a submission, and at each claim, and said in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from sqlalchemy import and_, bindparam, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import QuotaReached
from store.db.models import Quota, Run
from store.db.models.quotas import HolderKind
from store.quotas import usage
from store.runs.states import Status

KINDS: Final[tuple[HolderKind, ...]] = get_args(HolderKind)
# The name of everybody who has no limits of their own.
EVERYBODY: Final = "*"
# Held while a limit is compared with what is used: two at the same time would both fit.
_LOCK: Final = 0x5E51AC
_MORE: Final = "An administrator can allow more."


@dataclass(frozen=True)
class Full:
    """Whose runs don't start now, and why."""

    people: dict[str, str] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)

    def reason(self, run: Run) -> str | None:
        return self.people.get(run.owner) or self.projects.get(run.project)


# Built once, because each submission needs both.
_HOLDING: Final = select(Quota).where(
    or_(*(and_(Quota.kind == kind, Quota.name.in_((bindparam(kind), literal(EVERYBODY)))) for kind in KINDS))
)
LIMITING_STARTS: Final = select(Quota).where(or_(Quota.running.is_not(None), Quota.device_hours.is_not(None)))


def set_limits(session: Session, quota: Quota) -> Quota:
    """Sets all four limits of a person, a project or, as `*`, of everybody else."""
    limits = {name: getattr(quota, name) for name in ("running", "queued", "device_hours", "kept_bytes")}
    row = insert(Quota).values(kind=quota.kind, name=quota.name, **limits)
    session.execute(row.on_conflict_do_update(index_elements=["kind", "name"], set_=limits))
    return session.get_one(Quota, (quota.kind, quota.name), populate_existing=True)


def of(session: Session, kind: HolderKind, name: str) -> Quota | None:
    """Returns the limits that hold for a person or project: their own, or everybody's."""
    return session.get(Quota, (kind, name)) or session.get(Quota, (kind, EVERYBODY))


def check(session: Session, person: str, project: str, *, is_run: bool = True) -> None:
    """Raises QuotaReached if this person or project may not submit another run or, without `is_run`,
    keep another data set."""
    holders: tuple[tuple[HolderKind, str], ...] = (("person", person), ("project", project))
    quotas = _holding(session, holders)
    if quotas:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    for name, quota in quotas:
        _check(session, name, quota, is_run=is_run)


def _holding(session: Session, holders: Sequence[tuple[HolderKind, str]]) -> list[tuple[str, Quota]]:
    """What `of` returns for each, where it returns limits, in one statement."""
    limits = {(row.kind, row.name): row for row in session.scalars(_HOLDING, dict(holders))}
    own = ((name, limits.get((kind, name)) or limits.get((kind, EVERYBODY))) for kind, name in holders)
    return [(name, quota) for name, quota in own if quota is not None]


def _check(session: Session, name: str, quota: Quota, *, is_run: bool) -> None:
    who = _who(quota.kind, name)
    if is_run and quota.queued is not None:
        _, queued = usage.counts(session, quota.kind, name)
        if queued >= quota.queued:
            raise QuotaReached(
                f"{who} may have {_runs(quota.queued)} in the queue and has {queued:,}. Wait until one starts. {_MORE}"
            )
    if is_run and (spent := _spent(session, quota, name)) is not None:
        raise QuotaReached(f"{spent} {_MORE}")
    if (filled := _filled(session, quota, name)) is not None:
        raise QuotaReached(f"{filled} Delete runs or data sets first. {_MORE}")


def _filled(session: Session, quota: Quota, name: str) -> str | None:
    if quota.kept_bytes is None:
        return None
    kept = usage.kept_bytes(session, quota.kind, name)
    if kept < quota.kept_bytes:
        return None
    return f"{_who(quota.kind, name)} may keep {quota.kept_bytes:,} bytes of files and keeps {kept:,}."


def _spent(session: Session, quota: Quota, name: str) -> str | None:
    if quota.device_hours is None:
        return None
    hours = usage.device_hours(session, quota.kind, name)
    if hours < quota.device_hours:
        return None
    who = _who(quota.kind, name)
    return f"{who} may use {quota.device_hours:,g} device-hours a month and has used {hours:,.1f} in this one."


def full(session: Session, *, claiming: bool = False) -> Full:
    """Returns whose runs don't start now. For a claim, no other one decides until its transaction ends."""
    quotas = list(session.scalars(LIMITING_STARTS))
    if not quotas:
        return Full()
    if claiming:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return Full(_reached(session, "person", quotas), _reached(session, "project", quotas))


def spent(session: Session) -> list[tuple[HolderKind, str, str]]:
    """Returns whose runs wait because this month's device-hours are used, each with the sentence that says so."""
    if session.scalar(select(func.count()).where(Quota.device_hours.is_not(None))) == 0:
        return []
    holders = [(kind, name) for kind in KINDS for name in _waiting(session, kind)]
    quotas = [(kind, name, of(session, kind, name)) for kind, name in holders]
    sentences = [(kind, name, _spent(session, quota, name)) for kind, name, quota in quotas if quota is not None]
    return [(kind, name, sentence) for kind, name, sentence in sentences if sentence is not None]


def filled(session: Session) -> list[tuple[HolderKind, str, str]]:
    """Returns whose submissions are refused because they keep all the files they may, each with its sentence."""
    quotas = session.scalars(select(Quota).where(Quota.kept_bytes.is_not(None))).all()
    holders = {(quota.kind, name) for quota in quotas for name in _names(session, quota)}
    own = [(kind, name, of(session, kind, name)) for kind, name in sorted(holders)]
    sentences = [(kind, name, _filled(session, quota, name)) for kind, name, quota in own if quota is not None]
    return [(kind, name, sentence) for kind, name, sentence in sentences if sentence is not None]


def _names(session: Session, quota: Quota) -> Sequence[str]:
    if quota.name != EVERYBODY:
        return [quota.name]
    return usage.keepers(session, quota.kind)


def _waiting(session: Session, kind: HolderKind) -> Sequence[str]:
    column = {"person": Run.owner, "project": Run.project}[kind]
    return session.scalars(select(column).where(Run.status == Status.queued).distinct()).all()


def _reached(session: Session, kind: HolderKind, quotas: Sequence[Quota]) -> dict[str, str]:
    own = {quota.name: quota for quota in quotas if quota.kind == kind}
    pairs = ((name, session.get(Quota, (kind, name)) or own.get(EVERYBODY)) for name in _waiting(session, kind))
    reasons = ((name, _why_not_now(session, quota, name)) for name, quota in pairs if quota is not None)
    return {name: reason for name, reason in reasons if reason is not None}


def _why_not_now(session: Session, quota: Quota, name: str) -> str | None:
    if quota.running is not None:
        running, _ = usage.counts(session, quota.kind, name)
        if running >= quota.running:
            return f"{_who(quota.kind, name)} may train {_runs(quota.running)} at a time and trains {running:,}"
    spent = _spent(session, quota, name)
    return spent and spent.rstrip(".")


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _who(kind: HolderKind, name: str) -> str:
    return name if kind == "person" else f"The project {name}"
