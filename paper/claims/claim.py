"""A claim: a sentence of the paper, and the comparisons between networks that test it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from paper.power import MARGIN
from trainer.catalog import Family
from trainer.spec import RunSpec, Shortcut

# What is measured in a run. Errors are percent; the mean response is the mean standard deviation over the layers of
# Fig. 7; the start of convergence is an iteration.
Measure = Literal["training error", "early training error", "test error", "mean response", "start of convergence"]


@dataclass(frozen=True)
class Net:
    """A network as an experiment trains it. `length` is a multiple of the paper's iterations (footnote 3)."""

    depth: int
    shortcut: Shortcut
    family: Family = "cifar"
    warmed_up: bool = True
    length: int = 1

    @property
    def label(self) -> str:
        """The name in recipes: plain-56, ResNet-110 A without warm-up."""
        name = f"plain-{self.depth}" if self.shortcut == "none" else f"ResNet-{self.depth} {self.shortcut}"
        longer = f", {self.length}× the iterations" if self.length > 1 else ""
        return name + ("" if self.warmed_up else " without warm-up") + longer

    def is_of(self, spec: RunSpec, scale: float) -> bool:
        """Whether a run trains this network with this share of the paper's schedule, and with the paper's warm-up."""
        if (spec.family, spec.depth, spec.shortcut) != (self.family, self.depth, self.shortcut):
            return False
        warmup = _paper(self, spec.dataset).warmup if self.warmed_up else None
        return spec.warmup == warmup and spec.iterations == max(1, round(self.iterations(spec.dataset) * scale))

    def iterations(self, dataset: str) -> int:
        """How long the paper trains this network, in iterations."""
        return self.length * _paper(self, dataset).iterations


@dataclass(frozen=True)
class Below:
    """One network's measure is lower than another's: a one-sided test."""

    lower: Net
    higher: Net
    measure: Measure

    @property
    def nets(self) -> tuple[Net, ...]:
        return self.lower, self.higher

    @property
    def sentence(self) -> str:
        return f"{self.measure}: {self.lower.label} below {self.higher.label}"


@dataclass(frozen=True)
class Alike:
    """Two networks' measures differ by less than the margin, in points: two one-sided tests."""

    first: Net
    second: Net
    measure: Measure
    margin: float = MARGIN

    @property
    def nets(self) -> tuple[Net, ...]:
        return self.first, self.second

    @property
    def sentence(self) -> str:
        return f"{self.measure}: {self.first.label} and {self.second.label} within {self.margin:.3g} points"


@dataclass(frozen=True)
class Bound:
    """Every run of a network is on one side of a number. This is not a statistical test."""

    net: Net
    measure: Measure
    side: Literal["below", "above"]
    number: float

    @property
    def nets(self) -> tuple[Net, ...]:
        return (self.net,)

    @property
    def sentence(self) -> str:
        return f"{self.measure}: {self.net.label} {self.side} {self.number:g} %"


@dataclass(frozen=True)
class Count:
    """A fact that follows from the architecture and that `check` counts."""

    sentence: str
    check: Callable[[], bool]

    @property
    def nets(self) -> tuple[Net, ...]:
        return ()


Part = Below | Alike | Bound | Count


@dataclass(frozen=True)
class Claim:
    """A claim of the paper. It holds if all of its parts hold.

    `quote` is the id of the paper's sentence, and `recipes` train the runs that test the claim. `varies` are the fields
    the claim is about, in which its runs may differ from the protocol; runs that differ in others cannot test it.
    `untestable` says why this service cannot test the claim at all.
    """

    id: str
    quote: str
    sentence: str
    parts: tuple[Part, ...] = ()
    recipes: tuple[str, ...] = ()
    varies: frozenset[str] = frozenset()
    untestable: str | None = None


@lru_cache(maxsize=256)
def _paper(net: Net, dataset: str) -> RunSpec:
    return RunSpec(depth=net.depth, shortcut=net.shortcut, dataset=dataset, family=net.family)


def rising(measure: Measure, *nets: Net) -> tuple[Below, ...]:
    """The measure rises from each network to the next."""
    return tuple(Below(lower, higher, measure) for lower, higher in pairwise(nets))


def falling(measure: Measure, *nets: Net) -> tuple[Below, ...]:
    """The measure falls from each network to the next."""
    return tuple(Below(lower, higher, measure) for higher, lower in pairwise(nets))
