"""The protocol check: compares a specification, or a result, with the paper and reports the differences.

The paper's values are `RunSpec`'s defaults, so each is written once. What the trainer can do in one way only needs
no rule: it subtracts the mean per pixel, does not divide by the standard deviation, has no dropout, applies BN before
the addition, and averages softmax scores over ten crops.
"""

from paper.findings import Finding
from paper.lint import (
    arithmetic,
    data,
    detection,
    foreign,
    neighbours,
    networks,
    optimisation,
    results,
    schedule,
    unknown,
    warmup,
)
from paper.lint.facts import Conditions, Neighbours, Quoted, Result
from paper.lint.rule import Rule, Specification
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec
from trainer.tasks import Spec

# Rules on a specification, and on a run that has ended.
RULES: tuple[Rule[Specification], ...] = (
    *networks.RULES,
    *data.RULES,
    *optimisation.RULES,
    *schedule.RULES,
    *warmup.RULES,
    *arithmetic.RULES,
    *unknown.RULES,
)
RESULT_RULES: tuple[Rule[Result], ...] = (*results.RULES, *neighbours.RULES, *foreign.RULES)

ORDER = {field: position for position, field in enumerate(RunSpec.model_fields)}

__all__ = [
    "RESULT_RULES",
    "RULES",
    "Conditions",
    "Neighbours",
    "Quoted",
    "Result",
    "departures",
    "findings",
    "of_outcome",
    "of_result",
]


NONE: frozenset[str] = frozenset()


def findings(spec: Spec, not_said: frozenset[str] = NONE) -> list[Finding]:
    """Every finding on a specification, in the order of its fields.

    `not_said` are the fields that nobody declared, for a result made elsewhere. There the specification has the
    paper's values, which count for nothing.
    """
    if isinstance(spec, DetectionSpec):
        return detection.findings(spec)
    subject = Specification.of(spec, not_said)
    reported = (finding for rule in RULES for finding in rule.findings(subject))
    return _in_order([finding for finding in reported if unknown.stands(finding, not_said)])


def departures(spec: Spec, not_said: frozenset[str] = NONE, forked_at: int | None = None) -> list[Finding]:
    """The findings that keep a result from being compared with the paper's: departures, and what nobody said.

    `forked_at` is the iteration of the other run's checkpoint that the run started from; None if it started afresh.
    """
    reported = findings(spec, not_said)
    if forked_at is not None and isinstance(spec, RunSpec):
        reported += results.from_scratch.findings(Result(spec, spec.iterations, None, None, forked_at=forked_at))
    return [finding for finding in reported if finding.forbids_comparison]


def of_result(result: Result) -> list[Finding]:
    """Every finding on a run that has ended: on its specification first, then on its outcome."""
    return [*findings(result.spec, result.unknown), *of_outcome(result)]


def of_outcome(result: Result) -> list[Finding]:
    """The findings on a run's outcome alone."""
    reported = [finding for rule in RESULT_RULES for finding in rule.findings(result)]
    return _in_order([finding for finding in reported if finding.field not in result.unknown])


def _in_order(unsorted: list[Finding]) -> list[Finding]:
    return sorted(unsorted, key=lambda finding: ORDER.get(finding.field, len(ORDER)))
