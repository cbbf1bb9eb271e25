"""A study as the API shows it: its row, its progress, and the judgement of its runs."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from paper import published
from paper.detection.judgement import judge as judge_detectors
from paper.detection.recipes import DetectionRecipe
from paper.studies import StudyQuestion, judge
from store import studies
from store.db.models import Run
from store.db.models import Study as Row
from store.db.models import StudyMember as MemberRow
from store.db.models import StudyRegistration as RegistrationRow
from store.runs import conditions, forecast
from store.runs.states import TERMINAL, Status
from store.studies import Progress
from studies import detection, judging
from studies.examinations import (
    EXAMINING,
    NeededExamination,
    examination_results,
    needed_examinations,
    on_other_data,
    with_examinations,
)
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
from studies.provenance import provenance
from studies.registration import RegisteredRun, contents, outcome
from studies.stores import Stores

Sources = Mapping[UUID, frozenset[str | None]]
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
        is_of_detectors = row.recipe in detection.RECIPES
        tests = detection.last_tests(session, rows) if is_of_detectors else {}
        trained = [] if is_of_detectors else judging.member_results(session, stores.outcomes, rows)
        progress = studies.progress(session, [study_id])[study_id]
        finishes_in_s = _finishes_in_s(session, rows, stores.settings.lease_s)
        needed = needed_examinations(session, row, rows)
        registered = studies.registration(session, study_id)
        sources = _sources(session, rows) if registered else {}
    # Judged outside the transaction, because judging is slow.
    question, deleted = judging.question(row), judging.deleted_members(rows)
    recipe = recipe_named(row.recipe)
    if isinstance(recipe, DetectionRecipe):
        tested = detection.members(recipe, rows, tests, examination_results(stores.objects, needed))
        judgement = judge_detectors(question, tested, deleted)
    else:
        judgement = judge(question, *with_examinations(stores, rows, trained, needed), deleted)
    return Study(
        **dict(_summary(row, progress, needed)),
        about=recipe.about,
        kind=recipe.kind,
        protocol=None if isinstance(recipe, DetectionRecipe) else recipe.protocol,
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
        registration=_registration(registered, question, rows, sources) if registered else None,
        provenance=provenance(question, [member for member, _ in rows]),
    )


def _sources(session: Session, rows: judging.MemberRows) -> Sources:
    """The trainer's source in each attempt at each run."""
    trainers = conditions.trainers(session, [run.id for _, run in rows if run is not None])
    return {run_id: frozenset(started.get("source") for started in own) for run_id, own in trainers.items()}


def _registration(
    row: RegistrationRow, question: StudyQuestion, members: judging.MemberRows, sources: Sources
) -> StudyRegistration:
    signed = contents.signed(row.content, row.signature)
    registration = signed.registration
    runs = [_registered_run(member, run, sources) for member, run in members]
    return StudyRegistration(
        **dict(outcome(registration, question, runs)),
        registered_at=registration.registered_at,
        question=registration.question,
        stopping_rule=registration.stopping_rule,
        exclusion_rule=registration.exclusion_rule,
        sha256=signed.sha256,
        fingerprint=fingerprint(registration.public_key),
    )


def _registered_run(member: MemberRow, run: Run | None, sources: Sources) -> RegisteredRun:
    if run is None:
        return RegisteredRun(label=member.label, seed=member.seed)
    return RegisteredRun(
        label=member.label,
        seed=member.seed,
        spec_hash=run.spec_hash,
        status=Status(run.status),
        reason=run.reason,
        sources=sources.get(run.id, frozenset()),
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
        refine=spec.refine,
        sides=list(spec.sides or []),
        map=evaluation and evaluation.map,
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
