"""Adds seeds to a study: as many as the planner recommends from the runs that ended, or as many as requested.

A study with a budget is extended when all of its runs have ended, by whichever API process is first.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from paper.power import MOST_SEEDS
from paper.studies import Addition, additions, by_network, judge
from store import studies
from store.db.errors import Conflict, QuotaReached, Refused
from store.db.models import Study
from store.runs.states import TERMINAL
from store.studies import NewMember
from studies import detection, judging, plans
from studies import views as study_views
from studies.examinations import EXAMINING, needed_examinations, with_examinations
from studies.models import SeedsAdd, SeedsAdded, StudyCreate
from studies.stores import Stores

log = structlog.get_logger()


def add(stores: Stores, study_id: UUID, body: SeedsAdd, owner: str) -> SeedsAdded:
    """Raises Conflict if the planner is to decide while a run has not ended, Refused if there is no budget."""
    with stores.database.transaction() as session:
        row = studies.get(session, study_id)
        rows = studies.members(session, study_id)
        runs = Counter(member.label for member, _ in rows)
        if row.recipe in detection.RECIPES:
            return _more_detectors(session, row, rows, body, owner)
        added = _requested(runs, body.add) if body.add else _planned(stores, session, row, rows, body.budget)
        new = _members(session, row, rows, added, owner)
        if new:
            row = studies.add(session, study_id, new, body.budget)
        return SeedsAdded(study=study_views.summaries(session, [row])[0], added=added)


def _more_detectors(session: Session, row: Study, rows: judging.MemberRows, body: SeedsAdd, owner: str) -> SeedsAdded:
    if body.add is None:
        raise Refused("add", "Say how many seeds to add: the planner doesn't know the spread of mAP over seeds.")
    added = _requested(Counter(member.label for member, _ in rows), body.add)
    row = studies.add(session, row.id, detection.more(session, rows, body.add, owner))
    return SeedsAdded(study=study_views.summaries(session, [row])[0], added=added)


def extend_next(stores: Stores) -> bool:
    """Adds the seeds that the next study with a budget needs, or settles it. Returns False if there is none.

    Raises DBAPIError, obstore's errors and Conflict if the study cannot be judged now.
    """
    with stores.database.transaction() as session:
        row = studies.next_to_extend(session, EXAMINING)
        if row is None:
            return False
        rows = studies.members(session, row.id)
        try:
            new = _members(session, row, rows, _planned(stores, session, row, rows, row.budget), row.owner)
        except (DBAPIError, ObjectStoreError, Conflict):  # temporary: the study is tried again
            raise
        except Exception:  # for example, its data set is gone; other studies must not wait for it
            log.exception("no seeds can be added to a study", study=str(row.id))
            new = []
        if not new or not _add(session, row, new):
            studies.settle(session, row)
    return True


def _add(session: Session, row: Study, new: Sequence[NewMember]) -> bool:
    """Adds all of the seeds, or none if they don't fit their owner's quota."""
    try:
        with session.begin_nested():
            studies.add(session, row.id, new)
    except QuotaReached as error:
        log.warning("no seeds are added to a study", study=str(row.id), reason=str(error))
        return False
    return True


def _requested(runs: Counter[str], add: int) -> list[Addition]:
    most = max(runs.values())
    if most + add > MOST_SEEDS:
        raise Refused("add", f"add must be at most {MOST_SEEDS - most}: a study has at most {MOST_SEEDS} seeds.")
    return [Addition(network=label, add=add, reason="as you requested.") for label in runs]


def _planned(
    stores: Stores, session: Session, row: Study, rows: judging.MemberRows, budget: int | None
) -> list[Addition]:
    budget = row.budget or budget
    if budget is None:
        raise Refused("budget", "Set budget, the most seeds per network that the planner may use.")
    if any(run is not None and run.status not in TERMINAL for _, run in rows):
        raise Conflict("Some runs of this study have not ended. The planner needs all of them to have ended.")
    trained = judging.member_results(session, stores.outcomes, rows)
    members, ensembles = with_examinations(stores, rows, trained, needed_examinations(session, row, rows))
    networks = by_network(members, judging.deleted_members(rows))
    judgement = judge(judging.question(row), members, ensembles, judging.deleted_members(rows))
    return additions(networks, judgement.cells, judgement.claims, budget, row.looks)


def _members(
    session: Session, row: Study, rows: judging.MemberRows, added: Sequence[Addition], owner: str
) -> list[NewMember]:
    """The next seeds of each network, with the queue and the priority of its existing runs."""
    remaining = {addition.network: addition.add for addition in added}
    existing = {(member.label, member.seed) for member, _ in rows}
    first = next((run for _, run in rows if run is not None), None)
    seeds = min(MOST_SEEDS, max(Counter(label for label, _ in existing).values()) + max(remaining.values(), default=0))
    body = StudyCreate(recipe=row.recipe, seeds=seeds, scale=row.scale, dataset=row.dataset)
    body = body.model_copy(update={"project": row.project})
    if first is not None:
        body = body.model_copy(update={"priority": first.priority, "queue": first.queue})
    new: list[NewMember] = []
    for member in plans.expand(session, body, owner):
        if (member.label, member.seed) not in existing and remaining.get(member.label, 0) > 0:
            remaining[member.label] -= 1
            new.append(member)
    return new
