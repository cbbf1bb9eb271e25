"""Owns the trainer's events: one JSON object per line on stdout, distinguished by `kind`. Loads no torch.

Iterations are completed ones, counted from 1; errors are percent. No event contains NaN or a value beyond float32,
in which curves are stored: a run with such a loss ends as `diverged`.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

# The trainer's exit codes. 75 is sysexits' EX_TEMPFAIL: stopped on request after a checkpoint; run it again to resume.
EXIT_FINISHED = 0
EXIT_FAILED = 1
EXIT_STOPPED = 75


class TrainerEventKind(StrEnum):
    started = "started"
    steps = "steps"
    evaluated = "evaluated"
    detection_steps = "detection_steps"
    detection_evaluated = "detection_evaluated"
    saved = "saved"
    sampled = "sampled"
    warned = "warned"
    finished = "finished"
    stopped = "stopped"
    failed = "failed"
    unable = "unable"


Split = Literal["val", "test"]
# A report is the result of an examination (trainer/examination.py). A picture is the input of a prediction, or the
# wrongly classified images of an evaluation. Detections are the boxes that belong to a detector's report.
Role = Literal["checkpoint", "weights", "report", "picture", "detections"]
WeightsFormat = Literal["safetensors", "pt"]
Format = Literal[WeightsFormat, "json", "image"]
# The failures that a trainer can report. The service adds worker_lost.
FailureReason = Literal["diverged", "out_of_memory", "data", "invalid", "internal"]

# The largest finite float32.
LARGEST: Final = (2 - 2**-23) * 2.0**127
Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Started(_Event):
    kind: Literal[TrainerEventKind.started] = TrainerEventKind.started
    device: str  # "cpu", or the GPU's name
    processor: str | None = None  # the CPU's model and its vector instructions; absent before 2026-11-29
    device_kind: Literal["cpu", "gpu"]
    threads: int
    versions: dict[str, str]  # of python and the libraries (trainer/identity.py)
    source: str | None = None  # the digest of the trainer's source, in hex; absent before 2026-11-29
    resumed_from: int  # the last completed iteration of the checkpoint; 0 from scratch
    train_images: int
    val_images: int
    test_images: int
    data_hash: str  # identifies the images and labels, in hex


class Steps(_Event):
    """Columns of `len(loss)` points at iterations first, first + every, …"""

    kind: Literal[TrainerEventKind.steps] = TrainerEventKind.steps
    first: int
    every: int = 1
    loss: list[Value]  # cross-entropy of the augmented mini-batch
    error: list[Value]  # its error, percent: what the paper plots as training error
    lr: list[Value]
    images_per_s: float
    waiting: float = 0.0  # the share of the time, 0 to 1, spent waiting for images


class Evaluated(_Event):
    kind: Literal[TrainerEventKind.evaluated] = TrainerEventKind.evaluated
    iteration: int
    split: Split
    error: Value
    top5_error: Value | None
    loss: Value
    images: int


class DetectionSteps(_Event):
    """A detector's `Steps`: columns of `len(loss)` points at iterations first, first + every, …"""

    kind: Literal[TrainerEventKind.detection_steps] = TrainerEventKind.detection_steps
    first: int
    every: int = 1
    loss: list[Value]  # the sum of the four
    rpn_class_loss: list[Value]
    rpn_box_loss: list[Value]
    class_loss: list[Value]
    box_loss: list[Value]
    foreground: list[Value]  # the sampled regions that are objects, percent
    lr: list[Value]
    images_per_s: float
    waiting: float = 0.0


class DetectionEvaluated(_Event):
    """Percent. `ap` is in the form of the specification's `ap`, and `map` its mean over the classes with objects."""

    kind: Literal[TrainerEventKind.detection_evaluated] = TrainerEventKind.detection_evaluated
    iteration: int
    split: Split
    map: Value
    map_50: Value  # at IoU 0.5: VOC's form, or COCO's
    map_50_95: Value  # COCO's mAP@[.5,.95]
    ap: dict[str, Value | None]  # by class; null for a class without objects
    images: int
    detections: int
    images_per_s: float


Points = Steps | DetectionSteps
Scores = Evaluated | DetectionEvaluated

# The fields that become curves: of points, which are columns, and of evaluations.
POINT_FIELDS: Final = {
    TrainerEventKind.steps: ("loss", "error", "lr"),
    TrainerEventKind.detection_steps: (
        "loss", "rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss", "foreground", "lr",
    ),
}  # fmt: skip
SCORE_FIELDS: Final = {
    TrainerEventKind.evaluated: ("error", "top5_error", "loss"),
    TrainerEventKind.detection_evaluated: ("map", "map_50", "map_50_95"),
}
CURVE_FIELDS: Final = frozenset(
    (kind, field) for fields in (POINT_FIELDS, SCORE_FIELDS) for kind, names in fields.items() for field in names
)


class Saved(_Event):
    """A file that is complete on disk; `file` is relative to the working folder."""

    kind: Literal[TrainerEventKind.saved] = TrainerEventKind.saved
    iteration: int
    role: Role
    format: Format
    file: str
    sha256: str
    size_bytes: int


class Sampled(_Event):
    """Sample images of a built-in data set (trainer/data/samples.py); `file` is relative to the working folder."""

    kind: Literal[TrainerEventKind.sampled] = TrainerEventKind.sampled
    file: str
    classes: list[str]


class Warned(_Event):
    kind: Literal[TrainerEventKind.warned] = TrainerEventKind.warned
    message: str
    iteration: int | None = None


class Finished(_Event):
    kind: Literal[TrainerEventKind.finished] = TrainerEventKind.finished
    iteration: int
    seconds: float  # of this process, data loading included


class Stopped(_Event):
    """SIGTERM came; the checkpoint of `iteration` was saved before this line."""

    kind: Literal[TrainerEventKind.stopped] = TrainerEventKind.stopped
    iteration: int


class Failed(_Event):
    kind: Literal[TrainerEventKind.failed] = TrainerEventKind.failed
    reason: FailureReason
    message: str
    iteration: int | None = None


class Unable(_Event):
    """The machine could not do its part: no disk, device or library. The run is not to blame, and keeps its files."""

    kind: Literal[TrainerEventKind.unable] = TrainerEventKind.unable
    message: str


Event = Started | Points | Scores | Saved | Sampled | Warned | Finished | Stopped | Failed | Unable
_adapter: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def parse(line: str | bytes) -> Event:
    """The event in one line. Raises pydantic.ValidationError if the line is not an event."""
    return _adapter.validate_json(line)
