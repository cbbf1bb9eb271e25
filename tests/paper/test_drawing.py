"""Figures for print: any name is text, the same figure is the same bytes, colours are the dashboard's."""

import math
import re
from pathlib import Path

import pytest

from paper.drawing import Drawing, DrawnAxis, DrawnLine, Format, Panel, Style, draw
from paper.palette import COLOURS, DASHES, hue, line_styles
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


def test_a_run_has_the_same_colour_as_in_the_dashboard() -> None:
    written = SCRIPT.read_text()
    light = re.search(r"LIGHT.*?lines: \[(.*?)\]", written, re.DOTALL)
    dashes = re.search(r"DASHES.*? = \[(.*)\];", written)
    depths = re.search(r"DEPTHS = \[(.*?)\]", written)
    assert light
    assert dashes
    assert depths
    assert tuple(re.findall(r"#\w+", light[1])) == COLOURS
    assert [tuple(map(float, re.findall(r"\d+", part))) for part in re.findall(r"\[(.*?)\]", dashes[1])] == list(DASHES)
    assert [hue(depth) for depth in re.findall(r"\d+", depths[1])] == [0, 1, 2, 3, 4]
    assert hue("019a0000-0000-7000-8000-000000000001") == 2  # as look.test.ts has it


def test_curves_of_the_same_colour_differ_in_their_dashes() -> None:
    assert line_styles(["20", "56", "20", "20"]) == [(0, 0), (3, 0), (0, 1), (0, 2)]
