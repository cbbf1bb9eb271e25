"""The bar of a run's progress in a terminal; the notebooks' is in tests/reslab/test_first_hour.py."""

import pytest

from reslab.lab.progress import Progress, shown

STEPS = [Progress(2, "test error 7.81 %"), Progress(2), Progress(4, "test error 6.25 %")]


def test_the_bar_counts_iterations_and_shows_the_newest_test_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(shown(STEPS, 4, "ResNet-8 A", visible=True)) == STEPS
    bar = capsys.readouterr().err
    assert "ResNet-8 A: 100%" in bar
    assert "4/4" in bar
    assert "test error 6.25 %" in bar


def test_without_a_bar_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(shown(STEPS, 4, "ResNet-8 A", visible=False)) == STEPS
    assert capsys.readouterr().err == ""
