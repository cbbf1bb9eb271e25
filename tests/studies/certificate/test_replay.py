"""How a replay is compared with the certificate: exactly on the same machine, within a tolerance elsewhere."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from studies.certificate import curve, replay
from studies.certificate.contents import CertifiedCheckpoint, Contents
from studies.certificate.replay import Points, Replay
from studies.certificate.stretch import CannotReplay, Stretch, find
from tests.studies.certificate.conftest import Forgery
from trainer.events import Evaluated, Saved, Started, Steps

Change = Callable[[int, float], float]


@pytest.fixture
def stretch(forgery: Forgery) -> Stretch:
    """The iterations 1 to 16 of a real run of 32, which has a checkpoint at 12, and was tested at 4, 8, 12 and 16."""
    member = Contents.model_validate(forgery.contents | {"public_key": "00"}).members[0]
    assert member.run is not None
    checkpoint = CertifiedCheckpoint(iteration=12, sha256="c" * 64, size_bytes=1, file=None)
    run = member.run.model_copy(update={"checkpoints": [checkpoint]})
    return find([member.model_copy(update={"run": run})], 1, 0, 16)


@pytest.fixture
def certified(forgery: Forgery, stretch: Stretch) -> Points:
    return replay.certified_points(stretch, curve.records(forgery.files[stretch.run.curve or ""]))


def repeated(stretch: Stretch, certified: Points, loss: Change = lambda _, loss: loss, **machine: Any) -> Replay:
    """What a trainer reports that comes to the certified results, but for these losses and this machine."""
    body = {name: stretch.run.trainers[0].get(name) for name in Started.model_fields if name != "kind"}
    again = Replay()
    again.add(Started.model_validate(body | {"source": "ab" * 32, "processor": "a CPU"} | machine))
    stretch.run.trainers[0].update(source="ab" * 32, processor="a CPU")
    losses = [loss(number, value) for number, (value, _) in enumerate(certified.values(), 1)]
    errors = [error for _, error in certified.values()]
    again.add(Steps(first=1, loss=losses, error=errors, lr=[0.1] * len(losses), images_per_s=1.0))
    for test in stretch.run.tests:
        again.add(evaluated(test.iteration, test.error))
    again.add(saved("c" * 64))
    return again


def evaluated(iteration: int, error: float) -> Evaluated:
    return Evaluated(iteration=iteration, split="test", error=error, top5_error=None, loss=1.0, images=360)


def saved(sha256: str) -> Saved:
    return Saved(
        iteration=12, role="checkpoint", format="safetensors", file="checkpoint-12", sha256=sha256, size_bytes=1
    )


def test_the_same_results_are_identical_on_any_machine(stretch: Stretch, certified: Points) -> None:
    for threads in (stretch.run.trainers[0]["threads"], 64):
        comparison = replay.compare(stretch, certified, repeated(stretch, certified, threads=threads))
        assert comparison.outcome == "identical"
        assert comparison.sentences[0] == "16 losses bit for bit"
        assert comparison.sentences[-1] == "the weights and momentum of iteration 12"
        assert "the test error of iteration 16" in comparison.sentences


def test_the_last_bit_of_a_loss_counts_on_the_same_machine(stretch: Stretch, certified: Points) -> None:
    def next_float(number: int, loss: float) -> float:
        return float(np.nextafter(np.float32(loss), np.float32(9))) if number == 7 else loss

    comparison = replay.compare(stretch, certified, repeated(stretch, certified, next_float))
    assert comparison.outcome == "DIFFERS"
    assert comparison.sentences[0].startswith("iteration 7 has the loss ")


def test_a_test_error_and_a_checkpoint_count_too(stretch: Stretch, certified: Points) -> None:
    again = repeated(stretch, certified)
    again.add(evaluated(16, 1.0))
    again.add(saved("d" * 64))
    comparison = replay.compare(stretch, certified, again)
    assert comparison.outcome == "DIFFERS"
    assert comparison.sentences[0].startswith("iteration 16 has the test error 1.00 % here, certified ")
    assert comparison.sentences[1] == "the weights and momentum of iteration 12 are not the certified ones"


def test_a_checkpoint_at_which_a_process_stopped_is_not_compared(stretch: Stretch, certified: Points) -> None:
    """The stop may have cut its evaluation short, so an honest replay has another one."""
    again = repeated(stretch, certified)
    stretch.run.trainers.append(stretch.run.trainers[0] | {"resumed_from": 12})
    again.add(saved("d" * 64))
    assert replay.compare(stretch, certified, again).outcome == "identical"


@pytest.mark.parametrize(
    "machine",
    [
        {"threads": 64},
        {"processor": "another CPU"},
        {"source": "cd" * 32},
        {"versions": {"torch": "1.0"}},
        {"device": "a GPU", "device_kind": "gpu"},
    ],
)
def test_another_machine_agrees_within_the_tolerances_for_three_iterations(
    machine: dict[str, Any], stretch: Stretch, certified: Points
) -> None:
    comparison = replay.compare(stretch, certified, repeated(stretch, certified, growing(0.009), **machine))
    assert comparison.outcome == "within tolerance"
    assert comparison.sentences[0] == "3 losses to within 0.9 % (allowed: 0.1 %, then 0.3 %, then 1 %)"
    comparison = replay.compare(stretch, certified, repeated(stretch, certified, growing(0.011), **machine))
    assert comparison.outcome == "DIFFERS"
    assert comparison.sentences[0].startswith("iteration 3 has the loss ")
    changed = repeated(stretch, certified, lambda number, loss: loss * (1.002 if number == 1 else 1), **machine)
    assert replay.compare(stretch, certified, changed).outcome == "DIFFERS"  # the first loss is hardly rounded


def growing(at_three: float) -> Change:
    """A relative drift that grows tenfold with every iteration."""
    return lambda number, loss: loss * (1 + at_three * 10.0 ** (number - 3))


def test_a_certificate_that_does_not_say_which_code_trained_is_compared_within_the_tolerance(
    stretch: Stretch, certified: Points
) -> None:
    again = repeated(stretch, certified, lambda _, loss: loss * 1.0009)
    stretch.run.trainers[0].update(source=None)
    comparison = replay.compare(stretch, certified, again)
    assert comparison.outcome == "within tolerance"
    assert "the trainer's source unknown, here abababababab" in comparison.sentences[1]


def test_a_replay_that_began_elsewhere_or_ended_early_proves_nothing(stretch: Stretch, certified: Points) -> None:
    again = repeated(stretch, certified, resumed_from=4)
    with pytest.raises(CannotReplay, match="can't use the checkpoint of iteration 0"):
        replay.compare(stretch, certified, again)
    again = repeated(stretch, certified)
    del again.points[16]
    with pytest.raises(CannotReplay, match="did not reach their end"):
        replay.compare(stretch, certified, again)
