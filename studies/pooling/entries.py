"""A result that may be pooled, from a run of the service, an import, or a run in a certificate."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from store.curves.outcomes import RunOutcome
from store.db.models import Run
from store.db.text import ShortText
from store.imports.declaration import Origin
from store.runs.states import Status
from studies.certificate.contents import CertifiedMember, CertifiedRun, Contents
from trainer.spec import RunSpec

HERE = "this service"
IMPORTED = "imported"


class PoolEntry(BaseModel):
    """One run's result. What isn't known is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: ShortText = Field(description="The run, and the file that it is from.")
    lab: ShortText | None
    spec: RunSpec
    error: Annotated[float, Field(ge=0, le=100)] | None = Field(
        description="The test error at the end of training, percent; null if there is none."
    )
    unknown: frozenset[str] = Field(default=frozenset(), description="Fields of `spec` that nobody declared.")
    why: str = Field(default="", max_length=200, description="Without an error: what became of the run.")
    test_images: int | None = None
    tested_at: int | None = Field(default=None, description="The iteration of the test error.")
    weights_sha256: str | None = Field(default=None, max_length=64)
    file_sha256: str | None = Field(default=None, max_length=64, description="Of an imported file.")
    data_hash: str | None = Field(default=None, max_length=64, description="Identifies the images.")
    forked_at: int | None = Field(
        default=None, description="The iteration of another run's checkpoint that it started from; null from scratch."
    )

    @property
    def seed(self) -> int | None:
        return None if "seed" in self.unknown else self.spec.seed


def of_run(run: Run, outcome: RunOutcome, weights_sha256: str | None) -> PoolEntry:
    """A run of this service, or an import, whose lab is the one that was declared."""
    origin = None if run.origin is None else Origin.model_validate(run.origin)
    is_done = run.status == Status.succeeded
    return PoolEntry(
        where=f"run {run.id}" if origin is None else f"import {run.id}",
        lab=HERE if origin is None else _declared(origin.lab),
        spec=RunSpec.model_validate(run.spec),
        error=run.test_error if is_done else None,
        unknown=frozenset(() if origin is None else origin.unknown),
        why=_why(run.status, run.reason),
        test_images=outcome.tested_images,
        tested_at=outcome.tested_at,
        weights_sha256=weights_sha256 if origin is None else origin.weights_sha256,
        file_sha256=None if origin is None else origin.sha256,
        data_hash=outcome.trainers[-1]["data_hash"] if outcome.trainers else None,
        forked_at=run.parent_iteration,
    )


def _declared(lab: str | None) -> str | None:
    """An import can't pass for a run of this service by its lab's name."""
    return f"{lab} ({IMPORTED})" if lab is not None and lab.strip().casefold() == HERE else lab


def of_certificate(contents: Contents, lab: str, name: str) -> Iterator[PoolEntry]:
    """The runs of a certificate that was checked; `lab` is whose key signed it, `name` the file's.

    A run that was deleted has no result, and is known by its network and seed.
    """
    kept: dict[str, CertifiedRun] = {}
    for member in contents.members:
        if member.run is not None:
            kept.setdefault(member.label, member.run)
            yield _certified(member.run, lab, f"{name}, run {member.run.id}")
    for member in contents.members:
        if member.run is None and member.label in kept:
            yield _deleted(member, kept[member.label], lab, name)


def _deleted(member: CertifiedMember, alike: CertifiedRun, lab: str, name: str) -> PoolEntry:
    spec = RunSpec.model_validate(alike.spec).model_copy(update={"seed": member.seed})
    where = f"{name}, {member.label}, seed {member.seed}"
    return PoolEntry(where=where, lab=lab, spec=spec, error=None, why="its run was deleted")


def _certified(run: CertifiedRun, lab: str, where: str) -> PoolEntry:
    last = run.tests[-1] if run.tests else None
    return PoolEntry(
        where=where,
        lab=lab,
        spec=RunSpec.model_validate(run.spec),
        error=run.test_error if run.status == Status.succeeded else None,
        why=_why(run.status, run.reason),
        test_images=last.images if last else None,
        tested_at=last.iteration if last else None,
        weights_sha256=run.weights.sha256 if run.weights else None,
        data_hash=run.trainers[-1]["data_hash"] if run.trainers else None,
        forked_at=run.parent_iteration,
    )


def networks(entries: Sequence[PoolEntry]) -> list[str]:
    """The networks and data sets of the entries, in their order."""
    return list(dict.fromkeys(f"{entry.spec.name} on {entry.spec.dataset}" for entry in entries))


def _why(status: str, reason: str | None) -> str:
    if status == Status.succeeded:
        return "it has no test error"
    return f"it has failed ({reason})" if status == Status.failed else f"it is {status}"
