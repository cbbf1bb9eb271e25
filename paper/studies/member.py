"""What a judgement is based on: the study's question, and each member with what was measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import lint
from paper.findings import Finding
from paper.lint import Conditions, Neighbours, Result
from paper.protocols import TRAINING_PROTOCOLS
from paper.results import LastErrors, RunResult
from paper.studies.attrition import Fate, MissingSeed
from trainer.spec import RunSpec


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class StudyQuestion(Frozen):
    """What a study asks. `looks` is the number of looks among which the level of its verdicts is shared."""

    recipe: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None = None
    looks: int = 1


class MemberResult(Frozen):
    """A member of a study and what became of its run. Only a run that succeeded counts, except in curves."""

    label: str
    seed: int
    tests: tuple[str, ...]
    state: Literal["succeeded", "failed", "cancelled", "unfinished"]
    reason: str | None = Field(default=None, description="For a failed run: why it failed.")
    result: RunResult
    iteration: int = 0
    parameters: int
    multiply_adds: int
    weighted_layers: int
    tested_images: int | None = None
    conditions: tuple[Conditions, ...] = ()
    warmed_up_at: int | None = None
    forked_at: int | None = None

    @property
    def spec(self) -> RunSpec:
        return self.result.spec

    @property
    def is_alive(self) -> bool:
        """Whether its run has succeeded or may still succeed."""
        return self.state in ("succeeded", "unfinished")

    def missing(self, fate: Fate) -> MissingSeed:
        return MissingSeed(seed=self.seed, fate=fate, reason=self.reason)

    @property
    def test_error(self) -> float | None:
        return self.result.last.get(TRAINING_PROTOCOLS[self.spec.family])

    def as_result(self) -> Result:
        """The member as the protocol check reads it."""
        return Result(
            spec=self.spec,
            iteration=self.iteration,
            test_error=self.test_error,
            test_images=self.tested_images,
            conditions=self.conditions,
            warmed_up_at=self.warmed_up_at,
            forked_at=self.forked_at,
        )


class DeletedMember(Frozen):
    """A member of a study whose run was deleted: nothing but its label and seed is left."""

    label: str
    seed: int


@dataclass(frozen=True)
class StudyNetwork:
    """The members with one label: one network, seed by seed. `findings` are on all of them, each once.

    `deleted` are the seeds whose runs were deleted.
    """

    label: str
    members: tuple[MemberResult, ...]
    findings: tuple[Finding, ...] = ()
    deleted: tuple[int, ...] = ()

    @property
    def spec(self) -> RunSpec:
        return self.members[0].spec

    @property
    def seeds(self) -> list[int]:
        return sorted([*self.deleted, *(member.seed for member in self.members)])

    @property
    def planned(self) -> int:
        """All of its seeds, also those whose runs were deleted."""
        return len(self.members) + len(self.deleted)

    @property
    def succeeded(self) -> list[RunResult]:
        return [member.result for member in self.members if member.state == "succeeded"]

    @property
    def errors(self) -> LastErrors:
        return LastErrors.of(self.succeeded, TRAINING_PROTOCOLS[self.spec.family])

    def missing(self, has_result: Callable[[RunResult], bool] = lambda _: True) -> tuple[MissingSeed, ...]:
        """The seeds that do not count, in order. `has_result`: whether a run that succeeded has what is compared."""
        missing = [MissingSeed(seed=seed, fate="deleted") for seed in self.deleted]
        for member in self.members:
            if member.state != "succeeded":
                missing.append(member.missing(member.state))
            elif not has_result(member.result):
                missing.append(member.missing("not evaluated"))
        return tuple(sorted(missing, key=lambda seed: seed.seed))

    @property
    def train_errors(self) -> tuple[float, ...]:
        """Training errors over the last tenth of the iterations, one for each run that succeeded."""
        return tuple(result.train_error for result in self.succeeded if result.train_error is not None)

    @property
    def tests(self) -> tuple[str, ...]:
        return self.members[0].tests


def by_network(members: Iterable[MemberResult], deleted: Iterable[DeletedMember] = ()) -> list[StudyNetwork]:
    """Groups members by label, in their order. Results are checked against all others that succeeded.

    A network of which every run was deleted is left out: see `attrition` of the judgement.
    """
    seeds: dict[str, list[int]] = {}
    for lost in deleted:
        seeds.setdefault(lost.label, []).append(lost.seed)
    networks: dict[str, list[MemberResult]] = {}
    for member in members:
        networks.setdefault(member.label, []).append(member)
    findings = _findings([member for own in networks.values() for member in own])
    return [
        StudyNetwork(
            label,
            tuple(own),
            _once(finding for member in own for finding in findings[id(member)]),
            tuple(sorted(seeds.get(label, ()))),
        )
        for label, own in networks.items()
    ]


def _findings(members: list[MemberResult]) -> dict[int, tuple[Finding, ...]]:
    """By the member's `id()`. Until a run has succeeded, there is only its specification to check."""
    results = {id(member): member.as_result() for member in members if member.state == "succeeded"}
    shown = Neighbours(list(results.values()))
    return {id(member): _on(member, results.get(id(member)), shown) for member in members}


def _on(member: MemberResult, result: Result | None, shown: Neighbours) -> tuple[Finding, ...]:
    if result is None:
        return _on_spec(member.spec.model_copy(update={"seed": 0}))
    return (*_on_spec(result.seedless), *lint.of_outcome(replace(result, neighbours=shown)))


@lru_cache(maxsize=1024)
def _on_spec(spec: RunSpec) -> tuple[Finding, ...]:
    """Cached by a spec without its seed: no rule on a specification reads the seed, so a study has few of them."""
    return tuple(lint.findings(spec))


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(finding.rule, finding.message): finding for finding in findings}.values())
