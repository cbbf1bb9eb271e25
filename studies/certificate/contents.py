"""What a certificate holds, as JSON: the study, each run's row and events, the names and hashes of the other files."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from paper.studies import Question
from studies.judging import Found

# A new format for each change of the judgement's keys or wording: `earlier.py` reads the formats before.
FORMAT: Literal["reslab certificate 2"] = "reslab certificate 2"
CONTENTS = "certificate.json"
JUDGEMENT = "judgement.json"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evaluated(Frozen):
    iteration: int
    error: float
    images: int


class Weights(Frozen):
    """Of the last iteration; `file` where they are in the bundle."""

    iteration: int
    sha256: str
    size_bytes: int
    file: str | None


class CertifiedRun(Frozen):
    """A run as its row and its events have it. `curve` is the file of every raw point, None where there is none."""

    id: UUID
    status: str
    reason: str | None
    spec: dict[str, Any]  # Any: a spec's fields
    spec_hash: str
    fence: int
    iteration: int
    iterations: int
    parent_iteration: int | None
    parameters: int
    multiply_adds: int
    weighted_layers: int
    test_error: float | None
    best_val_iteration: int | None
    trainers: list[dict[str, Any]]  # Any: the trainer's `started` events
    tests: list[Evaluated]
    curve: str | None
    weights: Weights | None


class CertifiedMember(Frozen):
    """`run` is None where it was deleted: what was left out is seen."""

    label: str
    seed: int
    tests: list[str]
    reused: bool
    run: CertifiedRun | None


class Contents(Frozen):
    format: Literal["reslab certificate 1", "reslab certificate 2"] = FORMAT
    reslab: str = Field(description="The version of this stores.")
    public_key: str = Field(description="Ed25519, 32 bytes in hex: whose signature this is.")
    id: UUID
    name: str
    owner: str
    created_at: datetime
    question: Question
    manifest_hash: str | None = Field(description="Of a data set of one's own; a built-in one is checked by its hash.")
    members: list[CertifiedMember]
    examinations: list[Found] = Field(default=[], description="What was found of its members' weights.")
    files: dict[str, str] = Field(description="SHA-256 of every other file, by its name.")
