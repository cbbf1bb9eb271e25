"""Rows as the judges in `paper` are given them: a study's members, a run by itself."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

from sqlalchemy.orm import Session

from paper.planner import LOOKS
from paper.results import BestError, ErrorCurve, LastError, RunResult
from paper.studies import Question, Trained
from paper.studies.member import OWN_PROTOCOL, Ran
from store.models import Run, Study, StudyMember
from store.outcomes import Means, Outcome, Outcomes
from store.states import TERMINAL, Status
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


def trained(session: Session, outcomes: Outcomes, rows: Rows) -> list[Trained]:
    """Every member whose run is there, in order."""
    return each_trained(session, outcomes, {None: rows})[None]


def each_trained(session: Session, outcomes: Outcomes, rows: Mapping[Of, Rows]) -> dict[Of, list[Trained]]:
    """The same of several studies, read at once."""
    found = outcomes.read(session, {run.id: run for own in rows.values() for _, run in own if run is not None}.values())
    return {
        of: [member(row.label, run, found[run.id], tuple(row.tests)) for row, run in own if run is not None]
        for of, own in rows.items()
    }


def member(label: str, run: Run, outcome: Outcome, tests: tuple[str, ...] = ()) -> Trained:
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


def _result(run: Run, spec: RunSpec, outcome: Outcome) -> RunResult:
    """`last` and `best` are empty until the run has ended well."""
    protocol, is_done = OWN_PROTOCOL[spec.family], run.status == Status.succeeded
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
