"""How often verdicts, plans and diagnoses are wrong: `python -m benchmarks.verdicts`, studies whose truth is known.

It prints Markdown tables for docs/experiments.md, with the old rate beside the new one where the rule has changed.
Every row starts from the same seed. The rules are those of the service (`paper/`), called once per study.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import count, product

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from paper import degradation, published
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, POWER, Theirs, chance_to_confirm, seeds_to_confirm
from paper.printed import PrintedValue
from paper.results import ErrorCurve, RunResult
from paper.spread import prior
from paper.statistics import Sample, quantile, student
from paper.verdicts import Outcome, outcome
from trainer.spec import RunSpec

SEED = 15
STUDIES = 10_000
Numbers = NDArray[np.float64]
# Seeds of ours, the true spread of ours, and the spread of the paper's five runs.
BESIDE_A_MEAN = [(3, 0.16, 0.16), (4, 0.25, 0.16), (5, 0.16, 0.35), (10, 0.35, 0.16), (3, 0.47, 0.16)]
SPREAD_RATIOS = (0.25, 0.5, 1.0, 2.0, 3.0)
BESIDE_A_NUMBER = [(3, 0.16), (4, 0.25), (5, 0.35), (10, 0.5)]
# Lag-1 correlation, standard deviation of a bucket in points, buckets in the window: 0.15 points are the noise of 64
# mini-batches of 128 at an error of 2 %.
NOISES = [(0.0, 0.15, 250), (0.9, 0.15, 250), (0.9, 0.15, 100), (0.9, 0.15, 20), (0.9, 0.5, 250)]
# The same for a whole training of 400 buckets, a hundred in its last quarter.
WATCHED = (0.9, 0.15, 400)
# The decision at 99 % without a margin, from the means of 10 batches, that was used before.
OLD_LEVEL = 0.01


def samples(rng: np.random.Generator, mean: float, std: float, runs: int, many: int) -> Iterator[Sample]:
    errors = rng.normal(mean, std, (many, runs))
    means, stds = errors.mean(axis=1).tolist(), errors.std(axis=1, ddof=1).tolist()
    return (Sample(mean, std, runs) for mean, std in zip(means, stds, strict=True))


def share(ours: Iterator[Sample], theirs: Iterator[Theirs], conclusion: Outcome, many: int) -> float:
    """The percentage of studies that end with this verdict."""
    return 100 * sum(outcome(mine, printed) == conclusion for mine, printed in zip(ours, theirs, strict=False)) / many


def beside_a_mean(many: int) -> Iterator[str]:
    yield "| our seeds | our spread | their spread | false reproduced, below and above | false better, worse | same |"
    yield "|---|---|---|---|---|---|"
    for runs, std, their_std in BESIDE_A_MEAN:

        def rate(
            shift: float, conclusion: Outcome, runs: int = runs, std: float = std, its: float = their_std
        ) -> float:
            rng = np.random.default_rng(SEED)
            return share(samples(rng, shift, std, runs, many), iter(samples(rng, 0, its, 5, many)), conclusion, many)

        yield row(
            *(runs, std, their_std, pair(rate(-MARGIN, "reproduced"), rate(MARGIN, "reproduced"))),
            *(pair(rate(0, "better"), rate(0, "worse")), f"{rate(0, 'reproduced'):.0f}"),
        )


def too_few(many: int) -> Iterator[str]:
    """Why a verdict needs three seeds: Welch's own error beside a mean of five, 20 times as many studies a row."""
    yield "| our spread : theirs | false better with 2 seeds | with 3 seeds | with 5 seeds |"
    yield "|---|---|---|---|"
    for ratio in SPREAD_RATIOS:
        yield row(f"{ratio:g}", *(f"{100 * welch_errs(ratio, runs, 20 * many):.1f}" for runs in (2, 3, 5)))


