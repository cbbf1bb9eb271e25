"""Seeds that vanish, or are added after a look: how often a false verdict is given, and how often it is given unmarked.

Two ways to a false verdict, 10,000 simulated studies each, beside a network for which the paper prints one run:

- Keep the best 3 of 6 seeds of a network that is worse by the margin, and drop the others: "reproduced".
- Watch a study of 8 seeds of the paper's own network, and stop at the first verdict: "worse".

A verdict is marked if it is provisional, or if its bound is another outcome. Seeds are said in each row.

And a study to which seeds are added while its verdict is inconclusive: with a budget it shares its level among all
looks from the start; by hand, it was judged at the whole level first.

    python -m benchmarks.attrition
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from paper import published
from paper.planner import LOOKS
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, Theirs
from paper.statistics import sample
from paper.studies.attrition import Attrition, Fate, MissingSeed, bounded
from paper.verdicts import Outcome, outcome

STUDIES = 10_000
# Points: the largest spread between seeds that others report for the paper's networks is about 0.4.
KEPT_STD, WATCHED_STD = 0.2, 0.35
THEIRS = published.value(6, "ResNet-20", "error").value
SEED = 15
# Seeds at the start, and those that are added while the verdict is inconclusive.
ADDED = (3, 3, 6)
# The spread of our seeds and that of the paper's five runs; None beside one printed number.
FALSE: tuple[tuple[Outcome, float], ...] = (("reproduced", MARGIN), ("worse", 0.0))  # with the true difference, points
GROWING: tuple[tuple[float, float | None], ...] = ((0.2, 0.16), (0.35, 0.16), (0.2, None), (0.35, None), (0.47, None))


class Rate(NamedTuple):
    """How often a false outcome comes out, and how often it does so without a mark. Shares of all studies."""

    name: str
    false: float
    unmarked: float
    studies: int


class Given(NamedTuple):
    """An outcome and the seeds behind it."""

    outcome: Outcome
    attrition: Attrition


def keep_the_best(studies: int = STUDIES, seed: int = SEED) -> Rate:
    """Our network is worse by the margin. The best 3 of 6 seeds are kept, and the other runs are deleted."""
    drawn = np.random.default_rng(seed).normal(THEIRS + MARGIN, KEPT_STD, (studies, 6))
    kept = np.sort(drawn, axis=1)[:, :3]
    given = (_judged(errors, 3, "deleted", THEIRS) for errors in kept.tolist())
    return _rate("best 3 of 6 kept, reproduced", given, "reproduced", studies)


def stop_at_the_first_word(studies: int = STUDIES, seed: int = SEED) -> Rate:
    """Our network is the paper's, whose printed run is one more. The page is read after every seed, from the third on.

    The reader takes the first verdict that is not inconclusive, while the other seeds are still in training.
    """
    generator = np.random.default_rng(seed)
    drawn = generator.normal(THEIRS, WATCHED_STD, (studies, 8))
    printed = generator.normal(THEIRS, WATCHED_STD, studies)
    given = (_first(errors, theirs) for errors, theirs in zip(drawn.tolist(), printed.tolist(), strict=True))
    return _rate("stopped at the first verdict of 8 seeds, worse", given, "worse", studies)


def _first(errors: Sequence[float], theirs: float) -> Given:
    for count in range(FEWEST_SEEDS, len(errors)):
        if outcome(sample(errors[:count]), theirs, LEVEL) != "inconclusive":
            return _judged(errors[:count], len(errors) - count, "unfinished", theirs)
    return _judged(errors, 0, "unfinished", theirs)


def _judged(errors: Sequence[float], missing: int, fate: Fate, theirs: float) -> Given:
    conclusion = outcome(sample(errors), theirs, LEVEL)
    lost = [MissingSeed(seed=len(errors) + number, fate=fate) for number in range(missing)]
    # The bound is searched for false verdicts only, because a search takes some milliseconds.
    if conclusion not in ("reproduced", "worse"):
        lost = []
    return Given(conclusion, bounded(errors, lost, conclusion, theirs))


def _rate(name: str, given: Iterator[Given], false: Outcome, studies: int) -> Rate:
    verdicts = [verdict for verdict in given if verdict.outcome == false]
    unmarked = [verdict for verdict in verdicts if not is_marked(verdict)]
    return Rate(name, len(verdicts) / studies, len(unmarked) / studies, studies)


def is_marked(given: Given) -> bool:
    """Whether a reader is warned: the verdict is provisional, or missing seeds could make it another."""
    attrition = given.attrition
    return attrition.is_provisional or attrition.bound not in (None, given.outcome)


def last_verdict(chance: random.Random, shift: float, case: tuple[float, float | None], first_level: float) -> Outcome:
    """The verdict at which a study stops: the first that is conclusive, or the last. `shift` is in points."""
    spread, their_spread = case
    theirs: Theirs = 0.0 if their_spread is None else sample([chance.gauss(0, their_spread) for _ in range(5)])
    errors: list[float] = []
    verdict: Outcome = "inconclusive"
    for look, seeds in enumerate(ADDED):
        errors += [chance.gauss(shift, spread) for _ in range(seeds)]
        verdict = outcome(sample(errors), theirs, first_level if look == 0 else LEVEL / LOOKS)
        if verdict != "inconclusive":
            break
    return verdict


def share(conclusion: Outcome, shift: float, case: tuple[float, float | None], first_level: float, many: int) -> float:
    """The percentage of studies that stop at this verdict."""
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    return 100 * sum(last_verdict(chance, shift, case, first_level) == conclusion for _ in range(many)) / many


def print_growing(studies: int) -> None:
    """A Markdown table for docs/experiments.md, in percent."""
    print("\n| our spread | beside | false reproduced with a budget | by hand | false worse with a budget | by hand |")
    print("|---|---|---|---|---|---|")
    for case in GROWING:
        beside = "one number" if case[1] is None else f"a mean of five, spread {case[1]}"
        rates = [
            share(conclusion, shift, case, level, studies)
            for conclusion, shift in FALSE
            for level in (LEVEL / LOOKS, LEVEL)
        ]
        print(f"| {case[0]} | {beside} | {' | '.join(f'{rate:.1f}' for rate in rates)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=STUDIES)
    options = parser.parse_args()
    print(f"{'seeds that vanish':50}{'false':>8}{'unmarked':>10}  (seed {SEED})")
    for rate in (keep_the_best(options.studies), stop_at_the_first_word(options.studies)):
        print(f"{rate.name:50}{100 * rate.false:7.1f}%{100 * rate.unmarked:9.1f}%  ({rate.studies:,} studies)")
    print_growing(options.studies)


if __name__ == "__main__":
    main()
