"""A finding: what the paper has to say about one field of a specification."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# deviation: the result no longer stands beside the paper's. warning: allowed, but likely not meant. info: good to know.
Severity = Literal["deviation", "warning", "info"]


class Finding(BaseModel):
    """One sentence about one field, with the paper's section where it says so."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="A field of the spec, such as `batch_size`.")
    severity: Severity
    message: str
    section: str | None = Field(description="Where the paper says it, such as `4.2`.")
