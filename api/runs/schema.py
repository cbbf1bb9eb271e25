"""What travels over HTTP about runs, their files and their logs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

import trainer.plan
from api.datasets.schema import DatasetName
from api.http.schema import Page, Request, Response
from paper.findings import Finding
from paper.printed import MainError
from store.db.text import ShortText, Tag, Text
from store.logs import Level
from store.runs.queue import Priority
from store.runs.states import Queue, Status, StopRequest
from trainer.events import Format, Role
from trainer.spec import (
    CHANGEABLE,
    Iteration,
    LearningRate,
    LogInterval,
    Momentum,
    RunSpec,
    Schedule,
    Shortcut,
    WeightDecay,
)

# Counting 100,000 runs for every page would take longer than all the rest of it.
MOST_COUNTED = 10_000
Tags = Annotated[list[Tag], Field(max_length=20)]


class RunCreate(Request):
    """An experiment to run. Every field of `spec` that is left out has the paper's value."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"spec": {"depth": 20, "shortcut": "A", "dataset": "digits"}}]}
    )

    spec: RunSpec
    name: ShortText | None = Field(default=None, description="Default: what the paper would call it, as `ResNet-20 A`.")
    project: ShortText = "default"
    tags: Tags = Field(default_factory=list)
    notes: Text = ""
    priority: Priority = 0
    queue: Queue | None = Field(default=None, description="The kind of device it must have; null: whichever is free.")


class RunQuery(Request):
    """Which runs, in which order. A filter that may be repeated lets any of its values through."""

    id: list[UUID] = Field(default=[], max_length=200, description="Only of these; one that is no more is left out.")
    status: list[Status] = Field(default=[], max_length=10)
    depth: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(default=[], max_length=100)
    shortcut: list[Shortcut] = Field(default=[], max_length=10)
    dataset: list[DatasetName] = Field(default=[], max_length=100)
    tag: ShortText | None = Field(default=None, description="Runs that carry this tag.")
    owner: ShortText | None = None
    project: ShortText | None = None
    study: UUID | None = Field(default=None, description="Runs of this study.")
    text: ShortText | None = Field(default=None, description="In name, notes, tags, or the start of the id.")
    where: list[ShortText] = Field(
        default=[],
        max_length=10,
        description="COLUMN OPERATOR VALUE with nothing between, by any column that sorts but `schedule` and `warmup`; "
        "all must hold. Operators: = != < <= > >=; for texts and booleans = and !=. Times: a day, which is all its "
        "instants by UTC, or an instant. A run without a value in the column meets != and no other.",
        examples=[["best_test_error<7", "lr=0.1"]],
    )
    sort: ShortText = Field(default="-created_at", description="A column or field, with `-` in front for descending.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, min_length=1, max_length=2000, description="The page before this one's.")


class RunChange(Request):
    """What may be changed of a run; `priority` only while it is queued. What is left out, or null, stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tags": ["table 6"], "notes": "The second seed."}]})

    name: ShortText | None = None
    project: ShortText | None = None
    tags: Tags | None = None
    notes: Text | None = None
    priority: Priority | None = None


class ForkChanges(Request):
    """The fields that a fork may change: its parent's checkpoint doesn't depend on them. Omitted or null: unchanged."""

    iterations: Iteration | None = Field(default=None, description="Counted from the parent's start.")
    lr: LearningRate | None = None
    momentum: Momentum | None = None
    weight_decay: WeightDecay | None = None
    schedule: Schedule | None = None
    evaluate_every: Iteration | None = None
    checkpoint_every: Iteration | None = None
    log_every: LogInterval | None = None

    @model_validator(mode="before")
    @classmethod
    def _keeps_the_checkpoint_valid(cls, body: object) -> object:
        if isinstance(body, dict) and (others := [name for name in body if name not in CHANGEABLE]):
            raise PydanticCustomError(
                "fork",
                "A fork can't change {field}, as the parent's checkpoint depends on it. It can change {changeable}.",
                {"field": str(others[0])[:50], "changeable": ", ".join(CHANGEABLE)},
            )
        return body


class ForkCreate(Request):
    """A new run that goes on from a checkpoint of this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"spec": {"iterations": 96000, "lr": 0.01}}]})

    spec: ForkChanges = ForkChanges()
    iteration: Iteration | None = Field(
        default=None,
        description="Of the checkpoint to start from; null: the last that is kept.",
    )
    name: ShortText | None = Field(default=None, description="Default: the parent's, and from where.")


