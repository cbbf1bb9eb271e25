"""The detector on curves whose truth is known: worse, better, slow, overfitting, and nothing but noise."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from paper.degradation import GAP_MARGIN, SEED_SPREAD, compare, seed_spread
from paper.results import ErrorCurve, LastError, RunResult
from trainer.spec import RunSpec

ITERATIONS = 64_000
EVERY = 64
Course = Callable[[Any], Any]  # Any: an array of iterations in, one of errors out


def falls_to(error: float, pace: float = 2000) -> Course:
    """Falls from 90 % towards `error` at a learning rate of 0.1, and halves with each drop."""

    def course(at: Any) -> Any:  # Any: arrays
        drops = 0.5 ** ((at >= 32_000).astype(float) + (at >= 48_000))
        return (error + (90 - error) * np.exp(-at / pace)) * drops

    return course


def curve(course: Course, end: int, seed: int, every: int = EVERY) -> ErrorCurve:
    """Bucket means with the binomial noise of mini-batches of 128, and as much correlated noise again."""
    rng = np.random.default_rng(seed)
    errors = course(np.arange(every / 2, end, every))
    noise = rng.normal(size=(2, len(errors)))
    for step in range(1, len(errors)):
        noise[1, step] = 0.7 * noise[1, step - 1] + 0.7 * noise[1, step]
    spread = np.sqrt(errors * (100 - errors) / (128 * every))
    return ErrorCurve(every=every, means=tuple((errors + spread * noise.sum(axis=0)).tolist()))


def net(depth: int, course: Course, end: int = ITERATIONS, seed: int = 0, **more: Any) -> RunResult:  # Any: fields
    spec = RunSpec(depth=depth, shortcut="none", dataset="cifar10")
    return RunResult(spec=spec, train_errors=curve(course, end, seed + depth), **more)


def test_a_deeper_network_that_trains_worse_is_degradation() -> None:
    comparison = compare(net(20, falls_to(4.5)), net(56, falls_to(15, pace=3000)))
    assert comparison.diagnosis == "degradation"
    assert comparison.confidence is not None
    assert comparison.confidence > 0.999
    assert comparison.train is not None
    assert comparison.train.low < 2.625 < comparison.train.high
    assert (comparison.start, comparison.end) == (48_000, 64_000)


def test_degradation_is_detected_before_the_end_but_not_at_the_beginning() -> None:
    shallow, deep = falls_to(4.5), falls_to(15, pace=3000)
    diagnoses = {
        end: compare(net(20, shallow, end), net(56, deep, end)).diagnosis for end in (640, 3200, 6400, 31_360, 46_080)
    }
    assert diagnoses == {
        640: "too early",
        3200: "too early",
        6400: "too early",
        31_360: "degradation",
        46_080: "degradation",
    }


@pytest.mark.parametrize("end", [6400, 9600, 12_800, 19_200, 25_600, 32_000, 38_400, 51_200, 64_000])
def test_a_slow_start_that_catches_up_is_never_degradation(end: int) -> None:
    comparison = compare(net(20, falls_to(6), end), net(56, falls_to(5.9, pace=6000), end))
    assert comparison.diagnosis in ("too early", "no degradation", "no difference found")


def test_a_short_training_is_too_early_however_it_ends() -> None:
    """docs/experiments.md: at 1,000 iterations the ResNets would have been diagnosed as degraded too."""
    spec = RunSpec(depth=56, shortcut="A", dataset="cifar10", iterations=1000)
    deep = RunResult(spec=spec, train_errors=curve(lambda at: 60 + 0 * at, 1000, 1, every=8))
    shallow = RunResult(
        spec=spec.model_copy(update={"depth": 20}), train_errors=curve(lambda at: 33 + 0 * at, 1000, 2, every=8)
    )
    comparison = compare(shallow, deep)
    assert comparison.diagnosis == "too early"
    assert "before iteration 6,400 a gap between depths may only be a slow start" in comparison.sentence
    assert comparison.train is not None
    assert comparison.train.value == pytest.approx(27, abs=3)


def test_overfitting_trains_better_and_tests_worse() -> None:
    shallow = net(110, falls_to(3), test_errors=ErrorCurve(every=1000, means=noisy(6.6)))
    deep = net(1202, falls_to(0.3), test_errors=ErrorCurve(every=1000, means=noisy(7.9)))
    comparison = compare(shallow, deep)
    assert comparison.diagnosis == "overfitting"
    assert comparison.test is not None
    assert comparison.test.low < 1.3 < comparison.test.high


def test_with_too_few_evaluations_the_test_error_takes_no_part() -> None:
    shallow = net(110, falls_to(3), test_errors=ErrorCurve(every=16_000, means=(60.0, 30.0, 7.0, 6.6)))
    deep = net(1202, falls_to(0.3), test_errors=ErrorCurve(every=16_000, means=(60.0, 30.0, 9.0, 7.9)))
    comparison = compare(shallow, deep)
    assert comparison.diagnosis == "no degradation"
    assert comparison.test is None


def test_a_deeper_network_that_trains_and_tests_better_is_no_degradation() -> None:
    shallow = net(20, falls_to(6), test_errors=ErrorCurve(every=1000, means=noisy(8.7)))
    deep = net(56, falls_to(2), test_errors=ErrorCurve(every=1000, means=noisy(6.9)))
    assert compare(shallow, deep).diagnosis == "no degradation"


def test_two_equal_networks_are_seldom_diagnosed_as_degradation() -> None:
    pairs = ((net(20, falls_to(6), seed=seed), net(56, falls_to(6), seed=5000 + seed)) for seed in range(200))
    assert sum(compare(shallow, deep).diagnosis == "degradation" for shallow, deep in pairs) <= 2


Noise = tuple[float, float, int]  # lag-1 correlation, standard deviation of a bucket in points, buckets in the window
# Mini-batches of 128 in buckets of 64 iterations at an error of 2 %, and three times this noise.
NOISES = [
    pytest.param((0.0, 0.15, 250), marks=pytest.mark.long),
    pytest.param((0.9, 0.15, 250), marks=pytest.mark.long),
    pytest.param((0.9, 0.15, 100)),
    pytest.param((0.9, 0.5, 250)),
]


def diagnoses(gap: float, noise: Noise, seed_spread: float = 0.1, many: int = 400) -> Counter[str]:
    """Of pairs whose training errors differ by `gap`, with autocorrelated noise and a spread between seeds."""
    correlation, std, points = noise
    rng = np.random.default_rng(15)
    errors = rng.normal(0, std, (2, many, points))
    for step in range(1, points):
        errors[..., step] = correlation * errors[..., step - 1] + (1 - correlation**2) ** 0.5 * errors[..., step]
    errors += rng.normal(0, seed_spread, (2, many, 1)) + np.array([2.0, 2.0 + gap])[:, None, None]
    return Counter(
        compare(ended(20, shallow), ended(56, deep)).diagnosis for shallow, deep in zip(*errors.tolist(), strict=True)
    )


def ended(depth: int, window: list[float]) -> RunResult:
    """A run that ended, with the last quarter of its curve."""
    every = ITERATIONS // 4 // len(window)
    start = ITERATIONS - every * len(window)
    spec = RunSpec(depth=depth, shortcut="none", dataset="cifar10")
    return RunResult(spec=spec, train_errors=ErrorCurve(every=every, start=start, means=tuple(window)))


@pytest.mark.parametrize("noise", NOISES)
def test_equal_networks_with_correlated_noise_and_seeds_are_seldom_called_degraded(noise: Noise) -> None:
    """Before there was a margin, 5 to 44 % of equal pairs were called degraded with a confidence of 99 %."""
    assert diagnoses(0.0, noise)["degradation"] / 400 <= 0.05


@pytest.mark.parametrize("noise", NOISES)
def test_a_whole_point_is_found(noise: Noise) -> None:
    assert diagnoses(1.0, noise)["degradation"] / 400 >= 0.9


@pytest.mark.parametrize("noise", NOISES)
def test_a_gap_as_large_as_the_margin_is_seldom_ruled_in_or_out(noise: Noise) -> None:
    counts = diagnoses(GAP_MARGIN, noise)
    allowed = 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    assert counts["degradation"] / 400 <= allowed
    assert counts["no degradation"] / 400 <= allowed


def test_two_hundredths_of_a_point_are_no_degradation_however_sure_they_are() -> None:
    """This was "does not fit as well" with a confidence of 99.9 %."""
    rng = np.random.default_rng(4)
    shallow, deep = (
        ended(depth, (level + rng.normal(0, 0.01, 250)).tolist()) for depth, level in ((20, 2.0), (56, 2.02))
    )
    comparison = compare(shallow, deep)
    assert comparison.diagnosis in ("no degradation", "no difference found")
    assert "0.02 points higher" in comparison.sentence


def test_no_difference_found_is_not_no_degradation() -> None:
    rng = np.random.default_rng(5)
    alike, noisy, better = (
        ended(depth, (level + rng.normal(0, spread, 250)).tolist())
        for depth, level, spread in ((20, 2.0, 0.1), (56, 2.1, 0.1), (56, 1.4, 0.1))
    )
    open_question, ruled_out = compare(alike, noisy), compare(alike, better)
    assert open_question.diagnosis == "no difference found"
    assert open_question.sentence.endswith("A difference of more than 0.2 points is neither shown nor ruled out.")
    assert open_question.confidence is None
    assert ruled_out.diagnosis == "no degradation"


def test_a_diagnosis_speaks_of_these_two_runs() -> None:
    sentence = compare(net(20, falls_to(4.5)), net(56, falls_to(15, pace=3000))).sentence
    assert sentence.startswith("In these two runs, the deeper network's training error is 2.70 points higher")
    assert sentence.endswith("significantly more than 0.2 points: it fits worse, which is not overfitting.")


def test_a_wider_spread_between_seeds_takes_a_wider_gap() -> None:
    runs = [ended(20, [2.0, 2.1] * 50), ended(56, [2.6, 2.7] * 50)]
    assert compare(runs[0], runs[1]).diagnosis == "degradation"
    assert compare(runs[0], runs[1], spread=0.5).diagnosis == "no difference found"


def test_the_spread_is_the_seeds_own_where_it_is_wider() -> None:
    def seeds(*errors: float) -> list[RunResult]:
        spec = RunSpec(depth=20, shortcut="none", dataset="cifar10")
        return [RunResult(spec=spec, last={"single view": LastError(9.0)}, train_error=error) for error in errors]

    assert seed_spread([seeds(2.0, 3.0)]) == SEED_SPREAD
    assert seed_spread([seeds(2.0, 2.01, 2.02), seeds(3.0, 3.01, 3.02)]) == SEED_SPREAD
    assert seed_spread([seeds(1.0, 2.0, 3.0), seeds(2.0, 4.0, 6.0)]) == pytest.approx(2.5**0.5)


def test_a_training_whose_last_bucket_is_not_full_has_ended() -> None:
    specs = (RunSpec(depth=depth, shortcut="none", dataset="cifar10") for depth in (20, 56))
    shallow, deep = (
        RunResult(spec=spec, train_errors=curve(falls_to(6), ITERATIONS - 95, seed, every=96))
        for seed, spec in enumerate(specs)
    )
    comparison = compare(shallow, deep)
    assert comparison.end < ITERATIONS
    assert comparison.diagnosis in ("no degradation", "no difference found")


def test_curves_of_different_length_are_compared_where_both_are() -> None:
    comparison = compare(net(20, falls_to(4.5)), net(56, falls_to(15), end=32_000))
    assert (comparison.start, comparison.end) == (24_000, 32_000)


def test_no_curve_yet_is_too_early() -> None:
    spec = RunSpec(depth=56, shortcut="none", dataset="cifar10")
    assert compare(net(20, falls_to(6)), RunResult(spec=spec)).diagnosis == "too early"


def test_curves_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the deeper network second, got depths 56 and 20"):
        compare(net(56, falls_to(6)), net(20, falls_to(6)))
    coarse = net(56, falls_to(6)).model_copy(update={"train_errors": curve(falls_to(6), ITERATIONS, 1, every=128)})
    with pytest.raises(ValueError, match="expected buckets of one length, got 64 and 128 iterations"):
        compare(net(20, falls_to(6)), coarse)


def noisy(error: float) -> tuple[float, ...]:
    return tuple(np.random.default_rng(int(error * 10)).normal(error, 0.15, 64).tolist())


def test_an_unfinished_evaluation_is_left_out() -> None:
    """The deeper network has trained to the window's end, but its last test error is still missing."""
    ended = curve(falls_to(9), ITERATIONS, 1, every=1000)
    behind = ErrorCurve(every=1000, means=ended.means[:-1])
    shallow, deep = net(20, falls_to(4.5), test_errors=ended), net(56, falls_to(15, pace=3000), test_errors=behind)
    assert compare(shallow, deep).diagnosis == "degradation"
