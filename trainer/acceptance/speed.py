"""Owns the images a second of four networks of the paper, beside what this device could do at most."""

from collections.abc import Callable, Iterator

import torch

from trainer.acceptance.arithmetic import mini_batch
from trainer.acceptance.conditions import Conditions, cifar, imagenet
from trainer.acceptance.report import Measurement
from trainer.acceptance.roofline import Limits, arithmetic_seconds, convolutions, seconds
from trainer.acceptance.turns import noise
from trainer.data.batches import Batches
from trainer.plan import plan
from trainer.process.device import memory_bytes
from trainer.process.fit import USABLE
from trainer.process.iteration import Iteration
from trainer.spec import RunSpec
from trainer.training import begin, step

TOPIC = "speed"
SIDE = 224
# A CPU needs half a minute for the paper's 256 photographs; speed hardly depends on the number.
CPU_PHOTOGRAPHS = 8


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """The device's own limits, then each network's images a second."""
    operations = matrix_product_rate(conditions)
    specs = [_fitting(spec, conditions) for spec in _networks(conditions)]
    yield _limit("matrix product, float32", f"{operations / 1e9:,.0f} billion operations/s", "arithmetic")
    for spec in specs:
        copying = copy_rate(conditions, largest_map_bytes(spec))
        yield _speed(spec, conditions, Limits(operations, copying))


def matrix_product_rate(conditions: Conditions) -> float:
    """float32 operations a second of a large matrix product, a multiply and an add counted as two."""
    side = 4096 if conditions.is_gpu else 1024 if conditions.is_short else 2048
    a, b = torch.randn(2, side, side, device=conditions.device)
    product = torch.empty_like(a)
    return 2 * side**3 / conditions.seconds(lambda: torch.mm(a, b, out=product), times=10)


def copy_rate(conditions: Conditions, size_bytes: int) -> float:
    """Bytes a second, read and written, of copying a map of this size. Small ones stay in caches, as in a network."""
    source = torch.zeros(size_bytes // 4, device=conditions.device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / conditions.seconds(lambda: target.copy_(source), times=10)


def largest_map_bytes(spec: RunSpec) -> int:
    return 4 * spec.batch_size * max(conv.layout.elements for conv in convolutions(spec))


def _networks(conditions: Conditions) -> list[RunSpec]:
    if conditions.is_short:
        return [cifar(20, 128 if conditions.is_gpu else 32)]
    return [cifar(20), cifar(56), cifar(110), imagenet(50, 256 if conditions.is_gpu else CPU_PHOTOGRAPHS)]


def _fitting(spec: RunSpec, conditions: Conditions) -> RunSpec:
    """With half the batch as often as it takes to fit the device's memory."""
    while plan(spec).memory_bytes > USABLE * memory_bytes(conditions.device) and spec.batch_size > 1:
        spec = spec.model_copy(update={"batch_size": spec.batch_size // 2})
    return spec


def _speed(spec: RunSpec, conditions: Conditions, limits: Limits) -> Measurement:
    iteration_s = conditions.seconds(_iteration(spec, conditions), times=10 if conditions.is_gpu else 3)
    rate, most = (spec.batch_size / time_s for time_s in (iteration_s, seconds(spec, limits)))
    arithmetic = spec.batch_size / arithmetic_seconds(spec, limits)
    return Measurement(
        topic=TOPIC,
        what=f"{spec.name}, batches of {spec.batch_size}: a step",
        measured=f"{rate:,.0f} images/s ({1000 * iteration_s:,.1f} ms), {rate / most:.2f} of the limit",
        verdict="measured",
        reason=f"This device's limit is {most:,.0f} images/s, where copying a map reaches "
        f"{limits.bytes_per_s / 1e9:,.0f} GB/s; {arithmetic:,.0f} by the convolutions' arithmetic alone.",
    )


def _iteration(spec: RunSpec, conditions: Conditions) -> Callable[[], object]:
    """A step on a prepared mini-batch; on a GPU, a small network's whole iteration, as the graph that a run uses."""
    training = begin(spec, plan(spec).classes, "", conditions.device)
    if conditions.is_gpu and spec.family == "cifar":
        iteration = Iteration(training, Batches(spec, noise(2_000, conditions.device)), is_captured=True)
        return lambda: iteration.run(0.1)
    inputs, labels = (part.to(conditions.device) for part in mini_batch(spec, SIDE))
    return lambda: step(training, inputs, labels, 0.1)


def _limit(what: str, measured: str, kind: str) -> Measurement:
    return Measurement(
        topic=TOPIC, what=what, measured=measured, verdict="measured", reason=f"The limit of this device's {kind}."
    )
