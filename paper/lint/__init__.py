"""The protocol's lint: reads a specification, or a result, beside the paper and says where the two differ.

The paper's values are those of `RunSpec` with every optional field left out: they stand in one place. What the trainer
cannot do needs no rule: its mean is per pixel, it divides by no std, has no dropout, its BN comes before the addition,
and its 10-crop averages softmax scores.
"""

from paper.findings import Finding
from paper.lint import arithmetic, data, neighbours, networks, optimisation, results, schedule, warmup
from paper.lint.facts import Conditions, Quoted, Result
from paper.lint.rule import Asked, Rule
from trainer.spec import RunSpec

# Of a specification, and of a run that has ended.
RULES: tuple[Rule[Asked], ...] = (
    *networks.RULES,
    *data.RULES,
    *optimisation.RULES,
    *schedule.RULES,
    *warmup.RULES,
    *arithmetic.RULES,
)
RESULT_RULES: tuple[Rule[Result], ...] = (*results.RULES, *neighbours.RULES)

ORDER = {field: place for place, field in enumerate(RunSpec.model_fields)}

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
    """Every difference worth a sentence, in the order of the spec's fields."""
    asked = Asked.by(spec)
    return _in_order([finding for rule in RULES for finding in rule.findings(asked)])


def departures(spec: RunSpec) -> list[Finding]:
    """Those that keep a result from standing beside the paper's unmarked."""
    return [finding for finding in findings(spec) if finding.severity == "departure"]


def of_result(result: Result) -> list[Finding]:
    """What there is to say of a run that has ended: of its specification, then of what came of it."""
    return [*findings(result.spec), *of_outcome(result)]


def of_outcome(result: Result) -> list[Finding]:
    """What came of a run, without what its specification says already."""
    return _in_order([finding for rule in RESULT_RULES for finding in rule.findings(result)])


def _in_order(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: ORDER.get(finding.field, len(ORDER)))
