"""How long a trainer may be silent."""

from trainer.events import Evaluated, Started, Steps
from trainer.spec import RunSpec
from worker.silence import Silence

SPEC = RunSpec(depth=8, shortcut="A", dataset="synthetic", iterations=300, evaluate_every=100)


def steps(first: int, count: int = 1) -> Steps:
    return Steps(first=first, loss=[1.0] * count, error=[1.0] * count, lr=[0.1] * count, images_per_s=1)


def is_too_long(silence: Silence, start_s: float, seconds: int) -> bool:
    """Whether any of the checks, one per second, finds the silence too long."""
    return any(silence.check(start_s + second) for second in range(1, seconds + 1))


def started() -> Started:
    images = {"train_images": 9, "val_images": 0, "test_images": 9}
    device = {"device": "cpu", "device_kind": "cpu", "threads": 1, "versions": {}, "data_hash": "00"}
    return Started.model_validate({"resumed_from": 0} | images | device)


def training(spec: RunSpec = SPEC) -> Silence:
    """Limit 60 s; the first point has just come, after 2 s."""
    silence = Silence(spec, 60, 0)
    silence.hear(started())
    silence.check(1)
    silence.check(2)
    silence.hear(steps(1))
    return silence


def test_a_trainer_is_too_silent_after_the_limit() -> None:
    assert not is_too_long(training(), 2, 60)
    assert is_too_long(training(), 2, 61)


def test_a_log_line_ends_the_silence() -> None:
    silence = training()
    assert not is_too_long(silence, 2, 50)
    silence.hear()
    assert not is_too_long(silence, 52, 60)


def test_preparing_the_data_may_take_longer() -> None:
    assert not is_too_long(Silence(SPEC, 60, 0), 0, 360)
    assert is_too_long(Silence(SPEC, 60, 0), 0, 361)


def test_an_evaluation_may_take_longer() -> None:
    silence = training()
    silence.hear(steps(2, 99))
    assert not is_too_long(silence, 2, 360)
    silence.hear(Evaluated(iteration=100, split="test", error=5, top5_error=None, loss=1, images=9))
    assert is_too_long(silence, 400, 61)


def test_a_slow_trainer_is_measured_by_its_own_pace() -> None:
    silence = Silence(SPEC.model_copy(update={"log_every": 100, "evaluate_every": 150}), 60, 0)
    assert not is_too_long(silence, 0, 3000)  # 30 s per iteration
    silence.hear(steps(100))
    assert not is_too_long(silence, 3000, 30_000)
    assert is_too_long(silence, 33_000, 1)


def test_time_without_checks_does_not_count_as_silence() -> None:
    silence = training()
    assert not silence.check(1_000_000)
    assert not is_too_long(silence, 1_000_000, 59)
    assert is_too_long(silence, 1_000_059, 1)
