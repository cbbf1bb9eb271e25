"""A study's table to download: each verdict with the interval that decided it, in every format."""

import csv
import io

from paper import published
from paper.results import LastError, LastErrors
from paper.studies.cells import ErrorQuestion, error_cell
from paper.studies.judgement import Judgement
from paper.studies.setting import Setting
from paper.studies.table import as_csv, as_latex, as_markdown


def judgement(*errors: float) -> Judgement:
    ours = LastErrors(tuple(LastError(error) for error in errors))
    question = ErrorQuestion("ResNet-20 A", published.value(6, "ResNet-20", "error"), (), looks=1)
    cell = error_cell(question, ours, missing=())
    return Judgement(
        setting=Setting(dataset="cifar10", scale=1, departures=()), networks=(), deleted_networks=(), cells=(cell,),
        statements=(), claims=(), claim_attrition=(), depths=(),
    )  # fmt: skip


def test_the_export_shows_the_interval_that_decided_and_its_assumption() -> None:
    reproduced = "reproduced: +0.00 (−0.47 to +0.47, taking the paper's single run as the network's mean)"
    assert reproduced in as_markdown(judgement(8.47, 8.75, 9.03))
    worse = "worse: +0.80 (+0.63 to +0.97, taking the paper's single run as one run with your spread)"
    assert worse in as_markdown(judgement(9.6, 9.5, 9.55))


def test_latex_has_a_minus_that_it_can_print() -> None:
    assert "($-$0.47 to +0.47, taking" in as_latex(judgement(8.47, 8.75, 9.03))


def test_csv_has_the_outcome_alone_and_the_conclusion() -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv(judgement(8.47, 8.75, 9.03))))
    assert row["verdict"] == "reproduced"
    assert row["conclusion"].startswith("reproduced: +0.00 (−0.47 to +0.47")


def test_a_verdict_without_an_interval_is_its_outcome() -> None:
    assert "| inconclusive |" in as_markdown(judgement(8.7))
