"""Owns the plan of seeds: how many decide, before the first has run and while they come in.

A study that is judged again after every seed would sooner or later "prove" anything. So it is judged at most `LOOKS`
times, each at its share of the level, and between the looks seeds are added by the spread that they show.
"""

from pydantic import BaseModel, ConfigDict, Field

from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, POWER, seeds_for_difference, seeds_to_decide, smallest_difference
from paper.printed import PrintedValue
from paper.results import LastErrors
from paper.spread import prior
from paper.statistics import Sample, sample
from paper.verdicts import outcome, tested_against
from trainer.spec import RunSpec

# The first seeds, those that their spread asks for, and what is left of the budget.
LOOKS = 3


class SeedPlan(BaseModel):
    """What a number of seeds can decide about one network."""

    model_config = ConfigDict(frozen=True)

    network: str
    seeds: int = Field(description="As many as are planned.")
    std: float | None = Field(description="The spread reckoned with, points; null where none is known.")
    assumption: str | None = Field(description="Whose spread it is, where it is not that of our own runs.")
    needed: int | None = Field(description="Seeds that say reproduced, with power 0.8, if nothing differs.")
    needed_per_network: int | None = Field(
        description="Seeds each of two networks needs to detect a difference of the margin with power 0.8."
    )
    smallest_difference: float | None = Field(description="What the planned seeds tell between two nets, points.")
    sentence: str


class NextSeeds(BaseModel):
    """The next step of a study: so many seeds more, or none, and why."""

    model_config = ConfigDict(frozen=True)

    add: int
    reason: str


def plan(spec: RunSpec, seeds: int, ours: LastErrors | None = None, theirs: PrintedValue | None = None) -> SeedPlan:
    """What `seeds` runs of a network decide, by the spread of those that ended or, before, by a stated assumption."""
    seen = sample(ours.values) if ours and len(ours.values) > 1 else None
    assumed = None if seen else prior(spec.name, "CIFAR-10" if spec.family == "cifar" else "ImageNet")
    std = seen.std if seen else assumed.std if assumed else None
    needed = None if std is None or theirs is None else _needed(std, theirs, LEVEL)
    least = None if std is None or seeds < 2 else smallest_difference(std, seeds)
    return SeedPlan(
        network=spec.name,
        seeds=seeds,
        std=std,
        assumption=assumed.source if assumed else None,
        needed=needed,
        needed_per_network=None if std is None else seeds_for_difference(MARGIN, std),
        smallest_difference=least,
        sentence=_sentence(seeds, needed, least),
    )


def next_seeds(ours: LastErrors, theirs: PrintedValue, budget: int, looks_left: int = LOOKS) -> NextSeeds:
    """How many seeds to add to a study that may have `budget` of them and be judged `looks_left` times more.

    Call it when all runs so far have ended; that is one look where there are `FEWEST_SEEDS` or more.
    """
    runs = len(ours.values)
    if runs >= budget:
        return NextSeeds(add=0, reason=f"the budget of {budget} seeds is spent")
    if runs < FEWEST_SEEDS:
        return NextSeeds(add=min(FEWEST_SEEDS, budget) - runs, reason=f"a spread is read from {FEWEST_SEEDS} seeds")
    seen = sample(ours.values)
    found = outcome(seen, tested_against(theirs), LEVEL / LOOKS)
    if found != "inconclusive":
        return NextSeeds(add=0, reason=f"{runs} seeds decide: {found}")
    if looks_left <= 1:
        return NextSeeds(add=0, reason=f"still inconclusive when judged for the last of {LOOKS} times")
    if looks_left == 2:
        return NextSeeds(add=budget - runs, reason="one look is left: at all that the budget allows")
    # By the spread alone: to plan by the difference as well would look at the answer.
    needed = _needed(seen.std, theirs, LEVEL / LOOKS)
    wanted = budget if needed is None else max(runs + 1, min(needed, budget))
    return NextSeeds(add=wanted - runs, reason=f"by their spread, {wanted} seeds decide if nothing differs")


def _needed(std: float, theirs: PrintedValue, level: float) -> int | None:
    number = tested_against(theirs)
    middle = number.mean if isinstance(number, Sample) else number
    return seeds_to_decide(Sample(middle, std, 1), number, level)


def _sentence(seeds: int, needed: int | None, least: float | None) -> str:
    if least is None:
        return "two seeds or more are needed before anything is decided"
    told = f"{seeds} seeds of each of two nets tell {least:.2f} points apart with power {POWER:g}"
    if needed is None:
        return told
    enough = "enough" if seeds >= needed else "too few"
    return f"{told}; beside the paper's number {needed} are needed if nothing differs, {seeds} are {enough}"
