"""The columns by which a list of runs can be sorted and, if their values can be compared, filtered."""

from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import BigInteger, Boolean, ColumnElement, Double, Text, case, cast, null
from sqlalchemy.orm import InstrumentedAttribute

from store.db.models import Run
from store.runs.states import Status
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec
from trainer.tasks import TASKS


@dataclass(frozen=True)
class Column:
    """`choices` are all values of a text column with a closed choice; empty for other columns."""

    value: Any  # a column of Run or an expression on its spec: SQLAlchemy has no common type for the two
    nullable: bool
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> type[object]:
        """int, float, bool, str or datetime."""
        kind: type[object] = self.value.type.python_type
        return kind


_OF_A_RUN: tuple[InstrumentedAttribute[Any], ...] = (
    Run.created_at, Run.started_at, Run.finished_at, Run.name, Run.project, Run.owner, Run.status, Run.dataset,
    Run.depth, Run.shortcut, Run.priority, Run.iteration, Run.iterations, Run.parameters, Run.multiply_adds,
    Run.images_per_s, Run.train_error, Run.val_error, Run.best_val_error, Run.test_error, Run.best_test_error,
    Run.val_map, Run.best_val_map, Run.test_map, Run.best_test_map,
)  # fmt: skip
# The rest of a spec. These have no index: Postgres reads every row that passes the other filters.
_OF_ITS_SPEC = {
    BigInteger: (
        "seed",
        "batch_size",
        "train_images",
        "evaluate_every",
        "checkpoint_every",
        "log_every",
        "devices",
        "side",
    ),
    Double: ("lr", "momentum", "weight_decay"),
    Boolean: ("nesterov", "decay_batch_norm", "stride_in_1x1", "recompute_activations", "deterministic"),
    Text: (
        "family",
        "init",
        "augment",
        "precision",
        "network",
        "batch_norm",
        "ap",
        "schedule",
        "warmup",
    ),  # the last two are objects, as JSON
}


def _choices(name: str) -> tuple[str, ...]:
    if name == "status":
        return tuple(Status)
    fields = (spec.model_fields.get(name) for spec in (RunSpec, DetectionSpec))
    literals = (literal for field in fields if field for literal in get_args(field.annotation))
    return tuple(dict.fromkeys(text for text in literals if isinstance(text, str)))


def _declared(name: str) -> ColumnElement[str]:
    """The field as text; null where nobody declared it (`store.imports`)."""
    not_said = Run.origin["unknown"].contains([name])
    return case((not_said, null()), else_=Run.spec[name].astext)


COLUMNS = {
    column.key: Column(column, bool(column.nullable), _choices(column.key)) for column in _OF_A_RUN
} | {
    name: Column(cast(_declared(name), kind), nullable=True, choices=_choices(name))
    for kind, names in _OF_ITS_SPEC.items()
    for name in names
} | {"task": Column(Run.task, nullable=False, choices=TASKS)}  # fmt: skip
# Sorting puts equal schedules and warm-ups together. Comparing them would compare how their JSON is written.
COMPARED = {name: column for name, column in COLUMNS.items() if name not in ("schedule", "warmup")}
