"""Which runs a claim may compare, and what is measured in each of them."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from paper.claims.claim import Measure, Net
from paper.protocols import TRAINING_PROTOCOLS, Protocol
from paper.results import ErrorCurve, RunResult
from trainer.catalog import Family

# The fields that a claim may vary between its runs, and those that do not affect errors.
FREE = {
    "depth", "shortcut", "seed", "iterations", "schedule", "warmup", "evaluate_every", "checkpoint_every", "log_every",
    "deterministic", "recompute_activations",
}  # fmt: skip
# In order of preference: Tables 2 and 3 use ten crops, Table 4 five scales, training the centre crop (Fig. 4).
PROTOCOLS: dict[Family, tuple[Protocol, ...]] = {
    "cifar": (TRAINING_PROTOCOLS["cifar"],),
    "imagenet": ("10-crop", "dense multi-scale", TRAINING_PROTOCOLS["imagenet"]),
}
# Footnote 5: training has started to converge once its error is below 90 %.
STARTED = 90.0
EARLY = 0.1


class Measured(NamedTuple):
    """The measured values of one network's runs, without the runs that have none."""

    net: Net
    values: tuple[float, ...]


def by_setting(results: Iterable[RunResult]) -> dict[str, list[RunResult]]:
    """Groups results that differ only in what claims are about. The keys are what they have in common, as JSON."""
    settings: dict[str, list[RunResult]] = {}
    for result in results:
        settings.setdefault(result.spec.model_dump_json(exclude=FREE), []).append(result)
    return settings


def of_net(results: Iterable[RunResult], net: Net, scale: float) -> list[RunResult]:
    """The runs of a network, the first for each seed."""
    by_seed: dict[int, RunResult] = {}
    for result in results:
        if net.is_of(result.spec, scale):
            by_seed.setdefault(result.spec.seed, result)
    return list(by_seed.values())


def measured(runs: Sequence[tuple[Net, Sequence[RunResult]]], measure: Measure) -> tuple[Measured, ...]:
    """The values of each network. Errors share one protocol: the first in which every network has some."""
    protocol = _protocol(runs) if measure == "test error" else None
    return tuple(
        Measured(net, tuple(value for result in results if (value := _value(result, measure, protocol)) is not None))
        for net, results in runs
    )


def _protocol(runs: Sequence[tuple[Net, Sequence[RunResult]]]) -> Protocol:
    possible = PROTOCOLS[runs[0][0].family]
    in_all = (
        protocol for protocol in possible if all(any(protocol in run.last for run in results) for _, results in runs)
    )
    return next(in_all, possible[0])


def _value(result: RunResult, measure: Measure, protocol: Protocol | None) -> float | None:
    match measure:
        case "training error":
            return result.train_error
        case "test error":
            return result.last.get(protocol) if protocol else None
        case "mean response":
            return fmean(result.responses) if result.responses else None
        case "early training error":
            return _early(result)
        case "start of convergence":
            return _start(result.train_errors) if result.train_errors else None


def _early(result: RunResult) -> float | None:
    """The mean training error over the first tenth of the iterations, once they have been trained."""
    curve, end = result.train_errors, round(EARLY * result.spec.iterations)
    means = curve.within(0, end) if curve and curve.end >= end else ()
    return fmean(means) if means else None


def _start(curve: ErrorCurve) -> float | None:
    """The end of the first bucket whose mean is below 90 %; None while there is none."""
    started = (number for number, mean in enumerate(curve.means, 1) if mean < STARTED)
    first = next(started, None)
    return None if first is None else float(curve.start + first * curve.every)
