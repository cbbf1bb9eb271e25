"""The last value of each series, exact whatever the window and the buckets show.

A mini-batch's own error is noise, so the last training error is the mean over the last `RECENT` points, the number that
the run's row, its study and its chart all show. An evaluation's last value is the last evaluation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from store.curves.series import EVALUATION_SERIES, Series
from store.curves.write import RECENT
from store.db.database import binary_rows
from store.db.models import Run


@dataclass(frozen=True)
class Last:
    """A series' last value, the mean of its last `points` points; for a group, the mean over its `runs`."""

    iteration: int
    value: float
    points: int = 1
    runs: int = 1


Ends = dict[tuple[UUID, Series], Last]


def read(session: Session, runs: Sequence[Run], series: Sequence[Series]) -> Ends:
    """Returns the last values of training errors and evaluations; other series have none."""
    ends: Ends = {}
    if "train_error" in series:
        ends |= {(run.id, "train_error"): last for run in runs if (last := _training(run))}
    if splits := {name.split("_", 1)[0] for name in series if name in EVALUATION_SERIES}:
        ends |= _evaluations(session, [run.id for run in runs], sorted(splits), series)
    return ends


def of_group(ends: Ends, members: Sequence[UUID], series: Series) -> Last | None:
    """Returns the mean of the members' last values, at the last member's iteration."""
    own = [ends[run, series] for run in members if (run, series) in ends]
    if not own:
        return None
    mean = sum(last.value for last in own) / len(own)
    return Last(max(last.iteration for last in own), mean, min(last.points for last in own), len(own))


def _training(run: Run) -> Last | None:
    if run.train_error is None:
        return None
    points = (run.iteration - (run.parent_iteration or 0)) // run.spec["log_every"]
    return Last(run.iteration, run.train_error, max(1, min(points, RECENT)))


_MEASURED = ("error", "loss", "top5_error", "map", "map_50", "map_50_95")


def _evaluations(session: Session, runs: list[UUID], splits: list[str], series: Sequence[Series]) -> Ends:
    rows = binary_rows(
        session,
        "SELECT DISTINCT ON (run_id, split) run_id, split, iteration, error, loss, top5_error, map, map_50, map_50_95"
        " FROM evaluations"
        " WHERE run_id = ANY(%(runs)s) AND split = ANY(%(splits)s) ORDER BY run_id, split, iteration DESC",
        {"runs": runs, "splits": splits},
    )
    ends: dict[Any, Last] = {}
    for run, split, iteration, *measured in rows:
        for kind, value in zip(_MEASURED, measured, strict=True):
            if value is not None:
                ends[run, f"{split}_{kind}"] = Last(iteration, value)
    return {key: last for key, last in ends.items() if key[1] in series}
