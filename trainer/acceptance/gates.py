"""Owns the decisions of a forward pass: which values each ReLU lets through, and which each max pooling takes.

A value that is closer to zero than its rounding error falls on either side. Its gradient is then there or not there,
whole: a few dozen of 20 million gates move ResNet-20's gradient by 0.2 %, whatever computes it. So a float64 network
that is to say how exact a float32 kernel is repeats the float32 network's decisions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

Function = Callable[..., Any]  # any of torch's


class Recorded(TorchFunctionMode):
    """Records the decisions in the order in which they are made."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions: list[Tensor] = []

    def __torch_function__(
        self, function: Function, types: object, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:  # Any: torch's own signature
        if function is torch.max_pool2d:
            pooled, places = torch.nn.functional.max_pool2d_with_indices(*args, **(kwargs or {}))
            self.decisions.append(places.cpu())
            return pooled
        output = function(*args, **(kwargs or {}))
        if function is torch.relu_:
            self.decisions.append((output.detach() > 0).cpu())
        return output


class Repeated(TorchFunctionMode):
    """Makes recorded decisions again, and counts those that this network would have made otherwise."""

    def __init__(self, decisions: Sequence[Tensor]) -> None:
        super().__init__()
        self._decisions: Iterator[Tensor] = iter(decisions)
        self.flipped = 0
        self.count = 0

    def __torch_function__(
        self, function: Function, types: object, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:  # Any: torch's own signature
        if function is torch.max_pool2d:
            places = next(self._decisions)
            return args[0].flatten(2).gather(2, places.flatten(2)).view(places.shape)
        if function is torch.relu_:
            gates = next(self._decisions)
            self.flipped += int(((args[0].detach() > 0) != gates).sum())
            self.count += gates.numel()
            return args[0] * gates
        return function(*args, **(kwargs or {}))
