"""Owns the planning of seeds: how many a verdict takes, before the first run and as results come in.

A study judged again after every seed would sooner or later "prove" anything. So it is judged at most `LOOKS` times,
each time at its share of the level, and between the looks seeds are added according to the observed spread.
"""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from paper.power import (
    FEWEST_SEEDS,
    LEVEL,
    MARGIN,
    MOST_SEEDS,
    POWER,
    Theirs,
    chance_to_confirm,
    seeds_for_difference,
    seeds_to_confirm,
    smallest_difference,
)
from paper.printed import PrintedValue
from paper.results import LastErrors
from paper.spread import prior
from paper.statistics import Sample, sample
from paper.verdicts import outcome, tested_against
from trainer.spec import RunSpec

# After the first seeds, after the seeds that their spread calls for, and after the rest of the budget.
LOOKS = 3


class SeedPlan(BaseModel):
    """What a number of seeds can decide about one network."""

    model_config = ConfigDict(frozen=True)

    network: str
    seeds: int = Field(description="The number of seeds planned.")
    std: float | None = Field(description="The standard deviation assumed, points; null if none is known.")
    assumption: str | None = Field(description="Where the spread comes from, if not from your own runs.")
    needed: int | None = Field(
        description="Seeds it takes to confirm the paper's value with power 0.8, if the network is the paper's; null "
        "if 100 are too few or nothing is known about the spread."
    )
    power: float | None = Field(
        description="The chance that the planned seeds confirm the paper's value, if the network is the paper's. A "
        "single printed run is itself a draw around the network's mean."
    )
    needed_per_network: int | None = Field(
        description="Seeds per network it takes to detect a difference as large as the margin, with power 0.8."
    )
    smallest_difference: float | None = Field(
        description="The smallest difference between two networks that the planned seeds detect, points."
    )
    sentence: str


class NextSeeds(BaseModel):
    """The next step of a study: how many seeds to add, and why."""

    model_config = ConfigDict(frozen=True)

    add: int
    reason: str


def plan(spec: RunSpec, seeds: int, ours: LastErrors | None = None, theirs: PrintedValue | None = None) -> SeedPlan:
    """What `seeds` runs of a network can decide, given the spread of the runs that ended or a stated assumption."""
    observed = sample(ours.values) if ours and len(ours.values) > 1 else None
    assumed = None if observed else prior(spec.name, "CIFAR-10" if spec.family == "cifar" else "ImageNet")
    std = observed.std if observed else assumed.std if assumed else None
    beside = None if std is None or theirs is None else _confirmation(seeds, std, tested_against(theirs))
    least = None if std is None or seeds < 2 else smallest_difference(std, seeds)
    return SeedPlan(
        network=spec.name,
        seeds=seeds,
        std=std,
        assumption=assumed.source if assumed else None,
        needed=beside.needed if beside else None,
        power=beside.power if beside else None,
        needed_per_network=None if std is None else seeds_for_difference(MARGIN, std),
        smallest_difference=least,
        sentence=f"{_difference(seeds, least)} {beside.sentence if beside else ''}".rstrip(),
    )


def next_seeds(ours: LastErrors, theirs: PrintedValue, budget: int, looks_left: int = LOOKS) -> NextSeeds:
    """How many seeds to add to a study that may have `budget` seeds and be judged `looks_left` more times.

    Call it when all runs so far have ended. With `FEWEST_SEEDS` or more, that counts as a look.
    """
    runs = len(ours.values)
    if runs >= budget:
        return NextSeeds(add=0, reason=f"The budget of {budget} seeds is used up.")
    if runs < FEWEST_SEEDS:
        return NextSeeds(
            add=min(FEWEST_SEEDS, budget) - runs, reason=f"It takes {FEWEST_SEEDS} to estimate the spread."
        )
    observed = sample(ours.values)
    conclusion = outcome(observed, tested_against(theirs), LEVEL / LOOKS)
    if conclusion != "inconclusive":
        return NextSeeds(add=0, reason=f"{runs} seeds are enough. The verdict is {conclusion}.")
    if looks_left <= 1:
        return NextSeeds(add=0, reason=f"Still inconclusive after the last of {LOOKS} looks.")
    if looks_left == 2:
        return NextSeeds(add=budget - runs, reason="This uses the rest of the budget, as only one look is left.")
    # From the spread alone: planning from the difference as well would bias the verdict.
    needed = seeds_to_confirm(observed.std, tested_against(theirs), LEVEL / LOOKS)
    total = budget if needed is None else max(runs + 1, min(needed, budget))
    return NextSeeds(add=total - runs, reason=_reason(needed, total))


def _reason(needed: int | None, total: int) -> str:
    if needed is None:
        return (
            f"With this spread, even {MOST_SEEDS} seeds would often not confirm the paper's value. "
            "This uses the rest of the budget."
        )
    if total < needed:
        return f"With this spread, confirming the paper's value takes {needed} seeds. This uses the rest of the budget."
    return f"With this spread, {total} seeds should confirm the paper's value."


def _difference(seeds: int, least: float | None) -> str:
    if least is None:
        return "Two seeds or more are needed to decide anything."
    return f"With {seeds} seeds per network you can detect a difference of {least:.2f} points (power {POWER:g})."


class Confirmation(NamedTuple):
    """What it takes to confirm the paper's value, and how likely the planned seeds are to do so."""

    needed: int | None
    power: float | None
    sentence: str


def _confirmation(seeds: int, std: float, theirs: Theirs) -> Confirmation:
    needed = seeds_to_confirm(std, theirs)
    power = chance_to_confirm(std, seeds, theirs) if seeds >= FEWEST_SEEDS else None
    if needed is None:
        share = percent(chance_to_confirm(std, MOST_SEEDS, theirs))
        text = f"Even {MOST_SEEDS} seeds would confirm the paper's value in only {share} of cases"
        return Confirmation(
            None, power, f"{text}{'' if isinstance(theirs, Sample) else ', because it is a single run'}."
        )
    text = f"Confirming the paper's value takes {needed} seeds (power {POWER:g})"
    return Confirmation(
        needed, power, f"{text}." if power is None else f"{text}; {seeds} do so in {percent(power)} of cases."
    )


def percent(share: float) -> str:
    """0.746 → "75 %"; never rounded up to 100 %."""
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"
