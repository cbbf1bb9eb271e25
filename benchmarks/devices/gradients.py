"""How far float32 gradients are from float64's, which kernel is responsible, and whether a result can tell.

`python -m benchmarks.devices.gradients` prints the Markdown tables of docs/experiments.md. ResNet-20 A on noise; the
network repeats the float32 network's ReLU gates in float64 where the table says so (trainer/acceptance/gates.py).
"""

import argparse
import math
import statistics
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.acceptance.arithmetic import mini_batch
from trainer.acceptance.conditions import cifar
from trainer.acceptance.gates import Recorded, Repeated
from trainer.networks import Network
from trainer.process import device
from trainer.spec import RunSpec
from trainer.training import begin

CPU = torch.device("cpu")
FORMATS = {"channels last": torch.channels_last, "contiguous": torch.contiguous_format}
Gradients = list[Tensor]


@dataclass(frozen=True)
class Variant:
    """A way to compute the same gradients in float32."""

    name: str
    memory_format: torch.memory_format = torch.channels_last
    has_onednn: bool = True
    threads: int = 1
    by_hand: bool = False


VARIANTS = (
    Variant("channels last (what runs use)"),
    Variant("… with 2 threads", threads=2),
    Variant("… without oneDNN", has_onednn=False),
    Variant("… with batch norm by hand", by_hand=True),
    Variant("contiguous", torch.contiguous_format),
    Variant("… without oneDNN", torch.contiguous_format, has_onednn=False),
)


def network_of(spec: RunSpec, variant: Variant) -> Network:
    network = begin(spec, 10, "", CPU).network.to(memory_format=variant.memory_format)
    for module in network.modules() if variant.by_hand else ():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_hook(_by_hand)
    return network


def _by_hand(module: nn.BatchNorm2d, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    """Batch norm by torch's own reductions, instead of its fused kernel."""
    del output
    (x,) = inputs
    centred = x - x.mean((0, 2, 3), keepdim=True)
    scaled = centred * torch.rsqrt(centred.square().mean((0, 2, 3), keepdim=True) + module.eps)
    return scaled * module.weight[:, None, None] + module.bias[:, None, None]


def gradients(
    network: Network, inputs: Tensor, labels: Tensor, decisions: AbstractContextManager[object] | None = None
) -> Gradients:
    """The logits, then every parameter's gradient, in float64."""
    network.zero_grad()
    with decisions or nullcontext():
        logits = network(inputs)
        loss = F.cross_entropy(logits, labels)
    loss.backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    return [
        tensor.detach().double() for tensor in (logits, *(p.grad for p in network.parameters() if p.grad is not None))
    ]


def distance(ours: Gradients, exact: Gradients) -> float:
    """Relative, over all values."""
    difference = sum(float((a - b).square().sum()) for a, b in zip(ours, exact, strict=True))
    return math.sqrt(difference / sum(float(b.square().sum()) for b in exact))


def by_variant(spec: RunSpec) -> Iterator[str]:
    yield "| float32 | logits | gradients | … with float32's gates | gates that differ |\n|---|---|---|---|---|"
    inputs, labels = mini_batch(spec, 32)
    double = begin(spec, 10, "", CPU).network.double().to(memory_format=torch.contiguous_format)
    exact = gradients(double, inputs.double(), labels)
    for variant in VARIANTS:
        torch.set_num_threads(variant.threads)
        recorded = Recorded()
        with torch.backends.mkldnn.flags(enabled=variant.has_onednn):
            network = network_of(spec, variant)
            ours = gradients(network, inputs.contiguous(memory_format=variant.memory_format), labels, recorded)
        torch.set_num_threads(1)
        repeated = Repeated(recorded.decisions)
        same = gradients(double, inputs.double(), labels, repeated)
        yield (
            f"| {variant.name} | {distance(ours[:1], exact[:1]):.1e} | {distance(ours[1:], exact[1:]):.1e} | "
            f"{distance(ours[1:], same[1:]):.1e} | {repeated.flipped:,} of {repeated.count:,} |"
        )
    other = gradients(double, -inputs.double(), labels.flip(0))
    yield f"| another mini-batch, in float64 | – | {distance(other[1:], exact[1:]):.2f} | – | – |"


def by_kernel(spec: RunSpec) -> Iterator[str]:
    """Each kernel alone, on inputs that are exactly the same in float32 and float64."""
    yield "| kernel | channels last | contiguous |\n|---|---|---|"
    errors: dict[str, dict[str, list[float]]] = {}
    for module, inputs, flow in layers(spec):
        for form, memory_format in FORMATS.items():
            for name, error in kernel_errors(module, inputs, flow, memory_format).items():
                errors.setdefault(name, {}).setdefault(form, []).append(error)
    for name, columns in errors.items():
        cells = (f"{statistics.median(values):.1e}, at most {max(values):.1e}" for values in columns.values())
        yield f"| {name} | {' | '.join(cells)} |"


def layers(spec: RunSpec) -> list[tuple[nn.Module, Tensor, Tensor]]:
    """Each convolution and batch norm with its input and the gradient of its output, rounded to float32."""
    network, seen = begin(spec, 10, "", CPU).network, []
    with ExitStack() as hooks:
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.BatchNorm2d):

                def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
                    place = len(seen)
                    seen.append([module, inputs[0].detach().clone(), None])
                    output.register_hook(lambda flow: seen[place].__setitem__(2, flow.detach().clone()))

                handle = module.register_forward_hook(keep)
                hooks.callback(handle.remove)
        gradients(network, *mini_batch(spec, 32))
    return [(module, inputs, flow) for module, inputs, flow in seen]


def kernel_errors(module: nn.Module, inputs: Tensor, flow: Tensor, form: torch.memory_format) -> dict[str, float]:
    name = "convolution" if isinstance(module, nn.Conv2d) else "batch norm"
    parts = [f"{name}: {part}" for part in ("forward", "gradient of its input", "gradient of its weights")]
    exact = _passes(module.double(), inputs.double(), flow.double())
    module.float()
    ours = _passes(module, inputs.contiguous(memory_format=form), flow.contiguous(memory_format=form))
    return {part: distance([a.double()], [b]) for part, a, b in zip(parts, ours, exact, strict=True)}


def _passes(module: nn.Module, inputs: Tensor, flow: Tensor) -> tuple[Tensor, ...]:
    inputs = inputs.detach().requires_grad_()
    output = module(inputs)
    of_inputs, of_weights = torch.autograd.grad(output, [inputs, module.get_parameter("weight")], flow)
    return output.detach(), of_inputs, of_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=128, help="images (default: %(default)s)")
    options = parser.parse_args()
    spec = cifar(20, options.batch)
    device.prepare(spec, 1)
    print(f"{spec.name}, batch {spec.batch_size}, {device.processor()}, torch {torch.__version__}\n", flush=True)
    for table in (by_variant(spec), by_kernel(spec)):
        for row in table:
            print(row, flush=True)
        print()


if __name__ == "__main__":
    main()
