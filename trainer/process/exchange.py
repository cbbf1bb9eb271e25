"""Owns what the ranks of a run exchange in each iteration: gradients, totals, and whether to stop.

A request to stop travels with the totals, so the ranks agree on the iteration that is the last without a message of
its own. On a GPU the host reads it some iterations late, so that it need not wait for the device.
"""

from collections import deque
from collections.abc import Iterable

import torch
from torch import Tensor

from trainer.process.buckets import Buckets
from trainer.process.ranks import Ranks
from trainer.process.supervision import Stop

# How many iterations later a request is read. So far, at most, a GPU's host is ahead of its device: the device always
# has work, and a stop is soon followed even where an iteration takes seconds. On a CPU the sums are at hand.
GPU_LAG, CPU_LAG = 2, 0


class Exchange:
    """This rank's part in the exchange. `weights` are the network's parameters."""

    def __init__(self, ranks: Ranks, weights: Iterable[Tensor], stop: Stop) -> None:
        self._ranks, self._stop = ranks, stop
        self._buckets = Buckets(weights, ranks)
        self._requests: deque[_Request] = deque()
        self._is_stop_agreed = False

    def finish(self, totals: Tensor) -> Tensor:
        """After backward: replace this rank's gradients by their means over the ranks.

        Returns the sums of the float32 vector `totals` over the ranks.
        """
        is_requested = self._ranks.is_first and self._stop.is_requested
        total = self._ranks.begin_sum(torch.cat((totals, totals.new_full((1,), float(is_requested)))))
        self._buckets.finish()
        sums = total.wait()
        self._requests.append(_Request(sums[-1]))
        return sums[:-1]

    def is_stop_agreed(self) -> bool:
        """Whether all ranks leave now. True after the same iteration on each."""
        while self._requests and len(self._requests) > self._requests[0].lag:
            with self._ranks.pulse.waits():
                self._is_stop_agreed |= self._requests.popleft().read()
        return self._is_stop_agreed

    def settle(self) -> None:
        """Wait for the last iteration: a rank that hangs is noticed where others wait for it, not where they read."""
        if self._requests:
            with self._ranks.pulse.waits():
                self._requests[-1].wait()


class _Request:
    """What rank 0 said of a stop in one iteration, once the device has it."""

    def __init__(self, value: Tensor) -> None:
        is_gpu = value.is_cuda
        self.lag = GPU_LAG if is_gpu else CPU_LAG
        self._value = torch.empty_like(value, device="cpu", pin_memory=is_gpu).copy_(value, non_blocking=True)
        self._event = torch.cuda.current_stream(value.device).record_event() if is_gpu else None

    def wait(self) -> None:
        if self._event:
            self._event.synchronize()

    def read(self) -> bool:
        self.wait()
        return bool(self._value)
