"""The requests and responses about runs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

import trainer.detection.plan
import trainer.plan
from api.datasets.schema import DatasetName
from api.http.schema import Page, Request, Response
from paper.findings import Finding
from paper.printed import MainError
from store.db.text import ShortText, Tag, Text
from store.imports.declaration import Origin
from store.runs.queue import Priority
from store.runs.states import Queue, Status, StopRequest
from trainer.detection.spec import DetectionSpec
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
from trainer.tasks import AnySpec, Task

# Counting 100,000 runs would take longer than the rest of the page.
MOST_COUNTED = 10_000
Tags = Annotated[list[Tag], Field(max_length=20)]


class RunCreate(Request):
    """An experiment to run. Every omitted field of `spec` gets the paper's value."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"spec": {"depth": 20, "shortcut": "A", "dataset": "digits"}}]}
    )

    spec: AnySpec = Field(description='What to train: a classifier, or with `"task": "detection"` a detector.')
    name: ShortText | None = Field(default=None, description="Default: the network's name, such as `ResNet-20 A`.")
    project: ShortText = "default"
    tags: Tags = Field(default_factory=list)
    notes: Text = ""
    priority: Priority = 0
    queue: Queue | None = Field(default=None, description="The queue that must run it; null: either.")
    machines: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        default=1,
        description="Machines that share the `devices` of `spec`, the same number on each: as many free workers claim "
        "the run together. The result is that of one machine with all devices, bit for bit.",
    )

    @field_validator("machines")
    @classmethod
    def _share_the_devices(cls, machines: int, info: ValidationInfo) -> int:
        spec = info.data.get("spec")
        if spec and spec.devices % machines:
            raise PydanticCustomError(
                "machines",
                "machines must divide spec.devices: {machines} machines can't share {devices} equally",
                {"machines": machines, "devices": spec.devices},
            )
        return machines


class RunQuery(Request):
    """Which runs, in which order. A repeated filter matches any of its values."""

    id: list[UUID] = Field(default=[], max_length=200, description="Only these runs; a deleted run is left out.")
    status: list[Status] = Field(default=[], max_length=10)
    depth: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(default=[], max_length=100)
    task: Task | None = Field(default=None, description="Only runs that classify, or only those that detect.")
    shortcut: list[Shortcut] = Field(default=[], max_length=10)
    dataset: list[DatasetName] = Field(default=[], max_length=100)
    tag: ShortText | None = Field(default=None, description="Only runs with this tag.")
    owner: ShortText | None = None
    project: ShortText | None = None
    study: UUID | None = Field(default=None, description="Only runs of this study.")
    text: ShortText | None = Field(default=None, description="Text in the name, notes or tags, or the start of the id.")
    archived: bool = Field(
        default=False,
        description="Only archived runs. Lists leave these out, unless they are of certain runs (`id`) or of a study.",
    )
    where: list[ShortText] = Field(
        default=[],
        max_length=10,
        description="COLUMN OPERATOR VALUE, for every column of `sort` except `schedule` and `warmup`. "
        "All conditions must hold. Operators: = (or ==) != < <= > >=; texts and booleans: = and != only. Times: a day "
        "(UTC) or an instant. A run without a value in the column matches != only.",
        examples=[["test_error<7", "lr=0.1"]],
    )
    sort: ShortText = Field(default="-created_at", description="A column or spec field; `-` in front for descending.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(
        default=None, min_length=1, max_length=2000, description="The previous page's `next_cursor`."
    )


class RunChange(Request):
    """The fields to change; `priority` only while the run is queued. Omitted or null: unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tags": ["table 6"], "notes": "The second seed."}]})

    name: ShortText | None = None
    project: ShortText | None = None
    tags: Tags | None = None
    notes: Text | None = None
    priority: Priority | None = None
    archived: bool | None = Field(
        default=None, description="true: lists leave the run out, and keep it. Only for a run that has ended."
    )


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
    """A new run that continues from a checkpoint of this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"spec": {"iterations": 96000, "lr": 0.01}}]})

    spec: ForkChanges = ForkChanges()
    iteration: Iteration | None = Field(
        default=None,
        description="The iteration of the checkpoint to start from; null: the last checkpoint kept.",
    )
    name: ShortText | None = Field(default=None, description="Default: the parent's name and the iteration.")


class Last(Response):
    """The last evaluation, percent. A run's result is its last test error or, of a detector, its last test mAP, at the
    end of training."""

    val_error: float | None
    test_error: float | None
    val_map: float | None = Field(default=None, description="A detector's mAP, in the form of its spec's `ap`.")
    test_map: float | None = None


