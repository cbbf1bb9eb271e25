"""Last and best errors are different types, and curves are cut at the ends of buckets."""

from paper.results import BestError, ErrorCurve, LastError, LastErrors, RunResult
from trainer.spec import RunSpec


def test_a_list_of_last_errors_refuses_a_best_error() -> None:
    """For mypy, which refuses an unneeded ignore: if both were the same type, `make types` would fail here."""
    best = BestError(6.4)
    from_best = LastErrors((best,))  # type: ignore[arg-type]  # that is the point
    plain = LastErrors((6.4,))  # type: ignore[arg-type]  # a number alone does not say which
    assert from_best == plain


def test_last_errors_are_those_of_runs_that_ended_and_of_one_protocol() -> None:
    spec = RunSpec(depth=34, shortcut="A", dataset="imagenet")
    ended = RunResult(spec=spec, last={"10-crop": LastError(25.0), "centre crop": LastError(26.7)})
    errors = LastErrors.of([ended, RunResult(spec=spec)], "10-crop")
    assert errors == LastErrors((LastError(25.0),), "10-crop")


def test_the_best_of_runs_is_the_least_last_error() -> None:
    assert LastErrors((LastError(6.6), LastError(6.43))).best_of_runs == 6.43


def test_a_window_holds_whole_buckets_only() -> None:
    curve = ErrorCurve(every=10, start=20, means=(1, 2, 3, 4))
    assert curve.end == 60
    assert curve.within(20, 60) == (1, 2, 3, 4)
    assert curve.within(21, 59) == (2, 3)
    assert curve.within(0, 40) == (1, 2)
    assert curve.within(60, 90) == ()
    assert curve.within(0, 10) == ()
