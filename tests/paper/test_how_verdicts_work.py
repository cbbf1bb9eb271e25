"""Every number of the worked example in docs/how-verdicts-work.md, computed again."""

from pathlib import Path

import pytest

from paper import published
from paper.degradation import GAP_MARGIN
from paper.power import LEVEL, MARGIN, chance_to_confirm, seeds_for_difference, seeds_to_confirm
from paper.results import LastError, LastErrors
from paper.statistics import holm, quantile, sample
from paper.studies.attrition import MissingSeed, bounded
from paper.verdicts import Verdict, signed, verdict
from studies.certificate.replay import TOLERANCES

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "how-verdicts-work.md").read_text().split())
ERRORS = (8.47, 8.75, 9.03)
PRINTED = published.value(6, "ResNet-20", "error")


def judge(looks: int = 1) -> Verdict:
    return verdict(LastErrors(tuple(LastError(error) for error in ERRORS)), PRINTED, looks=looks)


def value(name: str) -> float:
    return next(step.value for step in judge().steps if step.name.startswith(name))


def test_the_table_of_steps() -> None:
    for row in (
        f"| our mean | {value('our mean'):.2f} |",
        f"| our standard deviation (n − 1) | {value('our standard deviation'):.2f} |",
        f"| difference from the paper's {PRINTED.printed} | {signed(value('difference'))} points |",
        f"0.28 / √3 | {value('standard error, taking the paper' + chr(39) + 's number as exact'):.3f} |",
        f"0.28 × √(1 + 1/3) | {value('standard error, taking the paper' + chr(39) + 's number as one run'):.3f} |",
        f"with 2 degrees of freedom | {-quantile(2, LEVEL):.2f} |",
        f"| p of each of the two one-sided tests for equivalence | {value('p, above'):.3f} |",
    ):
        assert row in PAGE
    assert value("p, above") == pytest.approx(value("p, below"))


def test_the_sentence_and_both_intervals() -> None:
    conclusion = judge()
    assert f"> {conclusion.sentence}" in PAGE
    assert conclusion.interval is not None
    assert f"0.162 | {signed(conclusion.interval[0])} to {signed(conclusion.interval[1])} |" in PAGE
    low, high = value("prediction interval (difference), lower"), value("prediction interval (difference), upper")
    assert f"0.323 | {signed(low)} to {signed(high)} |" in PAGE
    assert f"The **margin** is ±{MARGIN:g} points" in PAGE


def test_the_powers() -> None:
    spread = sample(ERRORS).std
    three, five, hundred = (round(100 * chance_to_confirm(spread, runs, PRINTED.value)) for runs in (3, 5, 100))
    enough = seeds_to_confirm(spread, PRINTED.value)
    assert f"in {three} % of studies, five in {five} %, and it takes {enough} for 80 %" in PAGE
    assert f"100 seeds reach {hundred} %" in PAGE
    assert seeds_for_difference(MARGIN, spread) == 5
    assert "five seeds of each detect a difference of 0.5 points" in PAGE


def test_three_looks_at_the_example() -> None:
    conclusion = judge(looks=3)
    assert (conclusion.outcome, conclusion.more_seeds) == ("inconclusive", 4)
    assert conclusion.interval is not None
    assert f"becomes {signed(conclusion.interval[0])} to {signed(conclusion.interval[1])}" in PAGE
    assert f"a third of the level ({LEVEL / 3:.4f})" in PAGE


def test_holms_correction() -> None:
    corrected = holm([0.001, 0.03, 0.04])
    assert corrected == pytest.approx([0.003, 0.06, 0.06])
    assert "0.001, 0.03 and 0.04 become 0.003, 0.06 and 0.06" in PAGE


def test_what_an_audit_compares_and_finds() -> None:
    allowed = "{:.1%}, {:.1%} and {:.0%}".format(*TOLERANCES).replace("%", " %")
    assert f"the losses of the first three iterations must agree to within {allowed}" in PAGE
    assert f"in at least 10 % of cases, and twenty in at least {100 * (1 - 0.9**20):.0f} %" in PAGE


def test_degradations_margin() -> None:
    assert f"the whole interval lies above +{GAP_MARGIN:g} points" in PAGE


def test_the_bound_with_a_missing_seed() -> None:
    missing = [MissingSeed(seed=3, fate="failed", reason="diverged")]
    assert f"> {bounded(ERRORS, missing, judge().outcome, PRINTED.value).sentence}" in PAGE
