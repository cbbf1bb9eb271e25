"""A study as the API shows it: its row, its progress, and what the judges of the paper say of its runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from api import judging
from api.service import Service
from api.study_schema import Study, StudyMember, StudyProgress, StudyStatus, StudySummary
from paper import published, recipes
from paper.recipes import RECIPES, Wanted
from paper.studies import Trained, judge
from store import forecast, studies
from store.models import Run
from store.models import Study as Row
from store.models import StudyMember as MemberRow
from store.states import TERMINAL, Status
from store.studies import Progress

SAME = ("id", "name", "owner", "recipe", "seeds", "scale", "dataset", "budget", "looks", "settled_at", "created_at")


def summaries(session: Session, rows: Sequence[Row]) -> list[StudySummary]:
    progress = studies.progress(session, [row.id for row in rows])
    return [StudySummary(**_summary(row, progress[row.id])) for row in rows]


def whole(service: Service, study_id: UUID) -> Study:
    with service.database.transaction() as session:
        row = studies.get(session, study_id)
        members = studies.members(session, study_id)
        progress = studies.progress(session, [study_id])[study_id]
        finishes_in_s = _finishes_in_s(session, members, service.settings.lease_s)
        trained = judging.trained(session, service.outcomes, members)
    return _told(row, members, trained, {**_summary(row, progress), "finishes_in_s": finishes_in_s})


def _told(row: Row, members: judging.Rows, trained: Sequence[Trained], summary: dict[str, object]) -> Study:
    """Outside of the transaction: a judge takes his time."""
    recipe = RECIPES[row.recipe]
    judgement = judge(judging.question(row), trained)
    wanted = Wanted(seeds=row.seeds, scale=row.scale, dataset=row.dataset)
    return Study.model_validate(
        {
            **summary,
            "about": recipe.about,
            "kind": recipe.kind,
            "protocol": recipe.protocol,
            "members": [_member(member, run) for member, run in members],
            "tables": [published.table(number) for number in recipe.tables],
            "figures": [figure for figure in published.figures() if figure.number in recipe.figures],
            **{name: getattr(judgement, name) for name in ("cells", "said", "networks", "claims", "depths")},
            "departures": recipes.departures(recipe, wanted),
        }
    )


def _summary(row: Row, progress: Progress) -> dict[str, object]:
    recipe = RECIPES[row.recipe]
    return {
        **{name: getattr(row, name) for name in SAME},
        "title": recipe.title,
        "section": recipe.section,
        "status": _status(progress),
        "progress": StudyProgress(
            runs=sum(progress.runs.values()),
            by_status=progress.runs,
            iteration=progress.iteration,
            iterations=progress.iterations,
            deleted=progress.deleted,
        ),
    }


def _status(progress: Progress) -> StudyStatus:
    alive = progress.runs.keys() - TERMINAL
    if not alive:
        return "ended"
    if Status.running in alive:
        return "running"
    return "queued" if Status.queued in alive else "paused"


def _finishes_in_s(session: Session, members: judging.Rows, lease_s: float) -> float | None:
    alive = [run.id for _, run in members if run is not None and run.status not in TERMINAL]
    return forecast.end(session, lease_s, alive) if alive else None


def _member(member: MemberRow, run: Run | None) -> StudyMember:
    return StudyMember(
        label=member.label,
        seed=member.seed,
        run=member.run_id,
        reused=member.reused,
        tests=member.tests,
        status=run and run.status,
        iteration=run and run.iteration,
        iterations=run and run.iterations,
        train_error=run and run.train_error,
        test_error=run and run.test_error,
    )
