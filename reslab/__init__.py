"""Reslab: a training service for one paper, and what a notebook needs of it.

    from reslab import Reslab, networks

Both names load on first use: `reslab --help` and `reslab up` need neither httpx nor torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reslab import networks
    from reslab.lab import Comparison, Figure, Reslab, Run, RunFailed, Study

__all__ = ["Comparison", "Figure", "Reslab", "Run", "RunFailed", "Study", "networks"]


def __getattr__(name: str) -> Any:  # Any: a class or a module; the import above gives mypy its type
    if name == "networks":
        return import_module("reslab.networks")
    if name in __all__:
        return getattr(import_module("reslab.lab"), name)
    raise AttributeError(f"reslab has no {name}. It has {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return __all__
