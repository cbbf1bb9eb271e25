"""Figures for print: any name is text, the same figure is the same bytes, colours are the dashboard's."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.drawing import Drawing, DrawnAxis, DrawnLine, Format, Panel, Style, draw
from paper.palette import COLOURS, DASHES, PREFERRED, Member, Stroke, strokes
from tests.drawn import curves, words

SCRIPT = Path(__file__).parents[2] / "frontend/src/chart/look.ts"
BEGINS: dict[Format, bytes] = {"svg": b"<?xml", "pdf": b"%PDF-1.", "png": b"\x89PNG\r\n"}
TRAPS = ["_hidden", "$\\frac{1}$", "<img src=x onerror=alert(1)>", "漢字", "x" * 200]


def figure(*names: str) -> Drawing:
    lines = [DrawnLine([0, 1, 2], [10 + n, math.nan, 5], Style("#123456", width=2)) for n in range(len(names))]
    panel = Panel(DrawnAxis("iter.", (0, 2)), DrawnAxis("error (%)", (0, 20)), lines, [(1, "lr 0.01")])
    return Drawing("a title", [panel], [(name, Style("#123456")) for name in names], "bold: test")


@pytest.mark.parametrize("form", BEGINS)
def test_each_format_is_valid_and_reproducible(form: Format) -> None:
    drawn = draw(figure("one", "two"), form)
    assert drawn.startswith(BEGINS[form])
    assert drawn == draw(figure("one", "two"), form)
    assert drawn != draw(figure("one", "three"), form)


@pytest.mark.parametrize("name", TRAPS)
def test_any_name_is_drawn_as_text(name: str) -> None:
    svg = draw(figure(name), "svg").decode()
    assert name in "".join(words(svg))
    assert b"%%EOF" in draw(figure(name), "pdf")


def test_curves_are_where_their_numbers_are() -> None:
    panel = Panel(
        DrawnAxis("iter.", (0, 2)),
        DrawnAxis("error (%)", (0, 20)),
        [
            DrawnLine([0, 1, 2], [20, 10, 0], Style("#0066b3", (5, 3))),
            DrawnLine([0, 2], [10, 10], Style("#c14a00", width=2)),
        ],
    )
    falling, level = curves(draw(Drawing("", [panel]), "svg").decode())
    assert (falling.colour, falling.is_dashed, level.width, level.is_dashed) == ("#0066b3", True, 2, False)
    (left, top), (middle, half), (right, bottom) = falling.points
    assert left < middle < right
    assert middle - left == pytest.approx(right - middle)
    assert half - top == pytest.approx(bottom - half)
    assert [y for _, y in level.points] == pytest.approx([half, half])


def test_the_colours_are_the_dashboards() -> None:
    look, rule = SCRIPT.read_text(), (SCRIPT.parent / "hues.ts").read_text()
    light = re.search(r"LIGHT.*?lines: \[(.*?)\]", look, re.DOTALL)
    dashes = re.search(r"DASHES.*? = \[(.*)\];", look)
    preferred = re.search(r"PREFERRED.*?= \{(.*?)\}", rule, re.DOTALL)
    assert light
    assert dashes
    assert preferred
    assert tuple(re.findall(r"#\w+", light[1])) == COLOURS
    assert [tuple(map(float, re.findall(r"\d+", part))) for part in re.findall(r"\[(.*?)\]", dashes[1])] == list(DASHES)
    assert {depth: int(hue) for depth, hue in re.findall(r'"(\d+)": (\d)', preferred[1])} == PREFERRED


def test_a_depth_has_its_printed_colour_in_every_panel() -> None:
    members = [Member("20"), Member("56"), Member("20", 1), Member("56", 1)]
    assert strokes(members, is_dash_training=True) == [Stroke(3, 0), Stroke(1, 0)] * 2


def test_curves_of_one_depth_differ_in_their_dash_and_in_a_preset_in_their_hue() -> None:
    assert strokes([Member("20")] * 2, is_dash_training=False) == [Stroke(3, 0), Stroke(3, 1)]
    first, second = strokes([Member("20")] * 2, is_dash_training=True)
    assert first.hue != second.hue
    assert first.dash == second.dash == 0


@given(
    members=st.lists(st.builds(Member, st.sampled_from([*PREFERRED, "a", "b", "c"]), st.integers(0, 3)), max_size=8),
    is_dash_training=st.booleans(),
)
@settings(max_examples=300)
def test_no_two_of_up_to_eight_curves_look_the_same_in_a_panel(members: list[Member], is_dash_training: bool) -> None:
    given_out = strokes(members, is_dash_training=is_dash_training)
    for panel in range(4):
        inside = [stroke for member, stroke in zip(members, given_out, strict=True) if member.panel == panel]
        assert len(set(inside)) == len(inside)
        assert not (is_dash_training and any(stroke.dash for stroke in inside))


def test_panels_stand_side_by_side_with_common_axes() -> None:
    lines = [DrawnLine([0, 1, 2], [20, 10, 0], Style("#0066b3"))]
    axes = (DrawnAxis("iter.", (0, 2)), DrawnAxis("error (%)", (0, 20)))
    panels = [Panel(*axes, lines, title=title) for title in ("plain", "residual")]
    svg = draw(Drawing("", panels, is_row=True, legend=[("plain", None), ("one", Style("#0066b3"))]), "svg").decode()
    left, right = curves(svg)
    assert [y for _, y in left.points] == pytest.approx([y for _, y in right.points])
    assert left.points[-1][0] < right.points[0][0]
    assert words(svg).count("error (%)") == 1
    assert {"plain", "residual", "one"} <= set(words(svg))


def test_an_axis_of_durations_has_hours() -> None:
    panel = Panel(DrawnAxis("device time", (0, 36_000), scale="duration"), DrawnAxis("error (%)", (0, 20)), [])
    assert {"0", "2 h", "4 h", "10 h"} <= set(words(draw(Drawing("", [panel]), "svg").decode()))


def test_a_logarithmic_axis_has_plain_numbers() -> None:
    panel = Panel(DrawnAxis("iter.", (1, 1000), is_log=True), DrawnAxis("error (%)", (0.1, 100), is_log=True), [])
    said = words(draw(Drawing("", [panel]), "svg").decode())
    assert {"0.1", "1", "10", "100", "1000"} <= set(said)
    assert not any("$" in word for word in said)
