"""Owns the exact recomputation of the statistics that batch normalisation uses in evaluation.

The authors' release uses "a plain average over a large training batch after training, not a moving average".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class _Sums:
    """Sums over one layer's input, by channel, in float64."""

    count: int
    total: Tensor
    squares: Tensor


@torch.no_grad()
def recompute(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Set every running mean and variance to those of all images in `batches`. Leaves the network in evaluation mode.

    As in training, earlier layers are normalised with their own mini-batch. The variance is that of all values about
    their common mean, not the mean of the mini-batches' variances, which ignores how their means differ.
    """
    layers = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    sums: dict[nn.Module, _Sums] = {}
    hooks = [layer.register_forward_pre_hook(_gather(sums)) for layer in layers]
    network.train()
    try:
        for inputs in batches:
            network(inputs)
    finally:
        for hook in hooks:
            hook.remove()
        network.eval()
    for layer in layers:
        _set_statistics(layer, sums[layer])


def _gather(sums: dict[nn.Module, _Sums]) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def hook(layer: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        maps = arguments[0].double()
        count = maps.numel() // maps.shape[1]
        total, squares = maps.sum(dim=(0, 2, 3)), maps.square().sum(dim=(0, 2, 3))
        if layer in sums:
            so_far = sums[layer]
            count, total, squares = so_far.count + count, so_far.total + total, so_far.squares + squares
        sums[layer] = _Sums(count, total, squares)

    return hook


def _set_statistics(layer: nn.BatchNorm2d, sums: _Sums) -> None:
    if layer.running_mean is None or layer.running_var is None:
        raise ValueError("this batch normalisation has no running statistics to set")
    mean = sums.total / sums.count
    # Unbiased, as in torch.
    variance = (sums.squares / sums.count - mean.square()).clamp_min(0) * (sums.count / max(sums.count - 1, 1))
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(variance)
