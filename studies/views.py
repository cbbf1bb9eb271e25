"""A study as the API shows it: its row, its progress, and what the judges of the paper say of its runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from paper import published, recipes
from paper.recipes import RECIPES, RecipeOptions
from paper.studies import Judgement, judge
from store import studies
from store.db.models import Run
from store.db.models import Study as Row
from store.db.models import StudyMember as MemberRow
from store.runs import forecast
from store.runs.states import TERMINAL, Status
from store.studies import Progress
from studies import examining as examined
from studies import judging
from studies.examining import EXAMINING, Standing
from studies.models import Study, StudyExamination, StudyMember, StudyProgress, StudyStatus, StudySummary
from studies.stores import Stores

SAME = ("id", "name", "owner", "recipe", "seeds", "scale", "dataset", "budget", "looks", "settled_at", "created_at")

ELSEWHERE = "it saw other images than its runs were trained on, and counts for nothing here"


def summaries(session: Session, rows: Sequence[Row]) -> list[StudySummary]:
    progress = studies.progress(session, [row.id for row in rows])
    examining = [row for row in rows if row.recipe in EXAMINING]
    members = studies.members_of(session, [row.id for row in examining])
    standing = {row.id: examined.standings(session, row, members[row.id]) for row in examining}
    return [StudySummary(**_summary(row, progress[row.id], standing.get(row.id, []))) for row in rows]


def whole(stores: Stores, study_id: UUID) -> Study:
    with stores.database.transaction() as session:
        row = studies.get(session, study_id)
        members = studies.members(session, study_id)
        progress = studies.progress(session, [study_id])[study_id]
        finishes_in_s = _finishes_in_s(session, members, stores.settings.lease_s)
        trained = judging.trained(session, stores.outcomes, members)
        standing = examined.standings(session, row, members)
    trained, ensembles = examined.applied(stores, members, trained, standing)
    judgement = judge(judging.question(row), trained, ensembles)
    summary = _summary(row, progress, standing)
    shown = _shown(standing, examined.elsewhere(stores.objects, standing))
    more = {"finishes_in_s": finishes_in_s, "examinations": shown}
    return _told(row, members, judgement, summary | more)


def _told(row: Row, members: judging.Rows, judgement: Judgement, summary: dict[str, object]) -> Study:
    """Outside of the transaction: a judge takes his time."""
    recipe = RECIPES[row.recipe]
    options = RecipeOptions(seeds=row.seeds, scale=row.scale, dataset=row.dataset)
    return Study.model_validate(
        {
            **summary,
            "about": recipe.about,
            "kind": recipe.kind,
            "protocol": recipe.protocol,
            "members": [_member(member, run) for member, run in members],
            "tables": [published.table(number) for number in recipe.tables],
            "figures": [figure for figure in published.figures() if figure.number in recipe.figures],
            **{name: getattr(judgement, name) for name in ("cells", "statements", "networks", "claims", "depths")},
            "departures": recipes.departures(recipe, options),
        }
    )


def _summary(row: Row, progress: Progress, standing: Sequence[Standing]) -> dict[str, object]:
    recipe = RECIPES[row.recipe]
    return {
        **{name: getattr(row, name) for name in SAME},
        "title": recipe.title,
        "section": recipe.section,
        "status": _status(row, progress, standing),
        "progress": StudyProgress(
            runs=sum(progress.runs.values()),
            by_status=progress.runs,
            iteration=progress.iteration,
            iterations=progress.iterations,
            deleted=progress.deleted,
            examinations=len(standing),
            examinations_succeeded=sum(each.status == Status.succeeded for each in standing),
        ),
    }


def _status(row: Row, progress: Progress, standing: Sequence[Standing]) -> StudyStatus:
    """A study that examines has ended when its examinations have."""
    alive = progress.runs.keys() - TERMINAL
    alive = alive or {each.status for each in standing if each.status is not None} - TERMINAL
    if not alive and standing and row.examined_at is None:
        return "queued"
    if not alive:
        return "ended"
    if Status.running in alive:
        return "running"
    return "queued" if Status.queued in alive else "paused"


def _shown(standing: Sequence[Standing], elsewhere: set[UUID]) -> list[StudyExamination]:
    return [
        StudyExamination(
            id=each.examined and each.examined.row.id,
            kind=each.asked.kind,
            views=each.asked.views,
            runs=list(each.asked.runs),
            status=each.status,
            message=each.examined and (ELSEWHERE if each.examined.row.id in elsewhere else each.examined.row.message),
            error=each.examined and each.examined.evaluation and each.examined.evaluation.error,
            top5_error=each.examined and each.examined.evaluation and each.examined.evaluation.top5_error,
        )
        for each in standing
    ]


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
