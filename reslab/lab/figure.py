"""A figure that the service drew: a notebook shows it, `save` writes it for print."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

_FORMS = (".svg", ".pdf", ".png")


class Figure:
    """Curves as the service draws them for print. The last expression of a notebook's cell shows itself.

    >>> run.figure().svg[:5]
    '<?xml'
    """

    def __init__(self, draw: Callable[[str], bytes]) -> None:
        """`draw` takes svg, pdf or png and returns the file's content."""
        self._draw = draw

    @cached_property
    def svg(self) -> str:
        """The figure as SVG, with its text as text.

        >>> "</svg>" in run.figure().svg
        True
        """
        return self._draw("svg").decode()

    def save(self, file: str | Path) -> Path:
        """Write the figure to a file whose name ends in .svg, .pdf or .png. Raises ValueError for another ending.

        >>> run.figure().save("curves.pdf").stat().st_size > 1000
        True
        """
        path = Path(file)
        if path.suffix not in _FORMS:
            raise ValueError(f"{path} must end in one of {', '.join(_FORMS)}.")
        path.write_bytes(self._draw(path.suffix[1:]))
        return path

    def _repr_svg_(self) -> str:
        return self.svg
