"""Owns the detection of degradation: whether the deeper of two networks trains worse, during training or afterwards.

Sec. 1 and Fig. 1: the deeper plain network has the higher *training* error. That is not overfitting, in which training
error is lower and test error higher. Both networks are compared over the same iterations, at the same learning rate.
What is said is about these two runs; claims compare several seeds. See docs/decisions/0033.
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.power import FEWEST_SEEDS
from paper.results import ErrorCurve, RunResult
from paper.spread import prior
from paper.statistics import Difference, batch_means, correlated_mean, line_at, sample, with_spread
from trainer.spec import RunSpec

Diagnosis = Literal["degradation", "overfitting", "no degradation", "no difference found", "too early"]

# The share of the common iterations that is compared: in the paper's schedule the learning rate is constant over the
# last quarter of training (sec. 4.2).
QUARTER = 0.25
# 9 degrees of freedom are enough for a t test; whether the batches are long enough is checked.
BATCHES = 10
CONFIDENCE = 0.95
# Points of training error that matter: twice the spread between seeds, and less than a tenth of the gap of 2.6 points
# between plain-20 and plain-56 that another implementation reports (`references.reimplementations`).
GAP_MARGIN = 0.2
# Assumption: how much a network's training error at the end varies with its seed, points. Its own seeds may show more.
SEED_SPREAD = 0.1
# Assumption: before a tenth of the paper's schedule, a gap may only be a slow start. Measured: after 2.6 epochs a
# ResNet-56 that ends no worse is 28 points behind ResNet-20 (docs/experiments.md, "Degradation").
SHORTEST = 0.1


class Gap(BaseModel):
    """The deeper network's error minus the shallower one's over the window, in points, with its confidence interval.

    The interval counts the noise of the mini-batches, with their autocorrelation, and the spread between seeds. Each
    end is one-sided at 5 %.
    """

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Comparison(BaseModel):
    """What two curves say about depth, for these two runs. `confidence` is in the diagnosis; null without one."""

    model_config = ConfigDict(frozen=True)

    diagnosis: Diagnosis
    sentence: str
    confidence: float | None = None
    train: Gap | None = None
    test: Gap | None = None
    start: int = Field(description="The window begins after this iteration.")
    end: int = Field(description="The window ends with this iteration.")


class Window(NamedTuple):
    """Iterations after `start` and up to `end`."""

    start: int
    end: int


class DiagnosisSentence(NamedTuple):
    """A diagnosis in words, with its confidence."""

    diagnosis: Diagnosis
    sentence: str
    confidence: float | None


def compare(shallow: RunResult, deep: RunResult, spread: float = SEED_SPREAD) -> Comparison:
    """Compares the last quarter of the iterations that both runs have.

    `spread` is the standard deviation of a network's training error between seeds, in points (`seed_spread`). Raises
    ValueError if `deep` is not the deeper one, or if the buckets of their curves differ in length.
    """
    if deep.spec.depth <= shallow.spec.depth:
        raise ValueError(f"expected the deeper network second, got depths {shallow.spec.depth} and {deep.spec.depth}")
    window = _window(shallow.train_errors, deep.train_errors)
    gaps = _gaps(shallow.train_errors, deep.train_errors, window)
    observed = correlated_mean(gaps, BATCHES) if len(gaps) >= 2 * BATCHES else None
    train = with_spread(observed, spread) if observed else None
    test = _test_gap(shallow, deep, window)
    if train is None or observed is None:
        diagnosed = _too_early(f"only {len(gaps)} of the {2 * BATCHES} points needed are there")
    elif window.end < (needed := shortest(deep.spec)):
        diagnosed = _too_early(f"before iteration {needed:,} a gap between depths may only be a slow start")
    else:
        left = (min(shallow.spec.iterations, deep.spec.iterations) - window.end) / (window.end - window.start)
        has_ended = left * len(gaps) < 1  # less than a bucket is left
        at_the_end = train if has_ended else with_spread(_extrapolate(gaps, left, observed), spread)
        diagnosed = _diagnose(train, at_the_end, test)
    return Comparison(
        diagnosis=diagnosed.diagnosis,
        sentence=diagnosed.sentence,
        confidence=diagnosed.confidence,
        train=_gap(train),
        test=_gap(test),
        start=window.start,
        end=window.end,
    )


def seed_spread(networks: Sequence[Sequence[RunResult]]) -> float:
    """The spread of the final training error between seeds, points: `SEED_SPREAD`, or what the seeds show if larger.

    `networks` are the runs of each network; it takes three that ended to show a spread.
    """
    ends = [[run.train_error for run in runs if run.last and run.train_error is not None] for runs in networks]
    spreads = [sample(errors).std ** 2 for errors in ends if len(errors) >= FEWEST_SEEDS]
    return max(SEED_SPREAD, math.sqrt(fmean(spreads))) if spreads else SEED_SPREAD


def shortest(spec: RunSpec) -> int:
    """The iteration before which a gap between two depths may only be the deeper network's slow start."""
    statement = published.statement("cifar-iterations" if spec.family == "cifar" else "imagenet-iterations")
    assert isinstance(statement.value, float)  # noqa: S101 (for mypy: one number, not several)
    return round(SHORTEST * statement.value)


