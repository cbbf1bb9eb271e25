"""Owns the initial weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from trainer.spec import Init


def initialise(network: nn.Module, generator: torch.Generator, mode: Init = "fan_out") -> None:
    """He et al. 2015 [13]: conv weights from N(0, √(2 / (k²·fan))), with `mode` as the fan; BN γ 1, β 0; fc bias 0.

    The fc weight has torch's default range, ±1/√inputs: the paper does not say. Draws only from `generator`, in the
    order of the modules, on the CPU: a seed gives the same network on every device.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode=mode, nonlinearity="relu", generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            reach = module.in_features**-0.5
            nn.init.uniform_(module.weight, -reach, reach, generator=generator)
            nn.init.zeros_(module.bias)
