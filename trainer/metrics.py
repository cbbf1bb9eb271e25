"""Owns the per-iteration values: collected on the device, read back a chunk at a time."""

import math
from collections.abc import Iterator
from time import monotonic

import torch
from torch import Tensor

from trainer.events import Steps
from trainer.failure import Failure
from trainer.spec import RunSpec

CAPACITY = 1000
CHUNK_SECONDS = 1.0
LOG_SECONDS = 10.0


class Metrics:
    """Losses and wrong counts of the iterations since the last chunk. Reading them is the only synchronisation."""

    def __init__(self, spec: RunSpec, device: torch.device, iteration: int) -> None:
        self._spec = spec
        # float64 holds a count of images exactly.
        self._values = torch.zeros(2, CAPACITY, device=device, dtype=torch.float64)
        self._rates: list[float] = []
        self._waited_s = 0.0
        self._sent = iteration  # the last iteration that left in a chunk
        self._chunk_start_s = monotonic()
        self._is_first = True
        self._log_s = -LOG_SECONDS
        self.wrong = 0  # of the last chunk

    def add(self, loss: Tensor, wrong: Tensor, rate: float, waited_s: float = 0.0) -> None:
        """Add one iteration; `waited_s` is how long it waited for its images."""
        index = len(self._rates)
        self._values[0, index] = loss
        self._values[1, index] = wrong
        self._rates.append(rate)
        self._waited_s += waited_s

    @property
    def is_due(self) -> bool:
        """True after the first iteration, so that a point appears early; then about once a second."""
        return bool(self._rates) and (
            self._is_first or len(self._rates) == CAPACITY or monotonic() - self._chunk_start_s >= CHUNK_SECONDS
        )

    def log_is_due(self) -> bool:
        """True at first, then once in ten seconds, so that a log of hours stays readable."""
        due = monotonic() - self._log_s >= LOG_SECONDS
        if due:
            self._log_s = monotonic()
        return due

    @property
    def count(self) -> int:
        return len(self._rates)

    def restart_clock(self) -> None:
        """Evaluations and checkpoints are not part of the training speed."""
        self._chunk_start_s = monotonic()

    def drain(self) -> Iterator[Steps]:
        """The chunk, unless `log_every` selects none of its iterations; `wrong` counts all of them.

        Raises Failure(`diverged`) at the first loss that is not finite, after yielding the points before it.
        """
        losses, wrong = self._values[:, : self.count].tolist()
        first, self._is_first = self._sent + 1, False
        finite = next((index for index, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        yield from self._steps(first, losses[:finite], wrong[:finite])
        if finite < len(losses):
            iteration = first + finite
            raise Failure("diverged", f"loss is {losses[finite]} at iteration {iteration}", iteration)
        self.wrong = int(sum(wrong))
        self._sent += self.count
        self._rates.clear()
        self._waited_s = 0.0
        self.restart_clock()

    def _steps(self, first: int, losses: list[float], wrong: list[float]) -> Iterator[Steps]:
        every, images = self._spec.log_every, self._spec.batch_size
        skipped = -first % every
        if skipped >= len(losses):
            return
        seconds = max(monotonic() - self._chunk_start_s, 1e-9)
        yield Steps(
            first=first + skipped,
            every=every,
            loss=losses[skipped::every],
            error=[100 * count / images for count in wrong[skipped::every]],
            lr=self._rates[skipped : len(losses) : every],
            images_per_s=len(losses) * images / seconds,
            waiting=min(self._waited_s / seconds, 1.0),
        )
