"""How often a verdict is wrong if seeds are added after looking: `python -m benchmarks.looks`.

A study with a budget shares its level among all looks from the start. One whose seeds are added by hand was judged at
the whole level first. It prints a Markdown table for docs/experiments.md; every row starts from the same seed.
"""

import argparse
import random

from paper.planner import LOOKS
from paper.power import LEVEL, MARGIN, Theirs
from paper.statistics import sample
from paper.verdicts import Outcome, outcome

SEED = 15
STUDIES = 10_000
# Seeds at the start, and those that are added while the verdict is inconclusive.
ADDED = (3, 3, 6)
# The spread of our seeds and that of the paper's five runs; None beside one printed number.
CASES: tuple[tuple[float, float | None], ...] = ((0.2, 0.16), (0.35, 0.16), (0.2, None), (0.35, None), (0.47, None))


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES, help="Studies per row (default: 10,000).")
    many = parser.parse_args().studies
    print("| our spread | beside | false reproduced with a budget | by hand | false worse with a budget | by hand |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        beside = "one number" if case[1] is None else f"a mean of five, spread {case[1]}"
        rates = [
            share(conclusion, shift, case, level, many)
            for conclusion, shift in (("reproduced", MARGIN), ("worse", 0.0))
            for level in (LEVEL / LOOKS, LEVEL)
        ]
        print(f"| {case[0]} | {beside} | {' | '.join(f'{rate:.1f}' for rate in rates)} |", flush=True)


if __name__ == "__main__":
    main()
