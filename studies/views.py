"""A study as the API shows it: its row, its progress, and the judgement of its runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from paper import published
from paper.detection import judgement as detectors
from paper.recipes import RECIPES
from paper.studies import MemberResult, StudyQuestion, judge
from store import studies
from store.db.models import Run
from store.db.models import Study as Row
from store.db.models import StudyMember as MemberRow
from store.db.models import StudyRegistration as RegistrationRow
from store.runs import forecast
from store.runs.states import TERMINAL, Status
from store.studies import Progress
from studies import detection, judging
from studies.examinations import EXAMINING, NeededExamination, needed_examinations, on_other_data, with_examinations
from studies.fingerprints import fingerprint
from studies.models import (
    Study,
    StudyExamination,
    StudyMember,
    StudyProgress,
    StudyRegistration,
    StudyStatus,
    StudySummary,
)
from studies.plans import recipe_named
from studies.registration import RegisteredRun, contents, outcome
from studies.stores import Stores

OTHER_DATA = "This used images other than those its runs were trained on, so the result is not counted here."


def summaries(session: Session, rows: Sequence[Row]) -> list[StudySummary]:
    progress = studies.progress(session, [row.id for row in rows])
    examining = [row for row in rows if row.recipe in EXAMINING]
    members = studies.members_of(session, [row.id for row in examining])
    needed = {row.id: needed_examinations(session, row, members[row.id]) for row in examining}
    return [_summary(row, progress[row.id], needed.get(row.id, [])) for row in rows]


def study(stores: Stores, study_id: UUID) -> Study:
    with stores.database.transaction() as session:
        row = studies.get(session, study_id)
        rows = studies.members(session, study_id)
        if row.recipe in detection.RECIPES:
            return _of_detectors(session, row, rows, stores.settings.lease_s)
        progress = studies.progress(session, [study_id])[study_id]
        finishes_in_s = _finishes_in_s(session, rows, stores.settings.lease_s)
        trained = judging.member_results(session, stores.outcomes, rows)
        needed = needed_examinations(session, row, rows)
        registered = studies.registration(session, study_id)
    # Judged outside the transaction, because judging is slow.
    members, ensembles = with_examinations(stores, rows, trained, needed)
    judgement = judge(judging.question(row), members, ensembles, judging.deleted_members(rows))
    recipe = RECIPES[row.recipe]
    return Study(
        **dict(_summary(row, progress, needed)),
        about=recipe.about,
        kind=recipe.kind,
        protocol=recipe.protocol,
        finishes_in_s=finishes_in_s,
        members=[_member(member, run) for member, run in rows],
        tables=[published.table(number) for number in recipe.tables],
        figures=[figure for figure in published.figures() if figure.number in recipe.figures],
        examinations=_examinations(needed, on_other_data(stores.objects, needed)),
        cells=list(judgement.cells),
        statements=list(judgement.statements),
        networks=list(judgement.networks),
        claims=list(judgement.claims),
        depths=list(judgement.depths),
        departures=list(judgement.setting.departures),
        deleted_networks=list(judgement.deleted_networks),
        claim_attrition=list(judgement.claim_attrition),
        registration=_registration(registered, judging.question(row), rows, trained) if registered else None,
    )


def _of_detectors(session: Session, row: Row, rows: judging.MemberRows, lease_s: float) -> Study:
    """The study of Table 7 or 8. What is only of errors is empty: networks, degradation, statements."""
    recipe = detection.RECIPES[row.recipe]
    trained = detection.members(session, recipe, rows)
    return Study(
        **dict(_summary(row, studies.progress(session, [row.id])[row.id], [])),
        about=recipe.about,
        kind=recipe.kind,
        protocol=None,
        finishes_in_s=_finishes_in_s(session, rows, lease_s),
        members=[_member(member, run) for member, run in rows],
        tables=[published.table(recipe.table)],
        figures=[],
        examinations=[],
        cells=list(detectors.cells(recipe, trained)),
        statements=[],
        networks=[],
        claims=detectors.claims(recipe, trained),
        depths=[],
        departures=detectors.findings(trained),
        deleted_networks=[],
        claim_attrition=[],
        registration=None,
    )


def _registration(
    row: RegistrationRow, question: StudyQuestion, members: judging.MemberRows, trained: Sequence[MemberResult]
) -> StudyRegistration:
    signed = contents.signed(row.content, row.signature)
    registration = signed.registration
    results = {(result.label, result.seed): result for result in trained}
    runs = [_registered_run(member, run, results.get((member.label, member.seed))) for member, run in members]
    return StudyRegistration(
        **dict(outcome(registration, question, runs)),
        registered_at=registration.registered_at,
        question=registration.question,
        stopping_rule=registration.stopping_rule,
        exclusion_rule=registration.exclusion_rule,
        sha256=signed.sha256,
        fingerprint=fingerprint(registration.public_key),
    )


def _registered_run(member: MemberRow, run: Run | None, result: MemberResult | None) -> RegisteredRun:
    if run is None or result is None:
        return RegisteredRun(label=member.label, seed=member.seed)
    return RegisteredRun(
        label=member.label,
        seed=member.seed,
        spec_hash=run.spec_hash,
        status=Status(run.status),
        reason=run.reason,
        sources=frozenset(condition.source for condition in result.conditions),
    )


def _summary(row: Row, progress: Progress, needed: Sequence[NeededExamination]) -> StudySummary:
    recipe = recipe_named(row.recipe)
    return StudySummary(
        id=row.id,
        name=row.name,
        project=row.project,
        owner=row.owner,
        recipe=row.recipe,
        title=recipe.title,
        section=recipe.section,
        seeds=row.seeds,
        scale=row.scale,
        dataset=row.dataset,
        budget=row.budget,
        looks=row.looks,
        settled_at=row.settled_at,
        created_at=row.created_at,
        status=_status(row, progress, needed),
        progress=StudyProgress(
            runs=sum(progress.runs.values()),
            by_status=progress.runs,
            iteration=progress.iteration,
            iterations=progress.iterations,
            deleted=progress.deleted,
            examinations=len(needed),
            examinations_succeeded=sum(examination.status == Status.succeeded for examination in needed),
        ),
    )


def _status(row: Row, progress: Progress, needed: Sequence[NeededExamination]) -> StudyStatus:
    """A study that examines its members has ended when the examinations have."""
    alive = progress.runs.keys() - TERMINAL
    alive = alive or {examination.status for examination in needed if examination.status is not None} - TERMINAL
    if not alive and needed and row.examined_at is None:
        return "queued"
    if not alive:
        return "ended"
    if Status.running in alive:
        return "running"
    return "queued" if Status.queued in alive else "paused"


def _examinations(needed: Sequence[NeededExamination], other_data: set[UUID]) -> list[StudyExamination]:
    return [_examination(examination, other_data) for examination in needed]


def _examination(examination: NeededExamination, other_data: set[UUID]) -> StudyExamination:
    spec, record = examination.spec, examination.record
    row, evaluation = record and record.row, record and record.evaluation
    return StudyExamination(
        id=row and row.id,
        kind=spec.kind,
        views=spec.views,
        runs=list(spec.runs),
        status=examination.status,
        message=row and (OTHER_DATA if row.id in other_data else row.message),
        error=evaluation and evaluation.error,
        top5_error=evaluation and evaluation.top5_error,
    )


def _finishes_in_s(session: Session, members: judging.MemberRows, lease_s: float) -> float | None:
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
        test_map=run and run.test_map,
    )
