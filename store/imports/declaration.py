"""What a person declares of a result made elsewhere, and the origin that its run keeps.

A field of the specification that is not declared is unknown. Unknown is not kept: see docs/decisions/0037.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.curves.series import EvaluationSeries, StepSeries
from store.db.text import ShortText
from trainer.spec import RunSpec

FileFormat = Literal["csv", "tensorboard", "wandb"]
ForeignSeries = StepSeries | EvaluationSeries
# How a column measures: percent wrong, percent right, or the same as a share from 0 to 1.
Measure = Literal["error", "accuracy", "error_fraction", "accuracy_fraction"]
# Without these, nothing says which network the result belongs to.
REQUIRED: Final = ("dataset", "depth", "shortcut")
# As many as the test set of the largest data set could have.
MOST_IMAGES: Final = 10_000_000


@dataclass(frozen=True)
class ForeignFile:
    """The file as it was sent, or the event files of one training as one."""

    name: str
    sha256: str
    size_bytes: int


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileColumn(_Closed):
    """The column of the file that holds a series."""

    name: ShortText
    measure: Measure = "error"


class Reading(_Closed):
    """How to read the file."""

    format: FileFormat | None = Field(default=None, description="null: recognised by the file's content.")
    step_column: ShortText | None = Field(
        default=None, description="The column that counts. Default: iteration, _step, Step, step or global_step."
    )
    counts_from: Literal[0, 1] = Field(
        default=1, description="What the file calls the first step. Iterations here count from 1, once completed."
    )
    iterations_per_step: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = Field(
        default=1, description="Mini-batches per step of the file: 391 for epochs of 50,000 images by 128."
    )
    columns: dict[ForeignSeries, FileColumn] = Field(
        default={}, description="The columns that are not named like their series."
    )

    def column(self, series: ForeignSeries) -> FileColumn:
        return self.columns.get(series) or FileColumn(name=series)


Level = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
Deviation = Annotated[float, Field(gt=1e-6, le=1000, allow_inf_nan=False)]


class WeightsInput(_Closed):
    """How an image becomes the network's input: (pixel · scale / 255 − mean) / std, with pixels from 0 to 255."""

    mean: tuple[Level, Level, Level] = Field(description="Of red, green and blue, in the units of `scale`.")
    std: tuple[Deviation, Deviation, Deviation] = (1.0, 1.0, 1.0)
    scale: Literal[1, 255] = Field(default=1, description="What a white pixel is: 1, as in torchvision, or 255.")


class Declaration(_Closed):
    """What is declared of a result. `spec` has the known fields of a specification; every other field is unknown."""

    spec: dict[str, Any]  # Any: JSON, which RunSpec checks
    lab: ShortText | None = Field(default=None, description="Who made the result. Pooling counts labs by this name.")
    source: ShortText | None = Field(default=None, description="Where it is published: an address or a citation.")
    test_images: Annotated[int, Field(strict=True, ge=1, le=MOST_IMAGES)] | None = Field(
        default=None, description="On how many images the test error was measured; null: nobody said."
    )
    weights_input: WeightsInput | None = Field(
        default=None, description="For weights that were not saved by Reslab, which say it themselves."
    )
    reading: Reading = Reading()


class Origin(_Closed):
    """Where an imported run is from. `unknown` are the fields of its specification that nobody declared."""

    format: FileFormat
    file: ShortText = Field(description="The file's name; of several, the first one's and how many there are.")
    sha256: str = Field(description="Of the file, in hex; of several, of their own in hex, sorted, with newlines.")
    size_bytes: int
    lab: str | None
    source: str | None
    unknown: tuple[str, ...] = Field(
        description="Fields of `spec` that nobody declared. Their values there are the paper's and count for nothing."
    )
    test_images: int | None
    evaluations: int = Field(description="How many test errors the file has, or validation errors without them.")
    weights_sha256: str | None = Field(default=None, description="Of the weights file as it was sent, in hex.")
    reading: Reading = Reading()


def hash_of_known(spec: RunSpec, unknown: tuple[str, ...]) -> str:
    """The SHA-256 of the canonical JSON of the declared fields; the specification's own hash if all are declared."""
    known: Mapping[str, Any] = spec.model_dump(mode="json", exclude=set(unknown))
    return hashlib.sha256(json.dumps(known, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
