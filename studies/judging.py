"""Rows as the judges in `paper` are given them: a study's members, a run by itself."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from paper.planner import LOOKS
from paper.protocols import PROTOCOLS, TRAINING_PROTOCOLS
from paper.results import BestError, ErrorCurve, LastError, RunResult
from paper.studies import Ensemble, Question, Trained
from paper.studies.member import Ran
from store.curves.outcomes import Means, RunOutcome, RunOutcomes
from store.db.models import Run, Study, StudyMember
from store.runs.states import TERMINAL, Status
from trainer.examination import Views
from trainer.spec import RunSpec

Of = TypeVar("Of")
Rows = Sequence[tuple[StudyMember, Run | None]]


def question(study: Study) -> Question:
    """Who may add seeds after a look shares the level of a verdict among the looks."""
    is_adaptive = study.budget is not None or study.looks > 0
    return Question(
        recipe=study.recipe,
        seeds=study.seeds,
        scale=study.scale,
        dataset=study.dataset,
        budget=study.budget,
        looks=max(LOOKS, study.looks + 1) if is_adaptive else 1,
    )


def trained(session: Session, outcomes: RunOutcomes, rows: Rows) -> list[Trained]:
    """Every member whose run is there, in order."""
    return each_trained(session, outcomes, {None: rows})[None]


def each_trained(session: Session, outcomes: RunOutcomes, rows: Mapping[Of, Rows]) -> dict[Of, list[Trained]]:
    """The same of several studies, read at once."""
    found = outcomes.read(session, {run.id: run for own in rows.values() for _, run in own if run is not None}.values())
    return {
        of: [member(row.label, run, found[run.id], tuple(row.tests)) for row, run in own if run is not None]
        for of, own in rows.items()
    }


class Found(BaseModel):
    """What an examination found: an evaluation's errors, percent, or the responses of the layers in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    runs: tuple[UUID, ...]
    views: Views | None
    images: int | None
    error: float | None
    top5_error: float | None
    responses: tuple[float, ...] | None


def examined(
    runs: Sequence[UUID], members: Sequence[Trained], found: Sequence[Found]
) -> tuple[list[Trained], list[Ensemble]]:
    """The members, whose runs these are in order, with what was found of each; and what of several together."""
    of_one: dict[UUID, list[Found]] = {}
    for each in found:
        if len(each.runs) == 1:
            of_one.setdefault(each.runs[0], []).append(each)
    labels = {run: one.label for run, one in zip(runs, members, strict=True)}
    together = [
        Ensemble(labels=tuple(labels[run] for run in each.runs), error=each.error, top5_error=each.top5_error)
        for each in found
        if len(each.runs) > 1 and each.error is not None
    ]
    return [_with(one, of_one.get(run, [])) for run, one in zip(runs, members, strict=True)], together


def _with(one: Trained, found: Sequence[Found]) -> Trained:
    result = one.result
    for each in found:
        protocol = PROTOCOLS.get(each.views)
        changes: dict[str, object] = {}
        if each.responses is not None:
            changes["responses"] = each.responses
        if protocol and each.error is not None:
            changes["last"] = result.last | {protocol: LastError(each.error)}
        if protocol and each.top5_error is not None:
            changes["last_top5"] = result.last_top5 | {protocol: LastError(each.top5_error)}
        result = result.model_copy(update=changes)
    return one.model_copy(update={"result": result})


def member(label: str, run: Run, outcome: RunOutcome, tests: tuple[str, ...] = ()) -> Trained:
    spec = RunSpec.model_validate(run.spec)
    return Trained(
        label=label,
        seed=spec.seed,
        tests=tests,
        ended=_ended(run),
        result=_result(run, spec, outcome),
        iteration=run.iteration,
        parameters=run.parameters,
        multiply_adds=run.multiply_adds,
        weighted_layers=run.weighted_layers,
        tested_images=outcome.tested_images,
        ran=tuple(
            Ran(**{name: said[name] for name in ("device", "versions", "data_hash")}) for said in outcome.trainers
        ),
        warmed_up_at=outcome.warmed_up_at,
        forked_at=run.parent_iteration,
    )


def _ended(run: Run) -> Literal["well", "badly", "not yet"]:
    if run.status == Status.succeeded:
        return "well"
    return "badly" if run.status in TERMINAL else "not yet"


def _result(run: Run, spec: RunSpec, outcome: RunOutcome) -> RunResult:
    """`last` and `best` are empty until the run has ended well."""
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