class Best(Response):
    """The lowest errors of all evaluations, or a detector's highest mAP, percent.

    Weights are chosen on validation only, never on test.
    """

    val_error: float | None = Field(description="The lowest of the run's `evaluations`.")
    val_iteration: int | None = Field(description="Where the validation error was lowest: the best weights' iteration.")
    test_error: float | None = Field(
        description="The lowest of the run's `evaluations`, which is lower by chance alone. It is not the run's result."
    )
    val_map: float | None = None
    test_map: float | None = Field(default=None, description="As `test_error`, it is not the run's result.")
    evaluations: int = Field(description="How many evaluations these are the lowest of.")


class LearningRateDrop(Response):
    """The learning rate falls to `lr` after this iteration."""

    iteration: int
    lr: float


class RunRecord(Response):
    """The fields of a run that are stored as they are."""

    id: UUID
    name: str
    project: str
    owner: str
    tags: list[str]
    notes: str
    priority: int
    queue: Queue | None
    machines: int = Field(description="How many workers train it together.")
    origin: Origin | None = Field(
        description="Set for a result that was made elsewhere and imported: nothing of it was checked here, and the "
        "fields of `spec` that its `unknown` lists have values that count for nothing."
    )
    task: Task
    spec: AnySpec
    spec_hash: str
    parameters: int
    multiply_adds: int = Field(description="For one image; a multiplication and its addition count once.")
    weighted_layers: int
    status: Status
    reason: str | None = Field(
        description="Why the run failed: diverged, out_of_memory, data, invalid, internal or worker_lost."
    )
    message: str | None
    stop_request: StopRequest | None = Field(description="A cancel or pause that the worker has not completed yet.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    archived_at: datetime | None = None
    parent_id: UUID | None = Field(description="The run that this one retries or forks; it may have been deleted.")
    parent_iteration: int | None = Field(
        description="For a fork: the iteration of its parent's checkpoint. The fork's own curve starts after it."
    )
    iteration: int = Field(description="The last completed iteration; 0 before the first.")
    iterations: int
    images_per_s: float | None
    train_error: float | None = Field(description="Mean over the last 20 mini-batches of augmented images, percent.")


class Run(RunRecord):
    advice: str | None = Field(description="What to do about a failure.")
    examines: UUID | None = Field(
        default=None,
        description="Set for an examination, which trains nothing: the run whose weights it examines, or the first run "
        "of an ensemble.",
    )
    planned_drops: list[LearningRateDrop] = Field(description="The drops of a step schedule; a plateau plans none.")
    attempts: int
    last: Last
    best: Best
    main_error: MainError = Field(
        description="The error that is drawn bold: validation, or test where no validation images were set aside."
    )
    eta_s: float | None = Field(description="Seconds until the last iteration at the current speed.")
    is_silent: bool = Field(
        description="The run is running, but its worker has missed two heartbeats: nobody may be training it."
    )
    queue_position: int | None = Field(
        description="1 for the run that the next free worker takes; null beyond the first thousand and in the response "
        "to a POST, which doesn't wait for the count."
    )
    waits_for: str | None = Field(description="What the run waits for, in words; null while it trains.")
    starts_in_s: float | None = Field(
        description="Estimated seconds until a queued run starts, from the speeds measured here. null if unknown, in "
        "lists and in the response to a POST."
    )
    departures: list[Finding] = Field(
        description="Where the spec departs from the paper's protocol, and for an import what nobody said."
    )


class RunPage(Page[Run]):
    total: int = Field(
        le=MOST_COUNTED,
        description=f"The number of runs that match the filters, on all pages; at most {MOST_COUNTED:,}.",
    )


class PlannedRun(BaseModel):
    """What a plan says of a run besides its network."""

    spec_hash: str
    predicted_s: float | None = Field(description="Seconds of training, from the speeds measured here.")
    predicted_from: str = Field(description="The basis of the prediction, or why there is none.")
    planned_drops: list[LearningRateDrop] = Field(description="The drops of a step schedule; a plateau plans none.")
    findings: list[Finding]


class RunPlan(trainer.plan.NetworkPlan, PlannedRun):
    """The run that a spec describes, before it is queued."""

    spec: RunSpec = Field(description="The spec with every field filled in.")


class DetectionRunPlan(trainer.detection.plan.DetectionPlan, PlannedRun):
    """The detection run that a spec describes, before it is queued."""

    spec: DetectionSpec = Field(description="The spec with every field filled in.")
