"""Owns the trade of time for memory: activations are dropped in forward and recomputed in backward.

Results are identical, bit for bit: the same kernels compute a segment twice from the same input, and BN's running
statistics are updated only the first time. torch.utils.checkpoint would update them twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function


def run(stage: nn.Sequential, maps: Tensor, blocks: int) -> Tensor:
    """The stage's output. Keeps only the input of every `blocks` blocks for backward; 0 keeps everything."""
    if not blocks or not torch.is_grad_enabled():
        output: Tensor = stage(maps)
        return output
    for first in range(0, len(stage), blocks):
        segment = stage[first : first + blocks]
        maps = _Recomputation.apply(segment, maps, *segment.parameters())
    return maps


class _Recomputation(Function):
    """A segment. Its parameters are inputs of the function, so that autograd handles their gradients as usual."""

    @staticmethod
    def forward(ctx: Any, segment: nn.Sequential, maps: Tensor, *_: Tensor) -> Tensor:  # Any: autograd's context
        kind = maps.device.type
        ctx.segment = segment
        ctx.precision = (kind, torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind), False)  # no cache
        ctx.save_for_backward(maps)
        output: Tensor = segment(maps)
        return output

    @staticmethod
    def backward(ctx: Any, *flow: Tensor) -> tuple[Tensor | None, ...]:  # Any: autograd's context
        maps = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad(), torch.autocast(*ctx.precision), _freeze_statistics(ctx.segment):
            output = ctx.segment(maps)
        return None, *torch.autograd.grad(output, (maps, *ctx.segment.parameters()), flow)


@contextmanager
def _freeze_statistics(segment: nn.Module) -> Iterator[None]:
    """BN normalises with the mini-batch without updating its running statistics."""
    norms = [module for module in segment.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
