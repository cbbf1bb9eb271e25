"""What travels over HTTP about examinations: what is asked of weights, how it stands, and what was found."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schema import Request, Response
from store.runs.states import Status
from trainer.examination import MOST_CONFUSION_CLASSES, ExaminationKind, Views

# The paper's own ensemble has six (Table 5).
MOST_TOGETHER = 19


class ExaminationCreate(Request):
    """What to do with the last weights of a run that has succeeded. All but `kind` is of an evaluation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "evaluate", "recompute_bn": True}, {"kind": "responses"}]}
    )

    kind: Literal["evaluate", "responses"]
    views: Views | None = Field(
        default=None, description="Default: `single`, which is all that the CIFAR family sees (sec. 4.2)."
    )
    recompute_bn: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Batch normalisation by a plain average over the training images. Default: false."
    )
    together_with: Annotated[list[UUID], Field(max_length=MOST_TOGETHER)] = Field(
        default=[], description="Other runs: the softmax of all is averaged, as in Table 5."
    )


class ExaminationQuery(Request):
    """Which examinations."""

    run: Annotated[list[UUID], Field(min_length=1, max_length=100)] = Field(description="Those of any of these runs.")
    kind: ExaminationKind


class ExaminedWeights(Response):
    """Which network it was, and the errors that its run reported."""

    file: str = Field(description="The run's id, and a suffix.")
    name: str
    dataset: str
    iteration: int
    spec_hash: str
    data_hash: str
    reported: dict[str, float]


class OnData(Response):
    weights: list[ExaminedWeights]
    dataset: str
    data_hash: str
    is_the_data_trained_on: bool = Field(description="Whether the weights were trained on this very copy of the data.")
    versions: dict[str, str]


class EvaluationReport(OnData):
    """Of the test images. Errors are percent."""

    views: Views
    batch_norm: str
    images: int
    error: float
    top5_error: float | None = Field(description="null of five classes or fewer.")
    loss: float
    classes: list[str]
    confusion: list[list[int]] | None = Field(
        description=f"In images, a row a label, a column a guess; null over {MOST_CONFUSION_CLASSES} classes."
    )


class LayerResponse(Response):
    layer: str
    std: float


class ResponsesReport(OnData):
    """Fig. 7: how strongly each 3×3 layer answers."""

    measured: str = Field(description="What exactly, as the paper leaves some of it open.")
    layers: list[LayerResponse] = Field(description="In the order of the network.")
    descending: list[float]


class Guess(Response):
    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(alias="class")
    probability: float


class PredictionReport(Response):
    weights: ExaminedWeights
    classes: list[Guess] = Field(description="The five likeliest, the likeliest first.")


class Examination(Response):
    """An id of an examination is a run's: it is cancelled, and its log and events are read, as a run's are."""

    id: UUID
    kind: ExaminationKind
    views: Views | None
    recompute_bn: bool | None
    runs: list[UUID] = Field(description="Whose weights it examines; the first one's data set is judged on.")
    owner: str
    status: Status
    reason: str | None = Field(description="Why it failed, as a run's.")
    message: str | None
    waits_for: str | None = Field(description="A sentence, while it waits.")
    created_at: datetime
    ended_at: datetime | None
    error: float | None = Field(description="Of an evaluation that has ended, percent; so are the next two.")
    top5_error: float | None
    images: int | None
    result: EvaluationReport | ResponsesReport | PredictionReport | None = Field(
        description="null before it has succeeded, and in lists."
    )


class Examinations(Response):
    items: list[Examination] = Field(description="The newest first, two hundred at most.")
