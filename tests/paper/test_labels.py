"""No label of a figure covers another one, a curve or a curve's end: all stand in the panels' margins."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paper.drawing import LEVEL, Drawing, DrawnAxis, DrawnLine, Panel, Style, draw, laid_out
from paper.labels import GAP, ROW, Box, at_levels, in_rows, overlap, spread
from tests.drawn import words

CURVE = DrawnLine([0, 1, 2, 6], [90, 20, 12, 7], Style("#123456", width=2))
TEXTS = ("lr 0.1 → 0.01", "lr 0.001", "attempt 2", "plain-20, seed 0: attempt 3", "checkpoint")


@given(
    lines=st.lists(st.tuples(st.floats(0, 400), st.sampled_from(TEXTS), st.floats(10, 150)), max_size=20),
    levels=st.lists(st.tuples(st.floats(0, 200), st.just("6.50"), st.just(18.0)), max_size=30),
    rows=st.integers(1, 3),
)
@settings(max_examples=300)
def test_no_two_labels_overlap_and_none_leaves_its_margin(
    lines: list[tuple[float, str, float]], levels: list[tuple[float, str, float]], rows: int
) -> None:
    above = [label.box for label in in_rows(lines, 400, rows=rows, bottom=200)]
    beside = [label.box for label in at_levels(levels, 200)]
    for boxes in (above, beside):
        assert not any(overlap(one, other) for one, other in combinations(map(shrunk, boxes), 2))
    assert all(
        box.left >= 0 and box.left + box.width <= 400 and 200 <= box.bottom <= 200 + (rows - 1) * ROW for box in above
    )
    assert all(-1e-6 <= box.bottom <= 200 - ROW + 1e-6 for box in beside)
    assert len(beside) == min(len(levels), 20)


def shrunk(box: Box) -> Box:
    """By a rounding error."""
    return box._replace(bottom=box.bottom + 1e-6, height=box.height - 2e-6)


def test_a_label_that_would_leave_the_panel_moves_no_further_from_its_line_than_to_the_edge() -> None:
    first, second = in_rows([(100, "lr 0.1 → 0.01", 50), (170, "lr 0.01 → 0.001", 60)], 222, rows=2, bottom=0)
    assert (first.box.left, second.box.left, second.box.bottom) == (100, 222 - 60 - GAP, 0)


def test_labels_move_apart_by_as_little_as_possible() -> None:
    assert spread([50, 100, 101], 10, (0, 200)) == [50, 95.5, 105.5]
    assert spread([-4, 198], 10, (0, 200)) == [0, 190]
    assert spread([190, 191, 192], 10, (0, 200)) == [170, 180, 190]


@pytest.mark.parametrize("seed", range(8))
def test_as_drawn_no_text_lies_over_a_panel_or_over_another_text(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (a test's sample)
    panels = [any_panel(random) for _ in range(random.randint(1, 3))]
    with laid_out(Drawing("", panels, [("one", CURVE.style)], "bold: test", ["Data: x."], seed % 2 == 0)) as sheet:
        sheet.draw_without_rendering()
        shown = [axes for axes in sheet.axes if axes.axison]
        texts = {
            text: text.get_window_extent().padded(-0.5)
            for axes in shown
            for text in (*axes.texts, axes.title)
            if text.get_text()
        }
        numbers = [box for axes in shown for axis in (axes.xaxis, axes.yaxis) if (box := axis.get_tightbbox())]
        areas = [axes.bbox for axes in shown]
        assert [text for text, box in texts.items() if any(box.overlaps(other) for other in [*areas, *numbers])] == []
        assert [pair for pair in combinations(texts, 2) if texts[pair[0]].overlaps(texts[pair[1]])] == []


def any_panel(random: Random) -> Panel:
    """With drops, marks and levels, which are near each other as often as anywhere, as the paper's errors are."""

    def marks(most: int) -> list[tuple[float, str]]:
        return sorted((random.uniform(0, 6), random.choice(TEXTS)) for _ in range(random.randint(0, most)))

    low, high = random.choice([(6, 9), (0, 20)])
    levels = [(random.uniform(low, high), "paper") for _ in range(random.randint(0, 6))]
    title, axes = random.choice(["", "plain"]), (DrawnAxis("iter. (1e4)", (0, 6)), DrawnAxis("error (%)", (0, 20)))
    return Panel(*axes, [CURVE], marks(4), title, levels, marks(12))


def test_a_level_has_its_value_beside_the_panel_and_its_name_in_the_legend() -> None:
    levels = [(6.50, "paper, ResNet-110: 6.50 ± 0.20"), (33.0, "above the range")]
    panel = Panel(DrawnAxis("iter.", (0, 6)), DrawnAxis("error (%)", (0, 20)), [CURVE], levels=levels)
    said = words(draw(Drawing("", [panel], [(levels[0][1], LEVEL)]), "svg").decode())
    assert said.count("6.50") == 1
    assert "33.00" not in said
    assert " ".join(said).count("paper, ResNet-110: 6.50 ± 0.20") == 1


@pytest.mark.parametrize("scale", [False, True])
def test_a_level_is_labelled_at_its_height_on_either_scale(scale: bool) -> None:
    axis = DrawnAxis("error (%)", (1, 100), is_log=scale)
    with laid_out(Drawing("", [Panel(DrawnAxis("iter.", (0, 6)), axis, [], levels=[(10, "ten")])])) as sheet:
        (axes,) = sheet.axes
        (label,) = [text for text in axes.texts if text.get_text()]
        middle = axes.transData.transform((0, 10))[1]
        box = label.get_window_extent()
        assert box.y0 < middle < box.y1
