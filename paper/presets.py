"""Owns how error curves are drawn: in the form of Fig. 4, in that of Fig. 6, or free of both."""

from typing import Literal

from paper import published
from paper.printed import MainError, PrintedFigure

Preset = Literal["fig4", "fig6", "free"]


def printed_figure(preset: Preset) -> PrintedFigure | None:
    """The figure whose axes and lines a preset copies; None for the free form."""
    return next((figure for figure in published.figures() if figure.preset == preset), None)


def main_error(*, has_validation: bool, preset: Preset = "free") -> MainError:
    """The error that is drawn bold: validation error, or test error where no validation images were set aside.

    Fig. 6 shows the test error in any case.
    """
    figure = printed_figure(preset)
    is_test = figure is not None and figure.bold == "test_error"
    return "test_error" if is_test or not has_validation else "val_error"
