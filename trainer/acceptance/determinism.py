"""Owns the comparison of two trainings from one seed, bit for bit."""

from collections.abc import Iterator

from torch import Tensor

from trainer.acceptance.arithmetic import mini_batch
from trainer.acceptance.conditions import Conditions, cifar, imagenet
from trainer.acceptance.report import Measurement
from trainer.spec import RunSpec
from trainer.training import begin, step

TOPIC = "determinism"
ITERATIONS = 5
SIDE = 64


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """One measurement for each family."""
    for spec in [cifar(8, 32)] if conditions.is_short else [cifar(20, 64), imagenet(50, 4)]:
        first, second = _train(spec, conditions), _train(spec, conditions)
        differing = sum(not a.equal(b) for a, b in zip(first, second, strict=True))
        yield Measurement(
            topic=TOPIC,
            what=f"{spec.name}: the same seed twice",
            measured=f"{len(first) - differing} of {len(first)} tensors equal",
            bar="all, bit for bit",
            verdict="failed" if differing else "passed",
            reason=f"Weights, statistics, momentum and losses after {ITERATIONS} iterations. Resuming needs it.",
        )


def _train(spec: RunSpec, conditions: Conditions) -> list[Tensor]:
    """All that a short training leaves."""
    training = begin(spec, 1000 if spec.family == "imagenet" else 10, "", conditions.device)
    inputs, labels = (part.to(conditions.device) for part in mini_batch(spec, SIDE))
    losses = [step(training, inputs, labels, 0.1)[0] for _ in range(ITERATIONS)]
    return [*training.network.state_dict().values(), *training.sgd.velocity.values(), *losses]
