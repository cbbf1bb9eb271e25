"""Owns the sums of the gradients over a run's ranks: bucket by bucket, while backward goes on.

A sum's last digits depend on where its terms lie in a bucket, so the layout follows from the network alone. By default
DistributedDataParallel orders its buckets again after each process's first iteration: with three devices or more, a
resumed run would add in another order than an uninterrupted one.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from trainer.process.ranks import Ranks, Sum

# So small that even ResNet-20, whose gradients are 1.03 MiB, sends nearly all of them before backward ends. ResNet-50
# has 66 buckets.
BUCKET_BYTES = 2**20


class Buckets:
    """The gradients of `weights`, last parameter first: backward computes them in about this order."""

    def __init__(self, weights: Iterable[Tensor], ranks: Ranks) -> None:
        self._ranks = ranks
        self._buckets = divide([weight for weight in weights if weight.requires_grad])
        self._place = {weight: number for number, bucket in enumerate(self._buckets) for weight in bucket}
        self._begin()
        for weight in self._place:
            weight.register_post_accumulate_grad_hook(self._arrive)  # type: ignore[no-untyped-call]  # torch's

    def finish(self) -> None:
        """After backward: replace this rank's gradients by their means over the ranks.

        Each rank must have gradients of the same parameters; one without a gradient is left out of its bucket.
        """
        while self._next < len(self._buckets):
            self._send()
        for total in self._sent:
            total.wait().div_(self._ranks.count)
        self._begin()

    def _begin(self) -> None:
        self._missing = [len(bucket) for bucket in self._buckets]
        self._next = 0  # buckets are sent in their order: the ranks must agree on which is which
        self._sent: list[Sum] = []

    def _arrive(self, weight: Tensor) -> None:
        self._missing[self._place[weight]] -= 1
        while self._next < len(self._buckets) and self._missing[self._next] == 0:
            self._send()

    @torch.no_grad()
    def _send(self) -> None:
        weights = [weight for weight in self._buckets[self._next] if weight.grad is not None]
        self._next += 1
        if not weights:
            return
        flat = weights[0].new_empty(sum(weight.numel() for weight in weights))
        views = _views(flat, weights)
        torch._foreach_copy_(views, [weight.grad for weight in weights if weight.grad is not None])
        for weight, view in zip(weights, views, strict=True):
            weight.grad = view
        self._sent.append(self._ranks.begin_sum(flat))


def divide(weights: list[Tensor]) -> list[list[Tensor]]:
    """Buckets of at most BUCKET_BYTES, except that a larger parameter has one of its own."""
    buckets: list[list[Tensor]] = []
    free = 0
    for weight in reversed(weights):
        if weight.nbytes > free:
            buckets.append([])
            free = BUCKET_BYTES
        buckets[-1].append(weight)
        free -= weight.nbytes
    return buckets


def _views(flat: Tensor, weights: list[Tensor]) -> list[Tensor]:
    """Parts of `flat` in the shapes of the weights and in their memory format, which is the same on every rank."""
    parts = torch.split(flat, [weight.numel() for weight in weights])
    return [part.as_strided(weight.shape, weight.stride()) for part, weight in zip(parts, weights, strict=True)]
