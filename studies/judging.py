"""Turns rows into what `paper` judges: a study's members, or a single run."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from paper.lint import Conditions
from paper.planner import LOOKS
from paper.protocols import PROTOCOLS, TRAINING_PROTOCOLS
from paper.results import BestError, ErrorCurve, LastError, RunResult
from paper.studies import DeletedMember, Ensemble, MemberResult, StudyQuestion
from store.curves.outcomes import Means, RunOutcome, RunOutcomes
from store.db.models import Run, Study, StudyMember
from store.runs.states import Status
from trainer.detection.testing.method import Method
from trainer.examination import Views
from trainer.spec import RunSpec

StudyKey = TypeVar("StudyKey")
MemberRows = Sequence[tuple[StudyMember, Run | None]]


def question(study: Study) -> StudyQuestion:
    """If seeds may be added after a look, the level of the verdicts is divided among the looks."""
    is_adaptive = study.budget is not None or study.looks > 0
    return StudyQuestion(
        recipe=study.recipe,
        seeds=study.seeds,
        scale=study.scale,
        dataset=study.dataset,
        budget=study.budget,
        looks=max(LOOKS, study.looks + 1) if is_adaptive else 1,
    )


def member_results(session: Session, outcomes: RunOutcomes, rows: MemberRows) -> list[MemberResult]:
    """Every member whose run still exists, in order."""
    return member_results_by_study(session, outcomes, {None: rows})[None]


def member_results_by_study(
    session: Session, outcomes: RunOutcomes, rows: Mapping[StudyKey, MemberRows]
) -> dict[StudyKey, list[MemberResult]]:
    """The same for several studies, read at once."""
    runs = {run.id: run for own in rows.values() for _, run in own if run is not None}
    read = outcomes.read(session, runs.values())
    return {
        key: [member_result(row.label, run, read[run.id], tuple(row.tests)) for row, run in own if run is not None]
        for key, own in rows.items()
    }


def deleted_members(rows: MemberRows) -> list[DeletedMember]:
    """Every member whose run was deleted, in order."""
    return [DeletedMember(label=row.label, seed=row.seed) for row, run in rows if run is None]


class ExaminationResult(BaseModel):
    """The result of an examination: errors or mAP, percent, or the responses in layer order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    runs: tuple[UUID, ...]
    views: Views | None
    images: int | None
    error: float | None
    top5_error: float | None
    responses: tuple[float, ...] | None
    # Of a detector's test. Left out elsewhere, so that certificates of classifiers stay as they are.
    refine: bool | None = Field(default=None, exclude_if=lambda value: value is None)
    vote: bool | None = Field(default=None, exclude_if=lambda value: value is None)
    sides: tuple[int, ...] | None = Field(default=None, exclude_if=lambda value: value is None)
    map: float | None = Field(default=None, exclude_if=lambda value: value is None)
    map_50: float | None = Field(default=None, exclude_if=lambda value: value is None)
    map_50_95: float | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def method(self) -> Method:
        """How a detector was tested."""
        return Method(self.refine or False, self.vote or False, self.sides or ())


def with_examinations(
    runs: Sequence[UUID], members: Sequence[MemberResult], results: Sequence[ExaminationResult]
) -> tuple[list[MemberResult], list[Ensemble]]:
    """The members with the results on each, and the results on several together. `runs` are the members' run ids."""
    by_run: dict[UUID, list[ExaminationResult]] = {}
    for examination in results:
        if len(examination.runs) == 1:
            by_run.setdefault(examination.runs[0], []).append(examination)
    labels = {run: member.label for run, member in zip(runs, members, strict=True)}
    ensembles = [
        Ensemble(
            labels=tuple(labels[run] for run in examination.runs),
            error=examination.error,
            top5_error=examination.top5_error,
        )
        for examination in results
        if len(examination.runs) > 1 and examination.error is not None
    ]
    return [_with(member, by_run.get(run, [])) for run, member in zip(runs, members, strict=True)], ensembles


def _with(member: MemberResult, results: Sequence[ExaminationResult]) -> MemberResult:
    result = member.result
    for examination in results:
        protocol = PROTOCOLS.get(examination.views)
        changes: dict[str, object] = {}
        if examination.responses is not None:
            changes["responses"] = examination.responses
        if protocol and examination.error is not None:
            changes["last"] = result.last | {protocol: LastError(examination.error)}
        if protocol and examination.top5_error is not None:
            changes["last_top5"] = result.last_top5 | {protocol: LastError(examination.top5_error)}
        result = result.model_copy(update=changes)
    return member.model_copy(update={"result": result})


def member_result(label: str, run: Run, outcome: RunOutcome, tests: tuple[str, ...] = ()) -> MemberResult:
    """A row and its curves, as a judgement needs them."""
    spec = RunSpec.model_validate(run.spec)
    return MemberResult(
        label=label,
        seed=spec.seed,
        tests=tests,
        state=_state(run),
        reason=run.reason if run.status == Status.failed else None,
        result=_result(run, spec, outcome),
        iteration=run.iteration,
        parameters=run.parameters,
        multiply_adds=run.multiply_adds,
        weighted_layers=run.weighted_layers,
        tested_images=outcome.tested_images,
        conditions=tuple(training_conditions(outcome.trainers)),
        warmed_up_at=outcome.warmed_up_at,
        forked_at=run.parent_iteration,
    )


def training_conditions(trainers: Sequence[Mapping[str, Any]]) -> list[Conditions]:  # Any: `started` events
    """What each attempt trained on."""
    return [
        Conditions(started["device"], started["versions"], started["data_hash"], started.get("source"))
        for started in trainers
    ]


def _state(run: Run) -> Literal["succeeded", "failed", "cancelled", "unfinished"]:
    match run.status:
        case Status.succeeded:
            return "succeeded"
        case Status.failed:
            return "failed"
        case Status.cancelled:
            return "cancelled"
        case _:
            return "unfinished"


def _result(run: Run, spec: RunSpec, outcome: RunOutcome) -> RunResult:
    """`last` and `best` are empty until the run has succeeded."""
    protocol, is_done = TRAINING_PROTOCOLS[spec.family], run.status == Status.succeeded
    return RunResult(
        spec=spec,
        last={protocol: LastError(run.test_error)} if is_done and run.test_error is not None else {},
        best={protocol: BestError(outcome.best_test_error)} if is_done and outcome.best_test_error is not None else {},
        train_error=outcome.train_error if is_done else None,
        train_errors=_curve(outcome.train_errors),
        test_errors=_curve(outcome.test_errors),
    )


def _curve(means: Means | None) -> ErrorCurve | None:
    return None if means is None else ErrorCurve(every=means.every, start=means.start, means=means.values)
