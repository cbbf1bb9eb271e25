"""Tells the lab of a study that has ended, with its verdicts: judging is slow, so the background watch does it."""

from collections import Counter
from typing import Final

from paper.studies.attrition import Attrition
from store import studies
from store.db.models import Notice
from store.notices import outbox
from store.notices.kinds import NoticeKind
from store.notices.studies import ended, key
from studies import views
from studies.models import Study
from studies.stores import Stores

MOST_LISTED: Final = 5  # networks of which a notice says how many seeds count


def tell_next(stores: Stores) -> bool:
    """Writes the notice of one study that has ended since yesterday. Returns whether there may be more.

    A study that gets more runs is told of again when they have ended.
    """
    with stores.database.transaction() as session:
        members = dict(ended(session))
        summaries = views.summaries(session, [studies.get(session, study_id) for study_id in members])
    for summary in summaries:
        if summary.status == "ended" and (summary.budget is None or summary.settled_at is not None):
            notice = _notice(views.study(stores, summary.id), members[summary.id])
            with stores.database.transaction() as session:
                outbox.add(session, notice)
            return True
    return False


def _notice(study: Study, members: int) -> Notice:
    outcomes = Counter(cell.verdict.outcome for cell in study.cells if cell.verdict is not None)
    words = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    lost = _lost_seeds(study)
    verdicts = f"Verdicts: {words}." if words else "It has no verdicts."
    return Notice(
        key=key(study.id, members),
        kind=NoticeKind.study_ended,
        project=None,
        path=f"/studies/{study.id}",
        title=f"{study.name or study.title} has ended",
        sentence=f"{verdicts} {_in_words(lost)}".rstrip(),
        body={
            "study": str(study.id),
            "recipe": study.recipe,
            "owner": study.owner,
            "verdicts": dict(outcomes),
            "lost_seeds": {label: attrition.planned - attrition.counted for label, attrition in lost.items()},
        },
    )


def _lost_seeds(study: Study) -> dict[str, Attrition]:
    """The networks whose verdicts or errors lack seeds, by label."""
    networks = {network.label: network.attrition for network in study.networks}
    networks |= {network.label: network.attrition for network in study.deleted_networks}
    judged = {cell.network: cell.attrition for cell in study.cells if cell.attrition}
    return {label: attrition for label, attrition in (networks | judged).items() if attrition.missing}


def _in_words(lost: dict[str, Attrition]) -> str:
    """A verdict rests on the seeds that are left, so a notice of it says how many."""
    if not lost:
        return ""
    listed = [f"{label} {attrition.counted} of {attrition.planned}" for label, attrition in lost.items()]
    more = f" and {len(listed) - MOST_LISTED} more networks" if len(listed) > MOST_LISTED else ""
    return f"Seeds that count: {', '.join(listed[:MOST_LISTED])}{more}."
