"""The contents of a certificate, as JSON: the study, each run's row and events, names and hashes of the other files."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from paper.studies import StudyQuestion
from studies.judging import ExaminationResult
from studies.registration import SignedRegistration

# Every change of the judgement's keys or wording needs a new format. `earlier.py` reads earlier formats.
FORMAT: Literal["reslab certificate 3"] = "reslab certificate 3"
CONTENTS = "certificate.json"
JUDGEMENT = "judgement.json"
CRATE = "ro-crate-metadata.json"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertifiedEvaluation(Frozen):
    """One evaluation on the test set; the error is percent."""

    iteration: int
    error: float
    images: int


class CertifiedDetection(Frozen):
    """One test of a detector on the test set. Percent; `map` is in the form of the run's specification."""

    iteration: int
    map: float
    map_50: float
    map_50_95: float
    ap: dict[str, float | None] = Field(description="Each class's average precision; null without objects.")
    images: int


class CertifiedWeights(Frozen):
    """The weights of the last iteration. `file` is None if they are not included."""

    iteration: int
    sha256: str
    size_bytes: int
    file: str | None


class CertifiedCheckpoint(Frozen):
    """A checkpoint by the hash of its file, which holds weights, BN statistics and momentum.

    `file` is None if the checkpoint is not included: the service keeps the two newest and the last of each quarter, and
    a certificate includes them on request.
    """

    iteration: int
    sha256: str
    size_bytes: int
    file: str | None


class CertifiedRun(Frozen):
    """A run, from its row and its events. `curve` is the file with every raw point, None if there is none."""

    id: UUID
    status: str
    reason: str | None
    created_at: datetime | None = Field(default=None, description="null in formats 1 and 2.")
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
    tests: list[CertifiedEvaluation]
    # Of a detector. Left out elsewhere, so that certificates of classifiers stay as they are.
    test_map: float | None = Field(default=None, exclude_if=lambda value: value is None)
    detections: list[CertifiedDetection] = Field(default=[], exclude_if=lambda value: not value)
    curve: str | None
    weights: CertifiedWeights | None
    checkpoints: list[CertifiedCheckpoint] = Field(
        default=[],
        description="Every checkpoint that the worker stored, those that are no longer kept too. From format 3.",
    )


class CertifiedMember(Frozen):
    """A member of the study. `run` is None if it was deleted, so that its absence is visible."""

    label: str
    seed: int
    tests: list[str]
    reused: bool
    run: CertifiedRun | None


class Contents(Frozen):
    """The file certificate.json."""

    format: Literal["reslab certificate 1", "reslab certificate 2", "reslab certificate 3"] = FORMAT
    reslab: str = Field(description="The version of reslab that wrote the file.")
    public_key: str = Field(description="The signer's Ed25519 key, 32 bytes in hex.")
    id: UUID
    name: str
    owner: str
    created_at: datetime
    question: StudyQuestion
    manifest_hash: str | None = Field(description="For your own data set; null for a built-in one.")
    members: list[CertifiedMember]
    examinations: list[ExaminationResult] = Field(default=[], description="Results of examining its weights.")
    registration: SignedRegistration | None = Field(
        default=None, description="null if the study was not registered, and in formats 1 and 2."
    )
    files: dict[str, str] = Field(description="SHA-256 of every other file, by name.")
