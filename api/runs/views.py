"""Builds the API's runs from rows: what a run waits for, how long it will take, where it departs from the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from api.runs import advice, schema, waiting
from paper import lint
from paper.findings import Finding
from paper.presets import main_error
from store import history
from store.db.models import Run
from store.examinations import ExaminationSpec
from store.imports.mark import is_unknown
from store.runs import forecast, queue
from store.runs.states import Status
from trainer.schedule import planned_drops
from trainer.tasks import Spec


def run(session: Session, row: Run, lease_s: float, *, forecasts: bool = False) -> schema.Run:
    """`forecasts` estimates when a queued run starts, which reads the whole queue."""
    starts_s = forecast.starts(session, lease_s) if forecasts and row.status == Status.queued else {}
    return runs(session, [row], lease_s)[0].model_copy(update={"starts_in_s": starts_s.get(row.id)})


@dataclass(frozen=True)
class Situation:
    """What changes of a run while its row doesn't: the queue, the workers and the clock decide it. Fields of
    `schema.Run`."""

    eta_s: float | None = None
    is_silent: bool = False
    queue_position: int | None = None
    waits_for: str | None = None


def accepted(session: Session, row: Run, lease_s: float) -> schema.Run:
    """A run just created, without its queue position: counting it would cost more than accepting the run."""
    reasons = waiting.reasons(session, [row] if row.status == Status.queued else [], {}, lease_s)
    return in_situation(row, Situation(waits_for=reasons.get(row.id)))


def runs(session: Session, rows: Sequence[Run], lease_s: float) -> list[schema.Run]:
    now = situations(session, rows, lease_s)
    return [in_situation(row, now[row.id]) for row in rows]


def situations(session: Session, rows: Sequence[Run], lease_s: float) -> dict[UUID, Situation]:
    """Reads the queue and the workers only if one of the runs is waiting."""
    queued = [row for row in rows if row.status == Status.queued]
    positions = queue.positions(session, queued) if queued else {}
    reasons = waiting.reasons(session, queued, positions, lease_s)
    begun = history.started_runs(session, [row for row in rows if waiting.is_starting(row)])
    silences_s = waiting.silences(session, rows, lease_s)
    for row in rows:
        if row.id not in reasons:
            silence_s = silences_s.get(row.id)
            reason = waiting.reason_of_owned(row, is_begun=row.id in begun, silence_s=silence_s)
            reasons |= {row.id: reason} if reason else {}
    return {
        row.id: Situation(
            eta_s=None if row.id in silences_s else _eta_s(row),
            is_silent=row.id in silences_s,
            queue_position=position.number if (position := positions.get(row.id)) else None,
            waits_for=reasons.get(row.id),
        )
        for row in rows
    }


def in_situation(row: Run, situation: Situation) -> schema.Run:
    record = schema.RunRecord.model_validate(row)
    best = schema.Best(
        val_error=row.best_val_error,
        val_iteration=row.best_val_iteration,
        test_error=row.best_test_error,
        val_map=row.best_val_map,
        test_map=row.best_test_map,
        evaluations=record.origin.evaluations if record.origin else _evaluations(row, record.spec),
    )
    return schema.Run(
        **dict(record),
        examines=examined_run(row),
        planned_drops=[] if is_unknown(row, "schedule", "lr") else drops(record.spec),
        attempts=row.fence,
        last=schema.Last(
            val_error=row.val_error, test_error=row.test_error, val_map=row.val_map, test_map=row.test_map
        ),
        best=best,
        main_error=main_error(has_validation=row.val_error is not None or row.val_map is not None),
        eta_s=situation.eta_s,
        is_silent=situation.is_silent,
        queue_position=situation.queue_position,
        waits_for=situation.waits_for,
        starts_in_s=None,
        advice=advice.of(row.reason),
        departures=_departures(
            record.spec, frozenset(record.origin.unknown if record.origin else ()), row.parent_iteration
        ),
    )


@lru_cache(maxsize=4096)
def _departures(spec: Spec, unknown: frozenset[str], forked_at: int | None) -> list[Finding]:
    """Cached: this was a third of a page's time (measured), and many pages show the same specs."""
    return lint.departures(spec, unknown, forked_at)


def _evaluations(row: Run, spec: Spec) -> int:
    """One at each multiple of `evaluate_every`, a fork's after its parent's checkpoint, and one at the end."""
    if row.test_error is None and row.test_map is None:
        return 0
    every, start = spec.evaluate_every, row.parent_iteration or 0
    at_the_end = row.iteration == spec.iterations and row.iteration % every > 0
    return max(1, row.iteration // every - start // every + at_the_end)


def drops(spec: Spec) -> list[schema.LearningRateDrop]:
    return [schema.LearningRateDrop(iteration=drop.iteration, lr=drop.lr) for drop in planned_drops(spec)]


def examined_run(row: Run) -> UUID | None:
    """The run whose weights an examination examines, or the first run of an ensemble; None for a training run."""
    return ExaminationSpec.model_validate(row.examination).runs[0] if row.examination else None


def _eta_s(row: Run) -> float | None:
    if row.status != Status.running or not row.images_per_s:
        return None
    return (row.iterations - row.iteration) * int(row.spec["batch_size"]) / row.images_per_s
