"""More seeds of a study: the planner looks at what has ended, and what it asks for is queued.

A study with a budget is looked at when all of its runs have ended, by whichever API process is first.
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
from store.db.errors import Conflict, Refused
from store.db.models import Study
from store.runs.states import TERMINAL
from store.studies import NewMember
from studies import examining as examined
from studies import judging, plans
from studies import views as study_views
from studies.models import SeedsAdd, SeedsAdded, StudyCreate
from studies.stores import Stores

log = structlog.get_logger()


def add(stores: Stores, study_id: UUID, body: SeedsAdd, owner: str) -> SeedsAdded:
    """Raises Conflict where the planner is asked while a run has not ended, Refused where there is no budget."""
    with stores.database.transaction() as session:
        row = studies.get(session, study_id)
        rows = studies.members(session, study_id)
        runs = Counter(member.label for member, _ in rows)
        added = _asked_for(runs, body.add) if body.add else _planned(stores, session, row, rows, body.budget)
        new = _members(session, row, rows, added, owner)
        if new:
            row = studies.add(session, study_id, new, body.budget)
        return SeedsAdded(study=study_views.summaries(session, [row])[0], added=added)


def look(stores: Stores) -> bool:
    """Whether there was a study to look at. What it needs is queued; where that is nothing, it is settled.

    Raises DBAPIError, obstore's errors and Conflict where it cannot be looked at now.
    """
    with stores.database.transaction() as session:
        row = studies.next_to_extend(session, examined.EXAMINING)
        if row is None:
            return False
        rows = studies.members(session, row.id)
        try:
            new = _members(session, row, rows, _planned(stores, session, row, rows, row.budget), row.owner)
        except (DBAPIError, ObjectStoreError, Conflict):  # of this moment: it is looked at again
            raise
        except Exception:  # its data set is gone, for one: it must not stand in the way of all others
            log.exception("no seeds can be added to a study", study=str(row.id))
            new = []
        if new:
            studies.add(session, row.id, new)
        else:
            studies.settle(session, row)
    return True


def _asked_for(runs: Counter[str], add: int) -> list[Addition]:
    most = max(runs.values())
    if most + add > MOST_SEEDS:
        raise Refused("add", f"add must be at most {MOST_SEEDS - most}: a study has no more than {MOST_SEEDS} seeds")
    return [Addition(network=label, add=add, reason="asked for") for label in runs]


def _planned(stores: Stores, session: Session, row: Study, rows: judging.Rows, budget: int | None) -> list[Addition]:
    budget = row.budget or budget
    if budget is None:
        raise Refused("budget", "budget is needed once: the most seeds of a network that the planner may ask for")
    if any(run is not None and run.status not in TERMINAL for _, run in rows):
        raise Conflict("runs of this study have not ended yet: the planner looks when all have")
    trained = judging.trained(session, stores.outcomes, rows)
    trained, ensembles = examined.applied(stores, rows, trained, examined.standings(session, row, rows))
    networks = by_network(trained)
    judgement = judge(judging.question(row), trained, ensembles)
    return additions(networks, judgement.cells, judgement.claims, budget, row.looks)


def _members(
    session: Session, row: Study, rows: judging.Rows, added: Sequence[Addition], owner: str
) -> list[NewMember]:
    """The next seeds of each network, with the queue and the priority of those that it has."""
    wanted = {addition.network: addition.add for addition in added}
    known = {(member.label, member.seed) for member, _ in rows}
    first = next((run for _, run in rows if run is not None), None)
    seeds = min(MOST_SEEDS, max(Counter(label for label, _ in known).values()) + max(wanted.values(), default=0))
    body = StudyCreate(recipe=row.recipe, seeds=seeds, scale=row.scale, dataset=row.dataset)
    if first is not None:
        body = body.model_copy(update={"priority": first.priority, "queue": first.queue})
    new: list[NewMember] = []
    for member in plans.expand(session, body, owner):
        if (member.label, member.seed) not in known and wanted.get(member.label, 0) > 0:
            wanted[member.label] -= 1
            new.append(member)
    return new
