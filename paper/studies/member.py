"""What a judge is given of a study: what was asked, and of each member what was measured."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import lint
from paper.findings import Finding
from paper.lint import Conditions, Result
from paper.protocols import TRAINING_PROTOCOLS
from paper.results import LastErrors, RunResult
from trainer.spec import RunSpec


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Question(Frozen):
    """What a study asks. `looks` is among how many looks at it the level of its verdicts is shared."""

    recipe: str
    seeds: int
    scale: float
    dataset: str
    budget: int | None = None
    looks: int = 1


class Ran(Frozen):
    """What one attempt trained on, as its `started` event says."""

    device: str
    versions: dict[str, str]
    data_hash: str


class Trained(Frozen):
    """A member and what became of it. A run that has not ended well counts nowhere but in its curves."""

    label: str
    seed: int
    tests: tuple[str, ...]
    ended: Literal["well", "badly", "not yet"] = Field(description="badly: failed, cancelled or deleted.")
    result: RunResult
    iteration: int = 0
    parameters: int
    multiply_adds: int
    weighted_layers: int
    tested_images: int | None = None
    ran: tuple[Ran, ...] = ()
    warmed_up_at: int | None = None
    forked_at: int | None = None

    @property
    def spec(self) -> RunSpec:
        return self.result.spec

    @property
    def test_error(self) -> float | None:
        return self.result.last.get(TRAINING_PROTOCOLS[self.spec.family])

    def facts(self) -> Result:
        """As the lint looks at it."""
        return Result(
            spec=self.spec,
            iteration=self.iteration,
            test_error=self.test_error,
            test_images=self.tested_images,
            conditions=[Conditions(ran.device, ran.versions, ran.data_hash) for ran in self.ran],
            warmed_up_at=self.warmed_up_at,
            forked_at=self.forked_at,
        )


@dataclass(frozen=True)
class Network:
    """The members of one label: one network, seed by seed. `findings` are the lint's on them, each once."""

    label: str
    members: tuple[Trained, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def spec(self) -> RunSpec:
        return self.members[0].spec

    @property
    def ended_well(self) -> list[RunResult]:
        return [member.result for member in self.members if member.ended == "well"]

    @property
    def errors(self) -> LastErrors:
        return LastErrors.of(self.ended_well, TRAINING_PROTOCOLS[self.spec.family])

    @property
    def train_errors(self) -> tuple[float, ...]:
        """Over the last tenth of the iterations, one a run that ended well."""
        return tuple(result.train_error for result in self.ended_well if result.train_error is not None)

    @property
    def tests(self) -> tuple[str, ...]:
        return self.members[0].tests


def by_network(members: Iterable[Trained]) -> list[Network]:
    """In the order of the first of each. Results are held against all that ended well in the study."""
    found: dict[str, list[Trained]] = {}
    for member in members:
        found.setdefault(member.label, []).append(member)
    facts = [(member, member.facts()) for own in found.values() for member in own if member.ended == "well"]
    findings = {
        id(member): _of_result(each, [other for _, other in facts if other is not each]) for member, each in facts
    }
    return [
        Network(
            label, tuple(own), _once(finding for member in own for finding in findings.get(id(member), _of(member)))
        )
        for label, own in found.items()
    ]


def _of_result(result: Result, neighbours: list[Result]) -> tuple[Finding, ...]:
    held = replace(result, neighbours=neighbours)
    return (*_of_spec(result.seedless), *lint.of_outcome(held))


def _of(member: Trained) -> tuple[Finding, ...]:
    """Of what has not ended the specification is all there is to judge."""
    return _of_spec(member.spec.model_copy(update={"seed": 0}))


@lru_cache(maxsize=1024)
def _of_spec(spec: RunSpec) -> tuple[Finding, ...]:
    """No rule on a specification asks for its seed, and a study has few others."""
    return tuple(lint.findings(spec))


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(finding.rule, finding.message): finding for finding in findings}.values())
