"""What nobody said of a result made elsewhere: a finding of its own kind, which is not the same as kept."""

from dataclasses import replace
from typing import Any, Final

import pytest

from paper import lint, published
from paper.findings import Severity
from paper.lint import Result
from paper.lint.facts import ForeignResult
from paper.lint.unknown import is_decisive
from paper.results import LastError, LastErrors
from paper.verdicts import verdict
from tests.paper.lint.test_perturbations import CIFAR, IMAGENET, ON_CIFAR, ON_IMAGENET
from trainer.spec import RunSpec

EXACT: Final = CIFAR[1]
NOTHING_UNKNOWN: Final = ForeignResult(frozenset(), has_rates=True, tested_at=64_000)


def severities(spec: RunSpec, *unknown: str) -> dict[str, Severity]:
    return {finding.field: finding.severity for finding in lint.findings(spec, frozenset(unknown))}


def foreign(**changes: Any) -> Result:  # Any: a result's facts
    return replace(Result(EXACT, 64_000, 8.6, 10_000, foreign=NOTHING_UNKNOWN), **changes)


def rules(result: Result) -> set[str]:
    return {finding.rule for finding in lint.of_result(result)}


@pytest.mark.parametrize(
    ("spec", "table"), [(EXACT, ON_CIFAR), (next(spec for spec in IMAGENET if spec.depth == 50), ON_IMAGENET)]
)
def test_a_field_that_could_be_a_departure_forbids_the_comparison_while_it_is_unknown(
    spec: RunSpec,
    table: dict[str, list[tuple[Any, Severity | None]]],  # Any: a field's value
) -> None:
    for field, values in table.items():
        could_depart = any(least == "departure" for _, least in values) or (
            field == "stride_in_1x1" and spec.depth >= 50
        )
        assert is_decisive(field, spec) == (could_depart or field in ("family", "depth", "shortcut")), field
        assert (severities(spec, field).get(field) == "unknown") == is_decisive(field, spec), field


def test_an_unknown_field_is_not_judged_by_the_papers_value() -> None:
    departed = EXACT.model_copy(update={"lr": 0.05})
    assert severities(departed) == {"lr": "departure"}
    assert severities(departed, "lr") == {"lr": "unknown"}
    assert severities(EXACT.model_copy(update={"devices": 1}), "batch_size") == {"batch_size": "unknown"}


def test_a_departure_stands_beside_what_nobody_said() -> None:
    short = EXACT.model_copy(update={"iterations": 6400})
    assert severities(short, "batch_size")["iterations"] == "departure"


def test_the_finding_says_what_the_protocol_has() -> None:
    messages = {
        finding.field: finding.message
        for finding in lint.findings(EXACT, frozenset({"lr", "schedule", "warmup", "nesterov", "seed", "batch_size"}))
    }
    assert messages["lr"] == "Nobody said what was used; the protocol has 0.1."
    assert messages["batch_size"].endswith("has 128.")
    assert messages["nesterov"].endswith("has false.")
    assert messages["warmup"].endswith("has none.")
    assert messages["schedule"].endswith("has drops by a factor of 0.1 at 32,000 and 48,000.")
    assert "may be the same run" in messages["seed"]


def test_nothing_that_changes_no_result_is_missed() -> None:
    assert severities(EXACT, "checkpoint_every", "recompute_activations", "stride_in_1x1", "evaluate_every") == {}


def test_a_verdict_on_an_unknown_protocol_is_not_comparable() -> None:
    (value,) = (value for value in published.values(network="ResNet-56 A", table=6) if value.unit == "%")
    ours = LastErrors(tuple(LastError(value.value + shift) for shift in (-0.1, 0.0, 0.1, 0.05, -0.05)))
    assert verdict(ours, value, lint.findings(EXACT)).outcome == "reproduced"
    unknown = verdict(ours, value, lint.findings(EXACT, frozenset({"momentum"})))
    assert (unknown.outcome, unknown.reasons) == (
        "not comparable",
        ("Momentum: Nobody said what was used; the protocol has 0.9.",),
    )


def test_a_result_made_elsewhere_says_so_and_how_it_was_measured() -> None:
    assert "made-elsewhere" in rules(foreign())
    assert "made-elsewhere" not in rules(foreign(foreign=None))
    assert "tested-before-the-end" in rules(foreign(foreign=replace(NOTHING_UNKNOWN, tested_at=32_000)))
    assert "tested-before-the-end" not in rules(foreign())
    assert "test-images-not-said" in rules(foreign(test_images=None))
    assert "test-images" in rules(foreign(test_images=2_000))


def test_a_warm_up_without_recorded_rates_is_not_said_to_have_never_ended() -> None:
    deep = next(spec for spec in CIFAR if spec.depth == 110 and spec.warmup)
    recorded = foreign(spec=deep)
    assert "warm-up-never-ended" in rules(recorded)
    assert "warm-up-never-ended" not in rules(replace(recorded, foreign=replace(NOTHING_UNKNOWN, has_rates=False)))