def _window(shallow: ErrorCurve | None, deep: ErrorCurve | None) -> Window:
    """The iterations to compare, on bucket boundaries."""
    if shallow is None or deep is None:
        return Window(0, 0)
    if shallow.every != deep.every:
        raise ValueError(f"expected buckets of one length, got {shallow.every} and {deep.every} iterations")
    end = min(shallow.end, deep.end)
    length = round(end * QUARTER) // shallow.every * shallow.every
    return Window(end - length, end)


def _gaps(shallow: ErrorCurve | None, deep: ErrorCurve | None, window: Window) -> list[float]:
    """Deeper minus shallower, bucket by bucket."""
    if shallow is None or deep is None:
        return []
    pairs = zip(shallow.within(*window), deep.within(*window), strict=True)
    return [deeper - shallower for shallower, deeper in pairs]


def _test_gap(shallow: RunResult, deep: RunResult, window: Window) -> Difference | None:
    """None if there are too few evaluations to estimate a spread; the test error then takes no part."""
    ours, theirs = shallow.test_errors, deep.test_errors
    if ours is None or theirs is None or ours.every != theirs.every:
        return None
    # The evaluation at the window's end may not have finished.
    gaps = _gaps(ours, theirs, Window(window.start, min(window.end, ours.end, theirs.end)))
    batches = min(BATCHES, len(gaps) // 2)
    data = "CIFAR-10" if deep.spec.family == "cifar" else "ImageNet"
    priors = [prior(run.spec.name, data) for run in (shallow, deep)]
    spreads = [known.std for known in priors if known]
    if batches <= 2 or not spreads:
        return None
    return with_spread(correlated_mean(gaps, batches), math.sqrt(fmean(std**2 for std in spreads)))


def _extrapolate(gaps: Sequence[float], left: float, observed: Difference) -> Difference:
    """The gap at the end of the schedule, from a line through the batches; `left` is in lengths of the window."""
    batches = batch_means(gaps, BATCHES)
    line = line_at(batches, left * BATCHES)
    error = math.sqrt(sample(batches).mean_variance)
    correlation = max(1.0, observed.error / error) if error else 1.0  # what the batches understate
    return Difference(line.value, line.error * correlation, min(line.df, observed.df))


def _diagnose(train: Difference, at_the_end: Difference, test: Difference | None) -> DiagnosisSentence:
    """Judges the gap now and, during training, also the gap extrapolated to the end of the schedule."""
    doubt = 1 - CONFIDENCE
    beyond = max(train.p_above(GAP_MARGIN), at_the_end.p_above(GAP_MARGIN))
    within = max(train.p_below(GAP_MARGIN), at_the_end.p_below(GAP_MARGIN))
    lower = max(train.p_below(), at_the_end.p_below())
    worse_on_test = test.p_above() if test else 1.0
    gap = f"In these two runs, the deeper network's training error is {_in_points(train)}"
    if beyond < doubt:
        text = f"{gap}, significantly more than {GAP_MARGIN:g} points: it fits worse, which is not overfitting."
        return DiagnosisSentence("degradation", text, 1 - beyond)
    if lower < doubt and worse_on_test < doubt:
        text = f"{gap} and its test error is higher: it fits better but generalises worse."
        return DiagnosisSentence("overfitting", text, 1 - max(lower, worse_on_test))
    if within < doubt:
        better = "it fits better" if lower < doubt else f"it is not more than {GAP_MARGIN:g} points higher"
        return DiagnosisSentence("no degradation", f"{gap}: {better}.", 1 - within)
    if at_the_end is train:
        text = f"{gap}. A difference of more than {GAP_MARGIN:g} points is neither shown nor ruled out."
        return DiagnosisSentence("no difference found", text, None)
    return _too_early(f"{gap[0].lower()}{gap[1:]}, but the trend may still change that")


def _in_points(gap: Difference) -> str:
    """1.11 points lower (−1.40 to −0.82)."""
    low, high = (f"{end:+.2f}".replace("-", "−") for end in gap.interval(1 - CONFIDENCE))
    return f"{abs(gap.value):.2f} points {'higher' if gap.value > 0 else 'lower'} ({low} to {high})"


def _too_early(reason: str) -> DiagnosisSentence:
    return DiagnosisSentence("too early", f"It is too early to say: {reason}.", None)


def _gap(gap: Difference | None) -> Gap | None:
    if gap is None:
        return None
    low, high = gap.interval(1 - CONFIDENCE)
    return Gap(value=gap.value, low=low, high=high)
