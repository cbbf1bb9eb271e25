"""Finds migrations, dashboard and help. In a clone they lie beside the packages, in a wheel inside of them."""

from pathlib import Path

_CLONE = Path(__file__).parents[2]
# hatch_build.py puts them there, under the paths that they have in a clone.
_WHEEL = Path(__file__).parents[1] / "shipped"


def shipped(path: str) -> Path:
    """The file or folder that a clone has at `path`. It may be missing: a clone has no dashboard before it is built."""
    inside = _WHEEL / path
    return inside if inside.exists() else _CLONE / path
