"""Reads a figure drawn as SVG: its curves and its text."""

import re
from typing import NamedTuple
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


class Curve(NamedTuple):
    colour: str
    width: float
    is_dashed: bool
    points: list[tuple[float, float]]


def curves(svg: str) -> list[Curve]:
    """The curves with points, in drawing order; y grows downwards."""
    drawn = ElementTree.fromstring(svg)  # noqa: S314 (ours)
    groups = [group for group in drawn.iter(f"{SVG}g") if group.get("id", "").startswith("curve-")]
    # One that has an id is the dot, which is used at each point.
    paths = [path for group in groups for path in group.iter(f"{SVG}path") if path.get("d") and not path.get("id")]
    return [_curve(path.get("d", ""), path.get("style", "")) for path in paths]


def dots(svg: str) -> int:
    """On all the curves together."""
    drawn = ElementTree.fromstring(svg)  # noqa: S314 (ours)
    groups = [group for group in drawn.iter(f"{SVG}g") if group.get("id", "").startswith("curve-")]
    return sum(1 for group in groups for _ in group.iter(f"{SVG}use"))


def words(svg: str) -> list[str]:
    drawn = ElementTree.fromstring(svg)  # noqa: S314 (ours)
    return ["".join(text.itertext()).strip() for text in drawn.iter(f"{SVG}text")]


def _curve(path: str, style: str) -> Curve:
    lines = dict(part.strip().split(": ", 1) for part in style.split(";") if part.strip())
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    return Curve(lines["stroke"], float(lines.get("stroke-width", 1)), "stroke-dasharray" in lines, points)
