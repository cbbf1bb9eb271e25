"""Owns the detection of degradation: whether the deeper of two networks trains worse, during training or afterwards.

Sec. 1 and Fig. 1: the deeper plain network has the higher *training* error. That is not overfitting, in which training
error is lower and test error higher. Both networks are compared over the same iterations, at the same learning rate.
The confidence is about these two runs; claims compare several seeds.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.results import ErrorCurve, RunResult
from paper.statistics import Difference, against_number, batch_means, line_at, sample
from trainer.spec import RunSpec

Diagnosis = Literal["degradation", "overfitting", "no degradation", "too early"]

# The share of the common iterations that is compared: in the paper's schedule the learning rate is constant over the
# last quarter of training (sec. 4.2).
QUARTER = 0.25
# The means of 10 batches are practically independent, and 9 degrees of freedom are enough for a t test.
BATCHES = 10
# Stricter than a verdict, because the detector looks often while training goes on.
CONFIDENCE = 0.99
# Assumption: before a tenth of the paper's schedule, a gap may only be a slow start. Measured: after 2.6 epochs a
# ResNet-56 that ends no worse is 28 points behind ResNet-20 (docs/experiments.md, "Degradation").
SHORTEST = 0.1


class Gap(BaseModel):
    """The deeper network's error minus the shallower one's over the window, in points, with its confidence interval."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Comparison(BaseModel):
    """What two curves say about depth. `confidence` is in the diagnosis; null while it is too early for one."""

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


def compare(shallow: RunResult, deep: RunResult) -> Comparison:
    """Compares the last quarter of the iterations that both runs have.

    Raises ValueError if `deep` is not the deeper one, or if the buckets of their curves differ in length.
    """
    if deep.spec.depth <= shallow.spec.depth:
        raise ValueError(f"expected the deeper network second, got depths {shallow.spec.depth} and {deep.spec.depth}")
    window = _window(shallow.train_errors, deep.train_errors)
    gaps = _gaps(shallow.train_errors, deep.train_errors, window)
    batches = batch_means(gaps, BATCHES) if len(gaps) >= 2 * BATCHES else []
    train = against_number(sample(batches), 0.0) if batches else None
    test = _test_gap(shallow, deep, window)
    if train is None:
        diagnosed = _too_early(f"only {len(gaps)} of the {2 * BATCHES} points needed are there")
    elif window.end < (needed := shortest(deep.spec)):
        diagnosed = _too_early(f"before iteration {needed:,} a gap between depths may only be a slow start")
    else:
        left = (min(shallow.spec.iterations, deep.spec.iterations) - window.end) / (window.end - window.start)
        has_ended = left * len(gaps) < 1  # less than a bucket is left
        diagnosed = _diagnose(train, train if has_ended else line_at(batches, left * BATCHES), test)
    return Comparison(
        diagnosis=diagnosed.diagnosis,
        sentence=diagnosed.sentence,
        confidence=diagnosed.confidence,
        train=_gap(train),
        test=_gap(test),
        start=window.start,
        end=window.end,
    )


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
    return against_number(sample(batch_means(gaps, batches)), 0.0) if batches > 2 else None


def _diagnose(train: Difference, at_the_end: Difference, test: Difference | None) -> DiagnosisSentence:
    """Judges the gap now and, during training, also the gap extrapolated to the end of the schedule."""
    doubt = 1 - CONFIDENCE
    higher = max(train.p_above(), at_the_end.p_above())
    lower = max(train.p_below(), at_the_end.p_below())
    worse_on_test = test.p_above() if test else 1.0
    gap = f"The deeper network's training error is {_in_points(train.value)}"
    if higher < doubt:
        text = f"{gap} and will stay higher: it fits worse, which is not overfitting."
        return DiagnosisSentence("degradation", text, 1 - higher)
    if lower < doubt and worse_on_test < doubt:
        text = f"{gap} and its test error is higher: it fits better but generalises worse."
        return DiagnosisSentence("overfitting", text, 1 - max(lower, worse_on_test))
    if lower < doubt:
        return DiagnosisSentence("no degradation", f"{gap}: it fits better.", 1 - lower)
    if at_the_end is train:
        return DiagnosisSentence("no degradation", f"{gap}, no more than chance can explain.", None)
    return _too_early(f"{gap[0].lower()}{gap[1:]}, but the trend may still change that")


def _in_points(difference: float) -> str:
    """1.11 points lower."""
    return f"{abs(difference):.2f} points {'higher' if difference > 0 else 'lower'}"


def _too_early(reason: str) -> DiagnosisSentence:
    return DiagnosisSentence("too early", f"It is too early to say: {reason}.", None)


def _gap(gap: Difference | None) -> Gap | None:
    if gap is None:
        return None
    low, high = gap.interval(1 - CONFIDENCE)
    return Gap(value=gap.value, low=low, high=high)
