"""What a registration holds, and the exact text of it that is hashed and signed."""

import hashlib
import json
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from store.db.text import ShortText

FORMAT: Final = "reslab registration 1"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedRun(Frozen):
    """A run to train. The hash is that of its specification, which says everything that decides its result."""

    seed: int
    spec_hash: str


class PlannedNetwork(Frozen):
    label: ShortText
    runs: tuple[PlannedRun, ...]


class PlannedClaim(Frozen):
    """A claim of the paper that the study tests."""

    id: str
    sentence: str


class Registration(Frozen):
    """What a study will do, frozen before its first run exists."""

    format: Literal["reslab registration 1"] = FORMAT
    study: UUID
    name: ShortText
    owner: str
    registered_at: datetime = Field(description="The database's time. Every run of the study was created later.")
    question: str
    claims: tuple[PlannedClaim, ...]
    recipe: ShortText
    dataset: ShortText
    scale: float = Field(description="Fraction of the paper's schedule.")
    seeds: int = Field(description="Seeds per network at the start.")
    budget: int | None = Field(description="The most seeds per network; null: none are added.")
    networks: tuple[PlannedNetwork, ...]
    stopping_rule: str
    exclusion_rule: str
    source: str = Field(description="SHA-256 of the trainer's source that the service had.")
    public_key: str = Field(description="The signer's Ed25519 key, 32 bytes in hex.")


class SignedRegistration(Frozen):
    """A registration as a file to publish: readable, and exactly as it was signed."""

    registration: Registration
    canonical: str = Field(description="The text that was signed: the registration as JSON, keys sorted, no spaces.")
    sha256: str = Field(description="SHA-256 of the canonical text in UTF-8.")
    signature: str = Field(
        description='Ed25519 signature in hex of the bytes "reslab registration", a zero byte and the 32 bytes of '
        "`sha256`."
    )


def canonical(registration: Registration) -> str:
    """The same registration always gives the same text."""
    return json.dumps(registration.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed(content: str, signature: bytes) -> SignedRegistration:
    """The registration with this canonical text. Raises ValidationError if the text is not a registration."""
    return SignedRegistration(
        registration=Registration.model_validate_json(content),
        canonical=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        signature=signature.hex(),
    )
