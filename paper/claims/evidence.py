"""What runs say for and against one part of a claim: two p values, or a plain yes or no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paper.claims.claim import Alike, Below, Bound, Count, Part
from paper.claims.runs import Measured, measured, of_net
from paper.degradation import shortest
from paper.power import FEWEST_SEEDS
from paper.results import RunResult
from paper.statistics import Difference, sample, welch


@dataclass(frozen=True)
class Evidence:
    """`fact` where no chance is involved, `difference` where there are runs enough for one.

    `tests` are the p values for and against. There are none where runs are `too_short`: the iteration before which
    depths cannot be compared, and which they did not reach.
    """

    part: Part
    measured: tuple[Measured, ...] = ()
    fact: bool | None = None
    difference: Difference | None = None
    tests: tuple[float, float] | None = None
    too_short: int | None = None


def weigh(part: Part, results: Sequence[RunResult], scale: float) -> Evidence:
    """`results` are of one setting; `scale` is the share of the paper's schedule that its runs are to have."""
    if isinstance(part, Count):
        return Evidence(part, fact=part.check())
    runs = [(net, of_net(results, net, scale)) for net in part.nets]
    seen = measured(runs, part.measure)
    if isinstance(part, Bound):
        return Evidence(part, seen, fact=_on_its_side(part, seen[0].values))
    too_short = _too_short(part, [run for _, found in runs for run in found])
    one, other = (values for _, values in seen)
    if not enough(len(one), len(other)):
        return Evidence(part, seen, too_short=too_short)
    difference = welch(sample(one), sample(other))
    tests = None if too_short else _tests(part, difference)
    return Evidence(part, seen, None, difference, tests, too_short)


def enough(one: int, other: int) -> bool:
    """Whether Welch's test keeps its level: with three seeds each, or two each; not with two beside more (power.py)."""
    return min(one, other) >= FEWEST_SEEDS or one == other == 2


def _on_its_side(part: Bound, values: Sequence[float]) -> bool | None:
    """None where there is no run, or where they disagree."""
    is_there: Callable[[float], bool] = (
        (lambda value: value < part.number) if part.side == "below" else (lambda value: value > part.number)
    )
    answers = {is_there(value) for value in values}
    return answers.pop() if len(answers) == 1 else None


def _tests(part: Below | Alike, difference: Difference) -> tuple[float, float]:
    if isinstance(part, Below):
        return difference.p_below(), difference.p_above()
    apart = 2 * min(difference.p_below(-part.margin), difference.p_above(part.margin))
    return difference.p_within(part.margin), min(1.0, apart)


def _too_short(part: Below | Alike, runs: Sequence[RunResult]) -> int | None:
    """Different depths start at different speeds: before a tenth of the paper's schedule that is all one sees."""
    if len({net.depth for net in part.nets}) == 1:
        return None
    needed = max((shortest(run.spec) for run in runs), default=0)
    return needed if any(run.spec.iterations < needed for run in runs) else None
