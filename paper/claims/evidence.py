"""The evidence of runs for and against one part of a claim: two p values, or a yes or no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paper.claims.claim import Alike, Below, Bound, Claim, Count, Part
from paper.claims.fitness import obstacles
from paper.claims.runs import Measured, measured, of_net
from paper.power import FEWEST_SEEDS
from paper.results import RunResult
from paper.statistics import Difference, sample, welch


@dataclass(frozen=True)
class Evidence:
    """What the runs show. `fact` is set if chance plays no part, `difference` if there are enough runs.

    `tests` are the p values for and against. Runs that are not what the claim speaks of have neither; `obstacles` are
    sentences that say why.
    """

    part: Part
    measured: tuple[Measured, ...] = ()
    fact: bool | None = None
    difference: Difference | None = None
    tests: tuple[float, float] | None = None
    obstacles: tuple[str, ...] = ()


def weigh(claim: Claim, part: Part, results: Sequence[RunResult], scale: float) -> Evidence:
    """Weighs the results of one setting. `scale` is the share of the paper's schedule that its runs must have."""
    if isinstance(part, Count):
        return Evidence(part, fact=part.check())
    runs = [(net, of_net(results, net, scale)) for net in part.nets]
    values_by_net = measured(runs, part.measure)
    unfit = obstacles(claim, part, [(net, run) for net, own in runs for run in own])
    if isinstance(part, Bound):
        fact = None if unfit else _on_its_side(part, values_by_net[0].values)
        return Evidence(part, values_by_net, fact=fact, obstacles=unfit)
    first, second = (values for _, values in values_by_net)
    if not enough(len(first), len(second)):
        return Evidence(part, values_by_net, obstacles=unfit)
    difference = welch(sample(first), sample(second))
    return Evidence(part, values_by_net, None, difference, None if unfit else _tests(part, difference), unfit)


def enough(first: int, second: int) -> bool:
    """Whether Welch's test keeps its level: at least three seeds each, or two each, but not two and more (power.py)."""
    return min(first, second) >= FEWEST_SEEDS or first == second == 2


def _on_its_side(part: Bound, values: Sequence[float]) -> bool | None:
    """None if there are no runs, or if they disagree."""
    is_met: Callable[[float], bool] = (
        (lambda value: value < part.number) if part.side == "below" else (lambda value: value > part.number)
    )
    answers = {is_met(value) for value in values}
    return answers.pop() if len(answers) == 1 else None


def _tests(part: Below | Alike, difference: Difference) -> tuple[float, float]:
    if isinstance(part, Below):
        return difference.p_below(), difference.p_above()
    apart = 2 * min(difference.p_below(-part.margin), difference.p_above(part.margin))
    return difference.p_within(part.margin), min(1.0, apart)
