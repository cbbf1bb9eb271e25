"""How long a trainer may say nothing."""

from trainer.events import Evaluated, Started, Steps
from trainer.spec import RunSpec
from worker.silence import Silence

SPEC = RunSpec(depth=8, shortcut="A", dataset="synthetic", iterations=300, evaluate_every=100)


def steps(first: int, count: int = 1) -> Steps:
    return Steps(first=first, loss=[1.0] * count, error=[1.0] * count, lr=[0.1] * count, images_per_s=1)


def passes(silence: Silence, start_s: float, seconds: int) -> bool:
    """Whether it is too long, looked at once a second."""
    return any(silence.look(start_s + second) for second in range(1, seconds + 1))


def started() -> Started:
    images = {"train_images": 9, "val_images": 0, "test_images": 9}
    device = {"device": "cpu", "device_kind": "cpu", "threads": 1, "versions": {}, "data_hash": "00"}
    return Started.model_validate({"resumed_from": 0} | images | device)


def training(spec: RunSpec = SPEC) -> Silence:
    """With a limit of 60 s, after its first point, which took 2 s."""
    silence = Silence(spec, 60, 0)
    silence.hear(started())
    silence.look(1)
    silence.look(2)
    silence.hear(steps(1))
    return silence


def test_a_trainer_that_says_nothing_any_more_is_silent_after_the_limit() -> None:
    assert not passes(training(), 2, 60)
    assert passes(training(), 2, 61)


def test_a_line_of_the_log_is_something_said() -> None:
    silence = training()
    assert not passes(silence, 2, 50)
    silence.hear()
    assert not passes(silence, 52, 60)


def test_preparing_the_data_may_take_longer() -> None:
    assert not passes(Silence(SPEC, 60, 0), 0, 360)
    assert passes(Silence(SPEC, 60, 0), 0, 361)


def test_an_evaluation_may_take_longer() -> None:
    silence = training()
    silence.hear(steps(2, 99))
    assert not passes(silence, 2, 360)
    silence.hear(Evaluated(iteration=100, split="test", error=5, top5_error=None, loss=1, images=9))
    assert passes(silence, 400, 61)


def test_a_slow_trainer_is_measured_by_its_own_pace() -> None:
    silence = Silence(SPEC.model_copy(update={"log_every": 100, "evaluate_every": 150}), 60, 0)
    assert not passes(silence, 0, 3000)  # an iteration of 30 s
    silence.hear(steps(100))
    assert not passes(silence, 3000, 30_000)
    assert passes(silence, 33_000, 1)


def test_a_time_in_which_nobody_looked_is_not_the_trainers_silence() -> None:
    silence = training()
    assert not silence.look(1_000_000)
    assert not passes(silence, 1_000_000, 59)
    assert passes(silence, 1_000_059, 1)