class Last(Response):
    """The newest evaluation of each split, percent."""

    val_error: float | None
    test_error: float | None


class Best(Response):
    """The least errors, percent. Weights are chosen on validation only, never on test."""

    val_error: float | None
    val_iteration: int | None
    test_error: float | None


class LearningRateDrop(Response):
    """The learning rate falls to `lr` after this iteration."""

    iteration: int
    lr: float


class Run(Response):
    id: UUID
    name: str
    project: str
    owner: str
    tags: list[str]
    notes: str
    priority: int
    queue: Queue | None
    spec: RunSpec
    spec_hash: str
    parameters: int
    multiply_adds: int = Field(description="For one image; a multiply and its add count once.")
    weighted_layers: int
    status: Status
    reason: str | None = Field(
        description="Why it failed: diverged, out_of_memory, data, invalid, internal, worker_lost."
    )
    message: str | None
    advice: str | None = Field(description="What to do about a failure.")
    stop_request: StopRequest | None = Field(description="What was asked of a running run and is not done yet.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    parent_id: UUID | None = Field(description="The run that this one retries or forks; it may have been deleted.")
    parent_iteration: int | None = Field(
        description="A fork's: of its parent's checkpoint that it starts from. Its own curve begins with the next one."
    )
    examines: UUID | None = Field(
        default=None,
        description="It trains nothing: it is an examination of this run's weights, and maybe of others beside.",
    )
    iteration: int = Field(description="The last completed one; 0 before the first.")
    iterations: int
    planned_drops: list[LearningRateDrop] = Field(description="The drops of a step schedule; a plateau plans none.")
    attempts: int
    images_per_s: float | None
    train_error: float | None = Field(description="Mean over the last 20 mini-batches, augmented images.")
    last: Last
    best: Best
    main_error: MainError = Field(
        description="The error that is drawn bold: validation, or test where no validation images were set aside."
    )
    eta_s: float | None = Field(description="Seconds to the last iteration at the speed of now.")
    queue_position: int | None = Field(
        description="1 for the run that the next free worker takes; null behind the first thousand, and in the answer"
        " to a POST, which is not to wait for what counting costs."
    )
    waits_for: str | None = Field(description="A sentence, while nothing is being trained yet.")
    starts_in_s: float | None = Field(
        description="Seconds until a queued run may start, by the speeds measured here; null where unknown, in lists "
        "and in the answer to a POST."
    )
    departures: list[Finding] = Field(description="Where the spec departs from the paper's protocol.")


class RunPage(Page[Run]):
    total: int = Field(
        le=MOST_COUNTED,
        description=f"All that the filters let through, on every page; {MOST_COUNTED} where there are more.",
    )


class RunPlan(trainer.plan.NetworkPlan):
    """What a spec asks for, without running it."""

    spec: RunSpec = Field(description="Every field filled in.")
    spec_hash: str
    predicted_s: float | None = Field(description="Seconds of training, from what this service measured.")
    predicted_from: str = Field(description="What the prediction rests on, or why there is none.")
    planned_drops: list[LearningRateDrop] = Field(description="The drops of a step schedule; a plateau plans none.")
    findings: list[Finding]


class Artifact(Response):
    """A file in the object store, verified before it was listed."""

    role: Role
    format: Format
    iteration: int
    attempt: int | None = Field(description="null: copied from the run that this one forks.")
    sha256: str
    size_bytes: int
    created_at: datetime
    missing_at: datetime | None = Field(description="When its object was found to be gone; null while it is there.")


class Artifacts(Response):
    items: list[Artifact]


class Size(Response):
    """What a run occupies, in bytes: rows as the database keeps them, without indexes, and files."""

    curves_bytes: int
    log_bytes: int
    history_bytes: int = Field(description="The run itself, its attempts and its events.")
    files: int
    files_bytes: int
    total_bytes: int = Field(description="What deleting the run gives back.")


class LogLine(Response):
    """`number` counts from 1 over all attempts; `at` is within about a second."""

    number: int
    at: datetime
    attempt: int
    level: Level
    text: str


class LeftOut(Response):
    """Behind line `after`, so many lines are no longer kept: the log grew past its bound."""

    after: int
    lines: int
    size_bytes: int


class Log(Response):
    """Some lines of a log, oldest first."""

    lines: list[LogLine]
    last: int = Field(description="The number of the log's newest line.")
    first_error: int | None = Field(description="The number of the first line of level error.")
    left_out: LeftOut | None
