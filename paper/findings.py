"""A finding of the protocol check: one way in which a specification, or a result, differs from the paper."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

# departure: the result can no longer stand beside the paper's. unknown: nobody said what was done, so it may be a
# departure; only results made elsewhere have it. warning: allowed, but probably not meant. info: good to know.
Severity = Literal["departure", "unknown", "warning", "info"]


# Fields whose name in a sentence is not their own.
LABELS: Final = {
    "augment": "Augmentation",
    "dataset": "Data set",
    "init": "Initialisation",
    "lr": "Learning rate",
    "stride_in_1x1": "Stride",
    "train_images": "Training images",
    "warmup": "Warm-up",
}


class Casualty(BaseModel):
    """A known case of this going wrong."""

    model_config = ConfigDict(frozen=True)

    text: str
    issue: str = Field(description="In GitHub's form: `owner/repository#number`.")


class Finding(BaseModel):
    """What one rule reports about one field, with the paper's sentence and a known case of it going wrong."""

    model_config = ConfigDict(frozen=True)

    rule: str = Field(description="The rule that reports it; `GET /api/v1/paper/lint` lists all rules.")
    field: str = Field(description="A field of the spec, such as `batch_size`, or of a result, such as `test_error`.")
    severity: Severity
    message: str
    section: str | None = Field(description="The section of the quoted sentence: `4.2`, `Table 1`, `Footnote 3`.")
    quote: str | None = Field(description="The paper's sentence; null where the paper says nothing about this.")
    casualty: Casualty | None = Field(description="null where no case is known.")

    @property
    def forbids_comparison(self) -> bool:
        """Whether the result can't stand beside the paper's: it departs, or nobody said whether it does."""
        return self.severity in ("departure", "unknown")

    @property
    def sentence(self) -> str:
        """The message after its field's name, to be read alone: "Batch size: The paper uses 128; this run uses 64."."""
        return f"{LABELS.get(self.field) or self.field.replace('_', ' ').capitalize()}: {self.message}"
