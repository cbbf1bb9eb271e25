"""Tables, percentages and durations."""

import pytest

from reslab.screen.text import duration, percent, table


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (50, "50 s"),
        (119, "2 min"),
        (240, "4 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (1_029_600, "11 d 22 h"),
    ],
)
def test_a_duration_is_as_coarse_as_it_is_long(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_column_is_as_wide_as_its_widest_cell() -> None:
    text = table(["ResNet-20 A", "plain-20"], [("NAME", str), ("DEPTH", lambda name: name.split()[0][-2:])])
    assert text.splitlines() == ["NAME         DEPTH", "ResNet-20 A  20", "plain-20     20"]


def test_an_unknown_error_is_a_dash_and_zero_is_zero() -> None:
    assert (percent(None), percent(0.0)) == ("–", "0.00 %")
