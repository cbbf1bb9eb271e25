"""What a terminal shows."""

import pytest

from reslab import screen


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (50, "50 s"), (119, "2 min"), (240, "4 min"), (3600, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_a_duration_is_as_coarse_as_it_is_long(seconds: float | None, text: str) -> None:
    assert screen.duration(seconds) == text


def test_a_table_is_as_wide_as_its_widest_cell() -> None:
    rows = [{"name": "ResNet-20 A"}, {"name": "plain-20"}]
    shown = screen.table(rows, [("NAME", lambda row: row["name"]), ("DEPTH", lambda row: row["name"].split()[0][-2:])])
    assert shown.splitlines() == ["NAME         DEPTH", "ResNet-20 A  20", "plain-20     20"]


def test_the_steps_of_a_chunk_are_one_line_about_its_last_iteration() -> None:
    body = {"first": 101, "every": 10, "count": 2, "loss": 1.25, "error": 42.5, "lr": 0.1}
    line = screen.event({"kind": "steps", "body": body})
    assert line == "iteration 111: train error 42.50 %, loss 1.250, lr 0.1"


def test_an_error_that_is_not_known_is_a_dash_and_zero_is_zero() -> None:
    assert (screen.percent(None), screen.percent(0.0)) == ("–", "0.00 %")
