"""Owns the detector of degradation: does the deeper of two nets train worse, while both still train or afterwards?

Sec. 1 and Fig. 1: a deeper plain net has the higher *training* error, so it is not overfitting, which has the lower
training error and the higher test error. Both nets are compared over the same iterations, where both have the same
rate; the confidence is about these two runs, and other seeds are a matter for the claims.
"""

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.results import ErrorCurve, RunResult
from paper.statistics import Difference, against_number, batch_means, line_at, sample
from trainer.spec import RunSpec

Diagnosis = Literal["degradation", "overfitting", "no degradation", "too early"]

# Of the iterations that both have: with the paper's schedule the last quarter of training has one rate (sec. 4.2).
QUARTER = 0.25
# Means of so many batches are as good as independent, and nine degrees of freedom are enough for a t.
BATCHES = 10
# A live detector looks often: surer than a verdict.
SURE = 0.99
# Assumption: before a tenth of the paper's schedule a gap is not told from a slow start. Measured: after 2.6 epochs a
# ResNet-56 that is no worse in the end is 28 points behind ResNet-20 (docs/experiments.md, "Degradation").
SHORTEST = 0.1


class Gap(BaseModel):
    """The deeper net's error minus the other's over the window, in points, and the ends between which it surely is."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Comparison(BaseModel):
    """What two curves say about depth. `confidence` is that of the diagnosis; absent where it is too early for one."""

    model_config = ConfigDict(frozen=True)

    diagnosis: Diagnosis
    sentence: str
    confidence: float | None = None
    train: Gap | None = None
    test: Gap | None = None
    start: int = Field(description="The window: errors after this iteration …")
    end: int = Field(description="… and up to this one are compared.")


class Window(NamedTuple):
    """Iterations after `start` and up to `end`."""

    start: int
    end: int


class Diagnosed(NamedTuple):
    diagnosis: Diagnosis
    sentence: str
    confidence: float | None


def compare(shallow: RunResult, deep: RunResult) -> Comparison:
    """Over the last quarter of the iterations that both have.

    Raises ValueError where `deep` is not the deeper one, or where the buckets of their curves differ in length.
    """
    if deep.spec.depth <= shallow.spec.depth:
        raise ValueError(f"expected the deeper net second, got depths {shallow.spec.depth} and {deep.spec.depth}")
    window = _window(shallow.train_errors, deep.train_errors)
    gaps = _gaps(shallow.train_errors, deep.train_errors, window)
    batches = batch_means(gaps, BATCHES) if len(gaps) >= 2 * BATCHES else []
    train = against_number(sample(batches), 0.0) if batches else None
    test = _test_gap(shallow, deep, window)
    if train is None:
        found = _too_early(f"{len(gaps)} of the {2 * BATCHES} points that are needed")
    elif window.end < (needed := shortest(deep.spec)):
        found = _too_early(f"{window.end} iterations; before {needed} a gap is not told from a slow start")
    else:
        left = (min(shallow.spec.iterations, deep.spec.iterations) - window.end) / (window.end - window.start)
        has_ended = left * len(gaps) < 1  # less than a bucket is left
        found = _diagnosed(train, train if has_ended else line_at(batches, left * BATCHES), test)
    return Comparison(
        diagnosis=found.diagnosis,
        sentence=found.sentence,
        confidence=found.confidence,
        train=_gap(train),
        test=_gap(test),
        start=window.start,
        end=window.end,
    )


def shortest(spec: RunSpec) -> int:
    """The iterations before which a gap between two depths is not told from the deeper one's slow start."""
    statement = published.statement("cifar-iterations" if spec.family == "cifar" else "imagenet-iterations")
    assert isinstance(statement.value, float)  # noqa: S101 (for mypy: one number, not several)
    return round(SHORTEST * statement.value)


def _window(shallow: ErrorCurve | None, deep: ErrorCurve | None) -> Window:
    """Its iterations, on the grid of the buckets."""
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
    """None where there are too few evaluations for a spread: then nothing is said about the test error."""
    ours, theirs = shallow.test_errors, deep.test_errors
    if ours is None or theirs is None or ours.every != theirs.every:
        return None
    # The evaluation at the window's end may still be under way.
    gaps = _gaps(ours, theirs, Window(window.start, min(window.end, ours.end, theirs.end)))
    batches = min(BATCHES, len(gaps) // 2)
    return against_number(sample(batch_means(gaps, batches)), 0.0) if batches > 2 else None


def _diagnosed(train: Difference, at_the_end: Difference, test: Difference | None) -> Diagnosed:
    """By the gap now and, while training goes on, by the line through it at the end of the schedule as well."""
    doubt = 1 - SURE
    higher = max(train.p_above(), at_the_end.p_above())
    lower = max(train.p_below(), at_the_end.p_below())
    worse_on_test = test.p_above() if test else 1.0
    seen = f"the deeper net's training error is {train.value:+.2f} points from the other's"
    if higher < doubt:
        text = f"{seen}, and stays above it: it does not fit as well, which is not overfitting"
        return Diagnosed("degradation", text, 1 - higher)
    if lower < doubt and worse_on_test < doubt:
        text = f"{seen} and its test error is higher: it fits better and generalises worse"
        return Diagnosed("overfitting", text, 1 - max(lower, worse_on_test))
    if lower < doubt:
        return Diagnosed("no degradation", f"{seen}: the deeper net fits better", 1 - lower)
    if at_the_end is train:
        return Diagnosed("no degradation", f"{seen}, no more than chance shows", None)
    return _too_early(f"{seen}, and by its course it may yet come out otherwise")


def _too_early(why: str) -> Diagnosed:
    return Diagnosed("too early", f"too early to say: {why}", None)


def _gap(gap: Difference | None) -> Gap | None:
    if gap is None:
        return None
    low, high = gap.interval(1 - SURE)
    return Gap(value=gap.value, low=low, high=high)
