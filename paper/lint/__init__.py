"""The protocol check: compares a specification, or a result, with the paper and reports the differences.

The paper's values are `RunSpec`'s defaults, so each is written once. What the trainer can do in one way only needs
no rule: it subtracts the mean per pixel, does not divide by the standard deviation, has no dropout, applies BN before
the addition, and averages softmax scores over ten crops.
"""

from paper.findings import Finding
from paper.lint import arithmetic, data, neighbours, networks, optimisation, results, schedule, warmup
from paper.lint.facts import Conditions, Quoted, Result
from paper.lint.rule import Rule, Specification
from trainer.spec import RunSpec

# Rules on a specification, and on a run that has ended.
RULES: tuple[Rule[Specification], ...] = (
    *networks.RULES,
    *data.RULES,
    *optimisation.RULES,
    *schedule.RULES,
    *warmup.RULES,
    *arithmetic.RULES,
)
RESULT_RULES: tuple[Rule[Result], ...] = (*results.RULES, *neighbours.RULES)

ORDER = {field: position for position, field in enumerate(RunSpec.model_fields)}

__all__ = [
    "RESULT_RULES",
    "RULES",
    "Conditions",
    "Quoted",
    "Result",
    "departures",
    "findings",
    "of_outcome",
    "of_result",
]


def findings(spec: RunSpec) -> list[Finding]:
    """Every finding on a specification, in the order of its fields."""
    subject = Specification.of(spec)
    return _in_order([finding for rule in RULES for finding in rule.findings(subject)])


def departures(spec: RunSpec) -> list[Finding]:
    """The findings that keep a result from being compared with the paper's."""
    return [finding for finding in findings(spec) if finding.severity == "departure"]


def of_result(result: Result) -> list[Finding]:
    """Every finding on a run that has ended: on its specification first, then on its outcome."""
    return [*findings(result.spec), *of_outcome(result)]


def of_outcome(result: Result) -> list[Finding]:
    """The findings on a run's outcome alone."""
    return _in_order([finding for rule in RESULT_RULES for finding in rule.findings(result)])


def _in_order(unsorted: list[Finding]) -> list[Finding]:
    return sorted(unsorted, key=lambda finding: ORDER.get(finding.field, len(ORDER)))
