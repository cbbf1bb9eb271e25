"""Owns the per-iteration values: collected on the device, read back a chunk at a time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

import torch
from torch import Tensor

from trainer.failure import Failure
from trainer.tasks import Spec

CAPACITY = 1000
CHUNK_SECONDS = 1.0
LOG_SECONDS = 10.0


@dataclass(frozen=True)
class Chunk:
    """Points at iterations first, first + every, …: the columns that were added, and the learning rate of each."""

    first: int
    every: int
    columns: list[list[float]]
    lr: list[float]
    images_per_s: float
    waiting: float  # the share of the time, 0 to 1, spent waiting for images


class Metrics:
    """The values of the iterations since the last chunk. Reading them is the only synchronisation.

    The first of the `columns` is the loss.
    """

    def __init__(self, spec: Spec, device: torch.device, columns: int) -> None:
        self._spec = spec
        # float64 holds a count of images exactly.
        self._values = torch.zeros(columns, CAPACITY, device=device, dtype=torch.float64)
        self._rates: list[float] = []
        self._waited_s = 0.0
        self._sent = 0  # the last iteration that left in a chunk
        self._chunk_start_s = monotonic()
        self._is_first = True
        self._log_s = -LOG_SECONDS
        self.sums = [0.0] * columns  # of the last chunk, by column
        self.drained = 0  # iterations of the last chunk

    def begin(self, iteration: int) -> None:
        """Start, or resume, after the iteration `iteration`."""
        self._sent = iteration
        self.restart_clock()

    def add(self, values: Sequence[Tensor] | Tensor, rate: float, waited_s: float = 0.0) -> None:
        """Add one iteration's scalars, one a column; `waited_s` is how long it waited for its images."""
        index = len(self._rates)
        for column, value in enumerate(values):
            self._values[column, index] = value
        self._rates.append(rate)
        self._waited_s += waited_s

    @property
    def is_due(self) -> bool:
        """True after the first iteration, so that a point appears early; then about once a second."""
        return bool(self._rates) and (
            self._is_first or self.is_full or monotonic() - self._chunk_start_s >= CHUNK_SECONDS
        )

    @property
    def is_full(self) -> bool:
        return len(self._rates) == CAPACITY

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

    def drain(self) -> Iterator[Chunk]:
        """The chunk, unless `log_every` selects none of its iterations; `sums` and `drained` count all of them.

        Raises Failure(`diverged`) at the first loss that is not finite, after yielding the points before it.
        """
        columns: list[list[float]] = self._values[:, : self.count].tolist()
        losses = columns[0]
        first, self._is_first = self._sent + 1, False
        finite = next((index for index, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        yield from self._chunk(first, [column[:finite] for column in columns])
        if finite < len(losses):
            iteration = first + finite
            raise Failure("diverged", f"loss is {losses[finite]} at iteration {iteration}", iteration)
        self.sums = [sum(column) for column in columns]
        self.drained = self.count
        self._sent += self.count
        self._rates.clear()
        self._waited_s = 0.0
        self.restart_clock()

    def _chunk(self, first: int, columns: list[list[float]]) -> Iterator[Chunk]:
        every, count = self._spec.log_every, len(columns[0])
        skipped = -first % every
        if skipped >= count:
            return
        seconds = max(monotonic() - self._chunk_start_s, 1e-9)
        yield Chunk(
            first=first + skipped,
            every=every,
            columns=[column[skipped::every] for column in columns],
            lr=self._rates[skipped:count:every],
            images_per_s=count * self._spec.batch_size / seconds,
            waiting=min(self._waited_s / seconds, 1.0),
        )
