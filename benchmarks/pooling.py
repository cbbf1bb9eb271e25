"""How often the pooled interval of a few labs holds the true mean: `python -m benchmarks.pooling`.

Each lab's true mean is drawn around the common mean with the standard deviation τ, each seed's error around its lab's
mean with the spread σ. Printed: the coverage of the 90 % interval of `paper.pooling`, of the same without its floor
(Hartung and Knapp as published), and of DerSimonian and Laird's normal interval; the coverage of the 90 % prediction
interval for another lab; and the mean width of the interval. Every row is 10,000 studies.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from paper.power import LEVEL

Array = NDArray[np.float64]
STUDIES = 10_000
SPREAD = 0.25  # points: between the smallest and the largest that others report (paper.references)
HALVINGS = 60


@dataclass(frozen=True)
class Setting:
    """τ and the seeds' spreads are in points; `spreads` of the labs are σ times 1 … `unequal`."""

    labs: int
    seeds: int
    tau: float
    unequal: float = 1.0


def settings() -> Iterator[Setting]:
    for labs in (2, 3, 5, 10):
        for seeds in (1, 3, 5):
            for tau in (0.0, 0.25, 0.5):
                yield Setting(labs, seeds, tau)
    for labs in (3, 5, 10):
        for tau in (0.0, 0.25):
            yield Setting(labs, 3, tau, unequal=3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    print(f"{options.studies:,} studies a row, seed {options.seed}, spread between seeds {SPREAD} points")
    print("| labs | seeds | τ | spreads | ours | without floor | DerSimonian–Laird | prediction | width |")
    print("|---|---|---|---|---|---|---|---|---|")
    for setting in settings():
        row = simulate(setting, options.studies, generator)
        spreads = "equal" if setting.unequal == 1 else f"1 to {setting.unequal:g}"
        cells = (
            setting.labs,
            setting.seeds,
            f"{setting.tau:g}",
            spreads,
            *map(_share, row.coverages),
            f"{row.width:.2f}",
        )
        print(f"| {' | '.join(map(str, cells))} |")


def _share(coverage: float | None) -> str:
    return "–" if coverage is None else f"{coverage:.1%}"


@dataclass(frozen=True)
class Row:
    """Coverages, 0 to 1, and the mean width of our interval in points."""

    ours: float
    without_floor: float
    usual: float | None
    prediction: float | None
    width: float

    @property
    def coverages(self) -> tuple[float | None, ...]:
        return self.ours, self.without_floor, self.usual, self.prediction


def simulate(setting: Setting, studies: int, generator: np.random.Generator) -> Row:
    """The true mean is 0. Means of seeds are drawn at once; spreads are pooled over labs, as `paper.pooling.within`."""
    labs, seeds = setting.labs, setting.seeds
    sigma = SPREAD * np.linspace(1, setting.unequal, labs)
    errors = generator.normal(0, setting.tau, (studies, labs, 1)) + sigma[:, None] * generator.standard_normal(
        (studies, labs, seeds)
    )
    means = errors.mean(axis=2)
    squares = ((errors - means[:, :, None]) ** 2).sum(axis=(1, 2))
    variance = squares / (labs * (seeds - 1)) / seeds if seeds > 1 else np.zeros(studies)
    variances = np.repeat(variance[:, None], labs, axis=1)
    tau2 = paule_mandel(means, variances)
    mean, total, scatter = weighted(means, variances + tau2[:, None])
    reach = float(stdtrit(labs - 1, 1 - LEVEL))
    ours, bare = np.sqrt(np.maximum(1, scatter) / total), np.sqrt(scatter / total)
    other = generator.normal(0, setting.tau, studies)
    around = np.sqrt(tau2 + ours**2)
    predicted = float(stdtrit(labs - 2, 1 - LEVEL)) * around if labs > 2 else None
    return Row(
        ours=float(np.mean(np.abs(mean) <= reach * ours)),
        without_floor=float(np.mean(np.abs(mean) <= reach * bare)),
        usual=_usual(errors, means),
        prediction=None if predicted is None else float(np.mean(np.abs(other - mean) <= predicted)),
        width=float(np.mean(2 * reach * ours)),
    )


def weighted(means: Array, totals: Array) -> tuple[Array, Array, Array]:
    """The weighted mean, the sum of weights, and the weighted scatter by its degrees of freedom, for each study."""
    weights = 1 / np.maximum(totals, 1e-12)
    total = weights.sum(axis=1)
    mean = (weights * means).sum(axis=1) / total
    return mean, total, (weights * (means - mean[:, None]) ** 2).sum(axis=1) / (means.shape[1] - 1)


def paule_mandel(means: Array, variances: Array) -> Array:
    """τ² of each study, by bisection, as `paper.pooling.paule_mandel`."""
    low, high = np.zeros(len(means)), np.full(len(means), 100.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_below = weighted(means, variances + middle[:, None])[2] > 1
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    is_needed = weighted(means, variances)[2] > 1
    return np.where(is_needed, (low + high) / 2, 0.0)


def _usual(errors: Array, means: Array) -> float | None:
    """DerSimonian and Laird's estimate, each lab's own variance and the normal distribution: the usual way."""
    labs, seeds = errors.shape[1:]
    if seeds == 1:
        return None
    variances = errors.var(axis=2, ddof=1) / seeds
    weights = 1 / variances
    _, total, scatter = weighted(means, variances)
    q = scatter * (labs - 1)
    tau2 = np.maximum(0, (q - (labs - 1)) / (total - (weights**2).sum(axis=1) / total))
    mean, sum_of_weights, _ = weighted(means, variances + tau2[:, None])
    return float(np.mean(np.abs(mean) <= float(ndtri(1 - LEVEL)) / np.sqrt(sum_of_weights)))


if __name__ == "__main__":
    main()
