"""Owns how an iteration runs: kernel by kernel, or on a GPU as one CUDA graph of the same function.

A network for CIFAR is small: the host needs longer to launch a kernel than a GPU to compute it. A graph launches all
kernels of an iteration at once. It reads and writes the same addresses each time, and its constants are those of its
capture. So the numbers that select the images are copied to one place, and the learning rate, which changes a few times
in a run, belongs to the graph: another rate is captured again. The rate could be a tensor, but then w − lr·v would be
rounded twice and not once, and the graph would differ from the function that it stands for.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

from trainer.data.batches import Batches
from trainer.training import Training, descend

# The loss and the wrong count of a mini-batch, scalars on the device.
Values = tuple[Tensor, Tensor]
Iterate = Callable[[Tensor, float], Values]

WARM_UP = 3  # iterations in which cuDNN and cuBLAS prepare themselves; torch's documentation has three
log = logging.getLogger(__name__)


class Iteration:
    """The iterations of a training whose images are on its device. `is_captured`: as graphs, if that is a GPU."""

    def __init__(self, training: Training, batches: Batches, *, is_captured: bool) -> None:
        self._training = training
        self._batches = batches
        self._device = next(training.network.parameters()).device
        self._numbers: Tensor | None = None
        self._graphs = _Graphs(self._iterate) if is_captured and self._device.type == "cuda" else None

    def run(self, rate: float) -> Values:
        """Train the next iteration. Its values hold until the one after it."""
        numbers = self._place(self._batches.numbers(self._training.iteration + 1))
        values = self._replay(numbers, rate) or self._iterate(numbers, rate)
        self._training.iteration += 1
        return values

    def _iterate(self, numbers: Tensor, rate: float) -> Values:
        """All of an iteration that the device does. It waits for nothing and changes only tensors."""
        return descend(self._training, *self._batches.view(numbers), rate)

    def _place(self, numbers: Tensor) -> Tensor:
        """Copy them to the address that the graph reads, from pinned memory, so that the host need not wait."""
        if self._numbers is None:
            self._numbers = torch.empty_like(numbers, device=self._device)
        source = numbers.pin_memory() if self._device.type == "cuda" else numbers
        return self._numbers.copy_(source, non_blocking=True)

    def _replay(self, numbers: Tensor, rate: float) -> Values | None:
        """None where there is no graph."""
        try:
            return self._graphs.run(numbers, rate) if self._graphs else None
        except _CaptureRefusedError as refusal:
            log.warning("Training kernel by kernel, because this GPU refused to capture a CUDA graph: %s", refusal)
            self._graphs = None
            return None


class _CaptureRefusedError(Exception):
    """Nothing of the iteration was computed."""


class _Graphs:
    """The graph of the current learning rate. Nothing here has run yet: it needs a GPU."""

    def __init__(self, iterate: Iterate) -> None:
        self._iterate = iterate
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's stub has no types here
        self._warmed = 0
        self._rate: float | None = None
        self._graph: torch.cuda.CUDAGraph | None = None
        self._values: Values | None = None

    def run(self, numbers: Tensor, rate: float) -> Values:
        if self._warmed < WARM_UP:
            self._warmed += 1
            return self._warm_up(numbers, rate)
        if self._graph is None or self._rate != rate:
            self._capture(numbers, rate)
        assert self._graph is not None and self._values is not None  # noqa: S101, PT018 -- `_capture` sets them
        self._graph.replay()
        return self._values

    def _warm_up(self, numbers: Tensor, rate: float) -> Values:
        """An iteration like any other, on the stream of the capture, as libraries prepare themselves by stream."""
        current = torch.cuda.current_stream()
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            values = self._iterate(numbers, rate)
        current.wait_stream(self._stream)
        return values

    def _capture(self, numbers: Tensor, rate: float) -> None:
        """Record the kernels without running them."""
        self._graph = self._values = None  # its memory is free for the next
        graph, current = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
        try:
            # thread_local: the thread that writes files may use the GPU meanwhile.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._values = self._iterate(numbers, rate)
        except RuntimeError as error:
            # torch 2.14 stays on the stream of a capture that can't be ended.
            torch.cuda.set_stream(current)
            raise _CaptureRefusedError(str(error).partition("\n")[0]) from error
        self._graph, self._rate = graph, rate