def welch_errs(std: float, runs: int, many: int) -> float:
    """The share of studies of one network that a one-sided Welch test at the level calls better: all at once."""
    rng = np.random.default_rng(SEED)
    ours, theirs = rng.normal(0, std, (many, runs)), rng.normal(0, 1, (many, 5))
    a, b = ours.var(axis=1, ddof=1) / runs, theirs.var(axis=1, ddof=1) / 5
    df = (a + b) ** 2 / (a**2 / (runs - 1) + b**2 / 4)
    t = (ours.mean(axis=1) - theirs.mean(axis=1)) / np.sqrt(a + b)
    return float((stdtr(df, t) < LEVEL).mean())


def beside_a_number(many: int) -> Iterator[str]:
    yield (
        "| our seeds | our spread | false reproduced, below and above | false better, worse | "
        "same (old: the printed run is the mean) | same (new: it has luck of its own) | expected by the planner | "
        "reproduced where the means differ by the margin |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for runs, std in BESIDE_A_NUMBER:

        def rate(shift: float, conclusion: Outcome, luck: float, runs: int = runs, std: float = std) -> float:
            rng = np.random.default_rng(SEED)
            ours = samples(rng, shift, std, runs, many)
            return share(ours, iter(rng.normal(0, luck, many).tolist()), conclusion, many)

        yield row(
            *(runs, std, pair(rate(-MARGIN, "reproduced", 0), rate(MARGIN, "reproduced", 0))),
            pair(rate(0, "better", std), rate(0, "worse", std)),
            *(f"{rate(0, 'reproduced', luck):.0f}" for luck in (0.0, std)),
            f"{100 * chance_to_confirm(std, runs, 0.0):.0f}",
            f"{rate(MARGIN, 'reproduced', std):.0f}",
        )


def power(many: int) -> Iterator[str]:
    yield (
        "| network | spread | seeds planned (old) | power expected (old) | really | expected with these (new) | "
        "seeds planned (new) | expected | really |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for depth in (20, 32, 44, 56):
        value = published.value(6, f"ResNet-{depth}", "error")
        std = spread_of(value)
        new = seeds_to_confirm(std, value.value)
        old = next(runs for runs in count(FEWEST_SEEDS) if old_power(std, runs) >= POWER)
        yield row(
            *(f"ResNet-{depth}", std, old, f"{100 * old_power(std, old):.0f}"),
            *(f"{confirmed(std, old, many):.0f}", f"{100 * chance_to_confirm(std, old, 0.0):.0f}"),
            *(new or "none up to 100", f"{100 * chance_to_confirm(std, new or 100, 0.0):.0f}"),
            f"{confirmed(std, new or 100, many):.0f}",
        )


def old_power(std: float, runs: int) -> float:
    """As it was computed before: the printed run is the mean, and the threshold is that of the true spread."""
    error = std / runs**0.5
    return 2 * student(runs - 1, MARGIN / error - quantile(runs - 1, 1 - LEVEL)) - 1


def spread_of(value: PrintedValue) -> float:
    known = prior(value.network, "CIFAR-10")
    assert known is not None
    return known.std


def confirmed(std: float, runs: int, many: int) -> float:
    """The percentage of studies of one network called reproduced, beside one more run of the same network."""
    rng = np.random.default_rng(SEED)
    return share(samples(rng, 0, std, runs, many), iter(rng.normal(0, std, many).tolist()), "reproduced", many)


def depths(many: int) -> Iterator[str]:
    yield (
        "| gap | lag-1 correlation | noise of a bucket | buckets | called degradation (old) | (new) | no degradation | "
        "no difference found |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for gap, noise in product((0.0, degradation.GAP_MARGIN, 1.0), NOISES):
            shallow, deep = curves(gap, noise, many)
            counts: Counter[str] = Counter(pool.map(diagnosis, shallow.tolist(), deep.tolist(), chunksize=500))
            names = ("degradation", "no degradation", "no difference found")
            shares = (counts[name] / many for name in names)
            yield row(f"{gap:+g}", *noise, *(f"{100 * rate:.1f}" for rate in (old_alarms(deep - shallow), *shares)))


def curves(gap: float, noise: tuple[float, float, int], many: int) -> tuple[Numbers, Numbers]:
    """The last quarter of the training errors of two networks: AR(1) noise, and a spread of 0.1 between seeds."""
    correlation, std, points = noise
    rng = np.random.default_rng(SEED)
    errors: Numbers = rng.normal(0, std, (2, many, points))
    for step in range(1, points):
        errors[..., step] = correlation * errors[..., step - 1] + (1 - correlation**2) ** 0.5 * errors[..., step]
    errors += rng.normal(0, degradation.SEED_SPREAD, (2, many, 1)) + np.array([2.0, 2.0 + gap])[:, None, None]
    return errors[0], errors[1]


def watched(many: int) -> Iterator[str]:
    """Two networks whose training errors stay where they are, looked at after each tenth of the training."""
    yield "| gap | lag-1 correlation | noise of a bucket | called degradation at the last look | at any of ten looks |"
    yield "|---|---|---|---|---|"
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for gap in (0.0, degradation.GAP_MARGIN):
            shallow, deep = curves(gap, WATCHED, many)
            looks = list(pool.map(diagnoses, shallow.tolist(), deep.tolist(), chunksize=100))
            last = sum(own[-1] == "degradation" for own in looks) / many
            ever = sum("degradation" in own for own in looks) / many
            yield row(f"{gap:+g}", *WATCHED[:2], f"{100 * last:.1f}", f"{100 * ever:.1f}")


def diagnoses(shallow: list[float], deep: list[float]) -> list[degradation.Diagnosis]:
    """What each of ten looks says, while the curves grow."""
    every = spec(20).iterations // len(shallow)
    ends = [len(shallow) * look // 10 for look in range(1, 11)]
    grown = [
        [RunResult(spec=spec(depth), train_errors=ErrorCurve(every=every, start=0, means=tuple(errors[:end])))
         for depth, errors in ((20, shallow), (56, deep))]
        for end in ends
    ]  # fmt: skip
    return [degradation.compare(*pair).diagnosis for pair in grown]


def old_alarms(gaps: Numbers) -> float:
    """The share of pairs that the old rule called degraded: a t test of ten batch means against zero."""
    batches, length = degradation.BATCHES, gaps.shape[1] // degradation.BATCHES
    means = gaps[:, -batches * length :].reshape(-1, batches, length).mean(axis=2)
    t = means.mean(axis=1) / (means.std(axis=1, ddof=1) / batches**0.5)
    return float((t > quantile(batches - 1, 1 - OLD_LEVEL)).mean())


def diagnosis(shallow: list[float], deep: list[float]) -> degradation.Diagnosis:
    return degradation.compare(result(20, shallow), result(56, deep)).diagnosis


def result(depth: int, window: list[float]) -> RunResult:
    every = spec(depth).iterations // 4 // len(window)
    start = spec(depth).iterations - every * len(window)
    return RunResult(spec=spec(depth), train_errors=ErrorCurve(every=every, start=start, means=tuple(window)))


@cache
def spec(depth: int) -> RunSpec:
    return RunSpec(depth=depth, shortcut="none", dataset="cifar10")


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def pair(first: float, second: float) -> str:
    return f"{first:.1f}, {second:.1f}"


# A heading, and the lines of its table for a number of studies per row.
TABLES: dict[str, Callable[[int], Iterator[str]]] = {
    "Verdicts beside a mean of five": beside_a_mean,
    "Welch's test beside a mean of five, with few seeds": too_few,
    "Verdicts beside one number": beside_a_number,
    "Planned power beside one number": power,
    "Degradation, seeds spread by 0.1": depths,
    "Degradation watched during training": watched,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES, help="Studies per row (default: 10,000).")
    parser.add_argument("--table", choices=TABLES, help="Only this table.")
    arguments = parser.parse_args()
    print(f"Level {LEVEL:g}, margin {MARGIN:g} points, {arguments.studies:,} studies per row, seed {SEED}, percent.")
    for heading, table in TABLES.items():
        if arguments.table in (None, heading):
            started = time.monotonic()
            print(f"\n{heading}\n")
            for line in table(arguments.studies):
                print(line, flush=True)
            print(f"\n({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
