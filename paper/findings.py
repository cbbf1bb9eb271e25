"""A finding: what the paper has to say about one field of a specification, or about one fact of a result."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# departure: the result can no longer stand beside the paper's. warning: allowed, but probably not meant.
# info: good to know.
Severity = Literal["departure", "warning", "info"]


class Casualty(BaseModel):
    """Where this went wrong before."""

    model_config = ConfigDict(frozen=True)

    text: str
    issue: str = Field(description="As GitHub writes it: `owner/repository#number`.")


class Finding(BaseModel):
    """One sentence about one field, by one rule, with what the paper says and who tripped over it."""

    model_config = ConfigDict(frozen=True)

    rule: str = Field(description="The rule that found it; `GET /api/v1/paper/lint` lists them.")
    field: str = Field(description="A field of the spec, such as `batch_size`, or of a result, such as `test_error`.")
    severity: Severity
    message: str
    section: str | None = Field(description="Where the paper says it: `4.2`, `Table 1`, `Footnote 3`.")
    quote: str | None = Field(description="The paper's sentence; null where it says nothing of this.")
    casualty: Casualty | None = Field(description="A known case of this going wrong; null where none is known.")
