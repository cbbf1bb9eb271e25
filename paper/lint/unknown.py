"""Findings on fields that nobody declared, for a result that was made elsewhere: unknown is not kept.

A run of this service has none: its specification is complete. See docs/decisions/0037.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from paper.findings import Finding
from paper.lint.rule import Remark, Specification, rule
from trainer.spec import PlateauSchedule, RunSpec

# Fields of which some value is a departure: while one is unknown, the result may depart from the protocol.
DECISIVE: Final = frozenset(
    {
        *("dataset", "family", "depth", "shortcut", "iterations", "batch_size", "lr", "momentum", "nesterov"),
        *("weight_decay", "schedule", "warmup", "train_images", "augment", "precision"),
    }
)
# Fields of which some value is a warning or an info.
TELLING: Final = frozenset({"seed", "init", "decay_batch_norm", "deterministic", "devices"})
# What a warning or an info on a field also depends on: while that is unknown, it may be false.
RESTS_ON: Final[dict[str, frozenset[str]]] = {
    "iterations": frozenset({"batch_size", "train_images"}),
    "schedule": frozenset({"iterations"}),
    "evaluate_every": frozenset({"iterations", "schedule"}),
    "warmup": frozenset({"lr", "iterations"}),
    "devices": frozenset({"batch_size"}),
    "log_every": frozenset({"iterations"}),
}


@rule("not-said", "unknown")
def not_said(subject: Specification) -> Iterator[Remark]:
    """A result made elsewhere comes with how it was made: what nobody said is not taken as kept."""
    yield from _remarks(subject, [field for field in subject.unknown if is_decisive(field, subject.spec)])


@rule("not-said-either", "info")
def not_said_either(subject: Specification) -> Iterator[Remark]:
    """The same for what the paper leaves open, or what changes no expected result."""
    yield from _remarks(subject, TELLING & subject.unknown)


RULES = (not_said, not_said_either)


def is_decisive(field: str, spec: RunSpec) -> bool:
    """Whether some value of this field would be a departure for this network."""
    if field == "stride_in_1x1":
        return spec.family == "imagenet" and spec.depth >= 50  # only bottlenecks have the choice
    if field == "evaluate_every":
        return spec.family == "imagenet" and isinstance(spec.schedule, PlateauSchedule)
    return field in DECISIVE


def stands(finding: Finding, unknown: frozenset[str]) -> bool:
    """Whether a finding is true whatever the unknown fields are."""
    if finding.rule in (not_said.name, not_said_either.name):
        return True
    if finding.field in unknown:
        return False
    return finding.severity == "departure" or not RESTS_ON.get(finding.field, frozenset()) & unknown


def _remarks(subject: Specification, unknown: Iterable[str]) -> Iterator[Remark]:
    return ((field, _message(field, subject.paper)) for field in sorted(unknown))


def _message(field: str, paper: RunSpec) -> str:
    if field == "seed":
        return "Nobody said which, so this may be the same run as another result."
    return f"Nobody said what was used; the protocol has {_protocol(field, paper)}."


def _protocol(field: str, paper: RunSpec) -> str:
    """The paper's value in words."""
    if field == "schedule":
        return _drops(paper)
    if field == "warmup":
        return "none" if paper.warmup is None else f"{paper.warmup.lr:g} until {paper.warmup.until_train_error:g} %"
    value = paper.model_dump(mode="json")[field]
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _drops(paper: RunSpec) -> str:
    if isinstance(paper.schedule, PlateauSchedule):
        return "a drop when the error plateaus"
    drops = " and ".join(f"{at:,}" for at in paper.schedule.at)
    return f"drops by a factor of {paper.schedule.factor:g} at {drops}"
