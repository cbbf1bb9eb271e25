"""Owns the layer responses of Fig. 7: the standard deviation of each 3×3 layer's output, after BN."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# The paper leaves details open; what was chosen here is part of every report.
MEASUREMENT = (
    "output of each 3×3 layer after BN, before ReLU or addition; test images, original view; running statistics "
    "(evaluation mode); standard deviation over all N·C·H·W values of the layer"
)


@dataclass
class RunningDeviation:
    """Mean and deviation of a stream of values, merged batch by batch: no catastrophic cancellation.

    Chan, Golub and LeVeque 1979, equations 2.1 (pairwise update), in float64.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0  # Σ (x − mean)²

    def add(self, values: Tensor) -> None:
        values = values.double()
        count, mean = values.numel(), float(values.mean())
        squares = float((values - mean).square().sum())
        both, apart = self.count + count, mean - self.mean
        self.squares += squares + apart * apart * self.count * count / both
        self.mean += apart * count / both
        self.count = both

    @property
    def std(self) -> float:
        return float((self.squares / self.count) ** 0.5) if self.count else 0.0


@torch.no_grad()
def measure(network: nn.Module, batches: Iterable[Tensor]) -> dict[str, float]:
    """The standard deviation of each 3×3 layer's output over all batches of inputs, in the network's order.

    The CIFAR family has 6n+1 such layers: conv1, and 6n in the blocks.
    """
    network.eval()
    deviations: dict[str, RunningDeviation] = {}
    with _hooks(network, deviations):
        for inputs in batches:
            network(inputs)
    return {layer: deviation.std for layer, deviation in deviations.items()}


def three_by_three(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Each 3×3 convolution's name and the BN after it: `conv2` is followed by `bn2` in both families."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            yield name, network.get_submodule(name.replace("conv", "bn"))


@contextmanager
def _hooks(network: nn.Module, deviations: dict[str, RunningDeviation]) -> Iterator[None]:
    hooks = []
    for name, batch_norm in three_by_three(network):
        deviation = deviations[name] = RunningDeviation()
        hooks.append(batch_norm.register_forward_hook(_hook(deviation)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _hook(deviation: RunningDeviation) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def hook(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        del layer, arguments
        deviation.add(output)

    return hook
