"""The requests and responses about start weights: classifiers that detectors start from."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.http.schema import Request, Response
from store.db.text import ShortText
from trainer.detection.spec import DetectionNetwork


class StartQuery(Request):
    network: DetectionNetwork = Field(description="The detector's network.")


class StartUpload(Request):
    """What is declared of an uploaded file."""

    network: DetectionNetwork = Field(description="The classifier's network, whose tensors the file must hold.")
    name: ShortText | None = Field(default=None, description="Default: the file's name.")
    project: ShortText = "default"


class StartWeights(Response):
    """Weights that a detector can start from: name `sha256` and `statistics` in the specification's `start`."""

    sha256: str
    statistics: Literal["moving_average", "training_set"] = Field(
        description="Where its batch norm statistics are from."
    )
    network: DetectionNetwork
    stride_in_1x1: bool | None = Field(description="null for a network without bottlenecks.")
    name: str = Field(description="Of the file, or of the run.")
    dataset: str | None = Field(
        description="What the run was trained on; null for an uploaded file, which doesn't say."
    )
    seed: int | None = Field(description="The run's; null for an uploaded file.")
    run: UUID | None = Field(description="The run whose weights these are; null for an uploaded file.")
    project: str
    owner: str
    size_bytes: int
    created_at: datetime


class StartWeightsList(Response):
    items: list[StartWeights] = Field(description="Uploaded files, then runs, the newest first.")
