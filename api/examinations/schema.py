"""The requests and responses about examinations: what to examine, its state and its report."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schema import Request, Response
from store.runs.states import Status
from trainer.examination import MOST_CONFUSION_CLASSES, ExaminationKind, Views

# The paper's own ensemble has six networks (Table 5).
MOST_TOGETHER = 19


class ExaminationCreate(Request):
    """How to examine the last weights of a succeeded run.

    `views` and `recompute_bn` apply to an evaluation only; `refine`, `vote` and `sides` to a detector's test.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "evaluate", "recompute_bn": True}, {"kind": "responses"}]}
    )

    kind: Literal["evaluate", "responses", "detect", "statistics"] = Field(
        description="`detect` tests a detector's weights. `statistics` makes a copy of a classifier's weights for "
        "detectors to start from, with the batch norm statistics of all training images (App. A)."
    )
    views: Views | None = Field(
        default=None, description="Default: `single`, the only choice for the CIFAR family (sec. 4.2)."
    )
    recompute_bn: Annotated[bool, Field(strict=True)] | None = Field(
        default=None,
        description="Recompute the batch normalisation statistics as a plain average over the training images. "
        "Default: false.",
    )
    refine: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Classify the regressed boxes as well (App. B). Default: false."
    )
    vote: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Average overlapping boxes of a class (App. B). Default: false."
    )
    sides: Annotated[list[Annotated[int, Field(ge=32, le=4096)]], Field(max_length=8)] | None = Field(
        default=None, description="Shorter sides for multi-scale testing (App. B). Default: the run's own side."
    )
    together_with: Annotated[list[UUID], Field(max_length=MOST_TOGETHER)] = Field(
        default=[], description="Other runs for an ensemble: their softmax outputs are averaged, as in Table 5."
    )


class ExaminationQuery(Request):
    """Which examinations to list."""

    run: Annotated[list[UUID], Field(min_length=1, max_length=100)] = Field(description="Any of these runs.")
    kind: ExaminationKind


class WeightsReference(Response):
    """The weights that were examined, and the errors that their run reported."""

    file: str = Field(description="The run's id and a suffix.")
    name: str
    dataset: str
    iteration: int
    spec_hash: str
    data_hash: str
    reported: dict[str, float]


class DataReport(Response):
    weights: list[WeightsReference]
    dataset: str
    data_hash: str
    is_the_data_trained_on: bool | None = Field(
        description="Whether the weights were trained on this very copy of the data; null for imported weights, which "
        "don't say it."
    )
    versions: dict[str, str]


class Mistake(Response):
    image: int = Field(description="The image's position in the test set, from 0.")
    label: int = Field(description="An index into `classes`.")
    prediction: int
    probability: float = Field(description="Of the predicted class.")
    label_probability: float


class Mistakes(Response):
    """Some of the wrongly classified images. Their pixels are tiles of `GET /examinations/{id}/picture`."""

    tile_px: int = Field(description="Width and height of a tile.")
    columns: int = Field(description="Tiles in a row of the picture; the tiles are in the order of `items`.")
    items: list[Mistake] = Field(description="The first ones of each cell of the confusion matrix.")


class EvaluationReport(DataReport):
    """An evaluation on the test images. Errors are percent."""

    views: Views
    batch_norm: str
    images: int
    error: float
    top5_error: float | None = Field(description="null with five classes or fewer.")
    loss: float
    classes: list[str]
    confusion: list[list[int]] | None = Field(
        description="The number of images for each label (row) and prediction (column); null above "
        f"{MOST_CONFUSION_CLASSES} classes."
    )
    mistakes: Mistakes | None = Field(
        default=None, description="null without a confusion matrix, and in evaluations from before 2026-11-30."
    )


class LayerResponse(Response):
    layer: str
    std: float


class ResponsesReport(DataReport):
    """The standard deviation of each 3×3 layer's output on the test set (Fig. 7)."""

    measured: str = Field(description="What was measured exactly, as the paper leaves some of it open.")
    layers: list[LayerResponse] = Field(description="In the network's order.")
    descending: list[float]


class StatisticsReport(DataReport):
    """A copy of the weights with exact batch norm statistics; `GET /runs/{id}/weights` with the examination's id."""

    images: int = Field(description="How many training images the statistics are of.")
    batch: int = Field(description="Earlier layers are normalised within batches of this many images, as in training.")
    sha256: str = Field(description="The file's, for a detector's `start`.")
    size_bytes: int


class ClassProbability(Response):
    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(alias="class")
    probability: float


class PredictionReport(Response):
    weights: WeightsReference
    classes: list[ClassProbability] = Field(description="The five most likely classes, the most likely first.")


class ClassPrecision(Response):
    """A class's average precision, percent, and its curve: precision at `recalls`, null beyond the highest recall."""

    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(alias="class")
    objects: int
    ap: float | None = Field(description="null for a class without objects.")
    precision: list[float | None]
    score: list[float | None] = Field(description="The lowest score that reaches the precision.")


class DetectionReport(Response):
    """A detector's test on the test images. Percent."""

    dataset: str
    is_the_data_trained_on: bool | None
    refine: bool
    vote: bool
    sides: list[int]
    images: int
    detections: int
    images_per_s: float
    form: str = Field(description="Which mAP: voc07, area or coco.")
    map: float
    map_50: float
    map_50_95: float
    ious: list[float]
    map_by_iou: list[float | None]
    map_by_size: dict[str, float | None]
    recalls: list[float]
    classes: list[ClassPrecision]


class PredictedObject(Response):
    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(alias="class")
    score: float
    box: list[float] = Field(description="Left, top, right, bottom in the picture's pixels.")


class PredictedObjects(Response):
    """The objects in a picture, the likeliest first."""

    width: int
    height: int
    detections: list[PredictedObject]


class Examination(Response):
    """An examination's id is also a run's id: cancel it and read its log and events as a run's."""

    id: UUID
    kind: ExaminationKind
    views: Views | None
    recompute_bn: bool | None
    runs: list[UUID] = Field(description="The runs whose weights are examined, on the first run's data set.")
    owner: str
    status: Status
    reason: str | None = Field(description="Why the examination failed, with the same values as a run's reason.")
    message: str | None
    waits_for: str | None = Field(description="What a queued examination waits for, in words.")
    created_at: datetime
    ended_at: datetime | None
    error: float | None = Field(description="For an ended evaluation only, as the next two fields; percent.")
    top5_error: float | None
    images: int | None
    map: float | None = Field(default=None, description="For an ended test of a detector: its mAP, percent.")
    result: (
        EvaluationReport
        | ResponsesReport
        | PredictionReport
        | DetectionReport
        | PredictedObjects
        | StatisticsReport
        | None
    ) = Field(description="The report; null until the examination has succeeded, and in lists.")


class Examinations(Response):
    items: list[Examination] = Field(description="The newest first, at most 200.")
