"""Owns the trade of time for memory: activations are dropped in forward and computed again in backward.

The numbers stay the same, bit for bit: a segment is computed twice by the same kernels from the same input, and the
running statistics of BN take in the first time only. torch.utils.checkpoint would count them twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function


def run(stage: nn.Sequential, maps: Tensor, blocks: int) -> Tensor:
    """The stage's output. Of every `blocks` blocks only the input is kept for backward; 0 keeps everything."""
    if not blocks or not torch.is_grad_enabled():
        whole: Tensor = stage(maps)
        return whole
    for first in range(0, len(stage), blocks):
        segment = stage[first : first + blocks]
        maps = _Recomputed.apply(segment, maps, *segment.parameters())
    return maps


class _Recomputed(Function):
    """A segment whose parameters are inputs of their own, so that their gradients take the usual way."""

    @staticmethod
    def forward(ctx: Any, segment: nn.Sequential, maps: Tensor, *_: Tensor) -> Tensor:  # Any: autograd's context
        kind = maps.device.type
        ctx.segment = segment
        ctx.precision = (kind, torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind))
        ctx.save_for_backward(maps)
        output: Tensor = segment(maps)
        return output

    @staticmethod
    def backward(ctx: Any, *flow: Tensor) -> tuple[Tensor | None, ...]:  # Any: autograd's context
        maps = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad(), torch.autocast(*ctx.precision), _statistics_kept(ctx.segment):
            output = ctx.segment(maps)
        return None, *torch.autograd.grad(output, (maps, *ctx.segment.parameters()), flow)


@contextmanager
def _statistics_kept(segment: nn.Module) -> Iterator[None]:
    """BN normalises by the mini-batch and leaves its running statistics alone."""
    norms = [module for module in segment.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
