"""Owns the detector of degradation: does the deeper of two nets train worse, while both still train or afterwards?

Sec. 1 and Fig. 1: a deeper plain net has the higher *training* error, so it is not overfitting, which has the lower
training error and the higher test error. Both nets are compared over the same iterations, where both have the same
rate; the confidence is about these two runs, and other seeds are a matter for the claims.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.results import ErrorCurve, RunResult
from paper.statistics import Difference, against_number, batch_means, line_at, sample
from trainer.spec import RunSpec

Diagnosis = Literal["degradation", "overfitting", "no degradation", "too early"]

# Of the iterations that both have: with the paper's schedule the last quarter of training has one rate (sec. 4.2).
WINDOW = 0.25
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


def compare(shallow: RunResult, deep: RunResult) -> Comparison:
    """Over the last quarter of the iterations that both have.

    Raises ValueError where `deep` is not the deeper one, or where the buckets of their curves differ in length.
    """
    if deep.spec.depth <= shallow.spec.depth:
        raise ValueError(f"expected the deeper net second, got depths {shallow.spec.depth} and {deep.spec.depth}")
    start, end = _window(shallow.train_errors, deep.train_errors)
    gaps = _gaps(shallow.train_errors, deep.train_errors, (start, end))
    if len(gaps) < 2 * BATCHES:
        return _too_early(f"{len(gaps)} of the {2 * BATCHES} points that are needed", None, (start, end))
    train = against_number(sample(batch_means(gaps, BATCHES)), 0.0)
    needed = shortest(deep.spec)
    if end < needed:
        text = f"{end} iterations; before {needed} a gap is not told from a slow start"
        return _too_early(text, train, (start, end))
    left = min(shallow.spec.iterations, deep.spec.iterations) - end
    finally_ = line_at(batch_means(gaps, BATCHES), BATCHES * left / (end - start)) if left > 0 else train
    test = _test_gap(shallow, deep, (start, end))
    return _diagnosed(train, finally_, test, (start, end))


def shortest(spec: RunSpec) -> int:
    """The iterations before which a gap between two depths is not told from the deeper one's slow start."""
    statement = published.statement("cifar-iterations" if spec.family == "cifar" else "imagenet-iterations")
    assert isinstance(statement.value, float)  # noqa: S101 (for mypy: one number, not several)
    return round(SHORTEST * statement.value)


def _window(shallow: ErrorCurve | None, deep: ErrorCurve | None) -> tuple[int, int]:
    """Its iterations, on the grid of the buckets."""
    if shallow is None or deep is None:
        return 0, 0
    if shallow.every != deep.every:
        raise ValueError(f"expected buckets of one length, got {shallow.every} and {deep.every} iterations")
    end = min(shallow.end, deep.end)
    return end - round(end * WINDOW) // shallow.every * shallow.every, end


def _gaps(shallow: ErrorCurve | None, deep: ErrorCurve | None, window: tuple[int, int]) -> list[float]:
    """Deeper minus shallower, bucket by bucket."""
    if shallow is None or deep is None:
        return []
    pairs = zip(shallow.within(*window), deep.within(*window), strict=True)
    return [deeper - shallower for shallower, deeper in pairs]


def _test_gap(shallow: RunResult, deep: RunResult, window: tuple[int, int]) -> Difference | None:
    """None where there are too few evaluations for a spread: then nothing is said about the test error."""
    ours, theirs = shallow.test_errors, deep.test_errors
    if ours is None or theirs is None or ours.every != theirs.every:
        return None
    gaps = _gaps(ours, theirs, window)
    batches = min(BATCHES, len(gaps) // 2)
    return against_number(sample(batch_means(gaps, batches)), 0.0) if batches > 2 else None


def _diagnosed(train: Difference, finally_: Difference, test: Difference | None, window: tuple[int, int]) -> Comparison:
    doubt = 1 - SURE
    higher = max(train.p_above(), finally_.p_above())
    lower = max(train.p_below(), finally_.p_below())
    worse_on_test = test.p_above() if test else 1.0
    seen = f"the deeper net's training error is {train.value:+.2f} points from the other's"
    if higher < doubt:
        text = f"{seen}, and stays above it: it does not fit as well, which is not overfitting"
        return _said("degradation", text, 1 - higher, (train, test), window)
    if lower < doubt and worse_on_test < doubt:
        text = f"{seen} and its test error is higher: it fits better and generalises worse"
        return _said("overfitting", text, 1 - max(lower, worse_on_test), (train, test), window)
    if lower < doubt:
        return _said("no degradation", f"{seen}: the deeper net fits better", 1 - lower, (train, test), window)
    if finally_ is train:
        return _said("no degradation", f"{seen}, no more than chance shows", None, (train, test), window)
    return _too_early(f"{seen}, and by its course it may yet come out otherwise", train, window)


def _too_early(why: str, train: Difference | None, window: tuple[int, int]) -> Comparison:
    return _said("too early", f"too early to say: {why}", None, (train, None), window)


def _said(
    diagnosis: Diagnosis,
    sentence: str,
    confidence: float | None,
    gaps: tuple[Difference | None, Difference | None],
    window: tuple[int, int],
) -> Comparison:
    train, test = (gap and _gap(gap) for gap in gaps)
    return Comparison(
        diagnosis=diagnosis,
        sentence=sentence,
        confidence=confidence,
        train=train,
        test=test,
        start=window[0],
        end=window[1],
    )


def _gap(gap: Difference) -> Gap:
    low, high = gap.interval(1 - SURE)
    return Gap(value=gap.value, low=low, high=high)
