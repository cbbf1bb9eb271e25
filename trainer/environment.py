"""Owns what a run needs besides its specification and its data."""

from dataclasses import dataclass, field
from pathlib import Path

import torch

from trainer.process.ranks import Ranks
from trainer.process.supervision import Stop


@dataclass(frozen=True)
class Environment:
    """A folder, a device, the stop signal, and the run's ranks.

    `forked_at` is the iteration of the parent's checkpoint from which a fork starts. The run stops after the iteration
    `until`, as if a stop had been requested then. A supervisor deletes each file itself, once it has stored it.
    """

    workdir: Path
    device: torch.device
    stop: Stop
    ranks: Ranks = field(default_factory=Ranks)
    forked_at: int | None = None
    until: int | None = None
    is_supervised: bool = False
