"""Owns the speed of each kind of convolution, as a share of the matrix product's."""

from collections import Counter
from collections.abc import Iterator

import torch

from trainer.acceptance.conditions import Conditions, cifar, imagenet
from trainer.acceptance.report import LayerShare, Measurement
from trainer.acceptance.roofline import Convolution, convolutions
from trainer.acceptance.speed import CPU_PHOTOGRAPHS, matrix_product_rate
from trainer.process.device import memory_format
from trainer.spec import RunSpec

TOPIC = "convolutions"
# Forward, the input's gradient, the weights' gradient.
Seconds = tuple[float, float, float]


def measure(conditions: Conditions) -> Iterator[Measurement | LayerShare]:
    """Every kind of convolution once, then each network's share, weighted by how often it has each kind."""
    peak = matrix_product_rate(conditions)
    for spec in _networks(conditions):
        counts, arithmetic_s, total_s = Counter(convolutions(spec)), 0.0, 0.0
        for conv, count in counts.items():
            times = _time(conv, spec, conditions)
            ideal_s = conv.operations(spec.batch_size) / peak
            yield _share(spec, conv, count, tuple(ideal_s / time_s if time_s else None for time_s in times))
            arithmetic_s += count * conv.passes * ideal_s
            total_s += count * sum(times)
        yield Measurement(
            topic=TOPIC,
            what=f"{spec.name}, batches of {spec.batch_size}: convolutions against the matrix product",
            measured=f"{arithmetic_s / total_s:.2f} of its speed, {total_s * 1000:,.1f} ms an iteration",
            verdict="measured",
            reason=f"The table of layers has each of the {len(counts)} kinds; few channels fill no vector unit.",
        )


def _networks(conditions: Conditions) -> list[RunSpec]:
    if conditions.is_short:
        return [cifar(20, 32)]
    return [cifar(20), imagenet(50, 64 if conditions.is_gpu else CPU_PHOTOGRAPHS)]


def _time(conv: Convolution, spec: RunSpec, conditions: Conditions) -> Seconds:
    """The seconds of each pass; 0 for a gradient that the first layer does without."""
    layout, form = conv.layout, memory_format(conditions.device, spec)
    inputs = _noise((spec.batch_size, layout.width_in, conv.size_in, conv.size_in), conditions, form)
    weights = _noise((layout.width, layout.width_in, layout.kernel, layout.kernel), conditions, form)
    flow = _noise((spec.batch_size, layout.width, layout.size, layout.size), conditions, form)
    geometry = ([conv.stride] * 2, [layout.kernel // 2] * 2, [1, 1], False, [0, 0], 1)

    def forward() -> None:
        torch.convolution(inputs, weights, None, *geometry)

    def backward(*, of_inputs: bool) -> None:
        mask = [of_inputs, not of_inputs, False]
        torch.ops.aten.convolution_backward(flow, inputs, weights, None, *geometry, mask)

    times = 10 if conditions.is_gpu else 4
    return (
        conditions.seconds(forward, times),
        0.0 if conv.is_first else conditions.seconds(lambda: backward(of_inputs=True), times),
        conditions.seconds(lambda: backward(of_inputs=False), times),
    )


def _noise(shape: tuple[int, ...], conditions: Conditions, form: torch.memory_format) -> torch.Tensor:
    return torch.randn(shape, device=conditions.device).contiguous(memory_format=form)


def _share(spec: RunSpec, conv: Convolution, count: int, shares: tuple[float | None, ...]) -> LayerShare:
    forward, input_gradient, weight_gradient = shares
    stride = f", stride {conv.stride}" if conv.stride > 1 else ""
    return LayerShare(
        network=spec.name,
        layer=f"{conv.layout.width_in} → {conv.layout.notation}{stride}, on {conv.layout.size}×{conv.layout.size}",
        count=count,
        forward=forward or 0.0,
        input_gradient=input_gradient,
        weight_gradient=weight_gradient or 0.0,
    )
