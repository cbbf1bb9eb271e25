"""Owns the layer responses of Fig. 7: how strongly each 3×3 layer answers, after BN, before ReLU or addition."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# What the paper leaves open, decided here and written into every result.
MEASURED = (
    "output of each 3×3 layer after BN, before ReLU or addition; test images, original view; running statistics "
    "(evaluation mode); standard deviation over all N·C·H·W values of the layer"
)


@dataclass
class Spread:
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
    """Run the network's inputs through it; the deviation by 3×3 layer, in the order of the network.

    6n+1 layers of the CIFAR family: conv1, and 6n in the blocks.
    """
    network.eval()
    spreads: dict[str, Spread] = {}
    with _watched(network, spreads):
        for inputs in batches:
            network(inputs)
    return {layer: spread.std for layer, spread in spreads.items()}


def three_by_three(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Each 3×3 convolution's name and the BN behind it: `conv2` is followed by `bn2` in both families."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            yield name, network.get_submodule(name.replace("conv", "bn"))


@contextmanager
def _watched(network: nn.Module, spreads: dict[str, Spread]) -> Iterator[None]:
    hooks = []
    for name, batch_norm in three_by_three(network):
        spread = spreads[name] = Spread()
        hooks.append(batch_norm.register_forward_hook(_adding_to(spread)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _adding_to(spread: Spread) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def hook(layer: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        del layer, arguments
        spread.add(output)

    return hook
