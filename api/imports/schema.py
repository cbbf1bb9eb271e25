"""The requests and responses about imports: results that were made elsewhere."""

from pydantic import ConfigDict, Field

from api.http.schema import FieldError, Response
from api.runs.schema import Tags
from paper.findings import Finding
from store.db.text import ShortText, Text
from store.imports.declaration import Declaration, FileFormat, ForeignSeries
from trainer.spec import RunSpec


class ImportCreate(Declaration):
    """What is declared of a result that was made elsewhere. A field that `spec` leaves out is unknown, not kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "spec": {"dataset": "cifar10", "depth": 20, "shortcut": "A", "seed": 3, "lr": 0.1},
                    "lab": "Example University",
                    "test_images": 10_000,
                }
            ]
        }
    )

    name: ShortText | None = Field(default=None, description="Default: the network's name, such as `ResNet-20 A`.")
    project: ShortText = "default"
    tags: Tags = Field(default_factory=list)
    notes: Text = ""


class SeriesSummary(Response):
    """A series as it was understood. Errors are percent."""

    series: ForeignSeries
    column: str = Field(description="The name of the column in the file.")
    points: int
    first_iteration: int
    last_iteration: int
    last: float
    lowest: float


class ImportPlan(Response):
    """What an import would be. Nothing is stored."""

    format: FileFormat
    series: list[SeriesSummary]
    others: list[str] = Field(description="Columns that are not used, at most 1,000.")
    iteration: int = Field(description="The last iteration in the file.")
    problem: FieldError | None = Field(description="Why the declaration can't be imported yet.")
    spec: RunSpec | None = Field(description="The declared fields, and the paper's values in the unknown ones.")
    unknown: list[str] = Field(description="The fields of `spec` that nobody declared and the file doesn't show.")
    findings: list[Finding]
