"""Owns the optimiser: SGD with momentum and coupled weight decay on all parameters.

Written out because torch.optim loads torch._dynamo at its first step (2.0 s at start, measured with torch 2.14.1),
and because seven lines can be compared with the paper. Equal to torch.optim.SGD bit for bit.
"""

from collections.abc import Collection, Iterable

import torch
from torch import Tensor


class SGD:
    """v ← m·v + (g + decay·w), w ← w − lr·v. No dampening (sec. 3.4). A parameter without a gradient stays as it is.

    Optional departures: Nesterov's w ← w − lr·((g + decay·w) + m·v); no decay on the parameters `undecayed`.
    """

    def __init__(
        self,
        parameters: Iterable[tuple[str, Tensor]],
        momentum: float,
        weight_decay: float,
        *,
        nesterov: bool = False,
        undecayed: Collection[str] = (),
    ) -> None:
        self._parameters = dict(parameters)
        self._momentum = momentum
        self._weight_decay = weight_decay
        self._nesterov = nesterov
        self._decayed = [weight for name, weight in self._parameters.items() if name not in undecayed]
        self.velocity = {name: torch.zeros_like(weight) for name, weight in self._parameters.items()}

    def forget(self) -> None:
        """Set every velocity to 0."""
        for velocity in self.velocity.values():
            velocity.zero_()

    def clear_gradients(self) -> None:
        for weight in self._parameters.values():
            weight.grad = None

    @torch.no_grad()
    def step(self, lr: float) -> None:
        # A detector that is trained in steps has parameters that the step leaves alone.
        trained = {name: weight for name, weight in self._parameters.items() if weight.grad is not None}
        weights = list(trained.values())
        velocity = [self.velocity[name] for name in trained]
        # The foreach kernels update all tensors in one launch; torch.optim uses the same kernels.
        decayed = [weight for weight in self._decayed if weight.grad is not None]
        torch._foreach_add_(_gradients(decayed), decayed, alpha=self._weight_decay)
        gradients = _gradients(weights)
        torch._foreach_mul_(velocity, self._momentum)
        torch._foreach_add_(velocity, gradients)
        if self._nesterov:
            torch._foreach_add_(gradients, velocity, alpha=self._momentum)
        torch._foreach_add_(weights, gradients if self._nesterov else velocity, alpha=-lr)


def _gradients(weights: list[Tensor]) -> list[Tensor]:
    return [weight.grad for weight in weights if weight.grad is not None]
