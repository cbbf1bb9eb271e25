"""Owns the way of pixels to the device: to a GPU from pinned memory, on a stream of their own, while it computes.

Not tried on a GPU yet. On a CPU, the pixels are copied once, out of the loaders' memory.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainer.data.loaders import PendingPixels


class Courier:
    """Sends what loaders draw to one device."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        # torch's stub has no types here
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]

    def send(self, parts: Sequence[PendingPixels]) -> Tensor:
        """Waits for the parts, joins them along their first axis, and starts the copy. The result has to be received
        before it is used.
        """
        counts = [part.shape[0] for part in parts]
        # torch keeps pinned memory for the next mini-batch, and waits with it until the copy is done.
        buffer = torch.empty((sum(counts), *parts[0].shape[1:]), dtype=torch.uint8, pin_memory=self._stream is not None)
        for part, room in zip(parts, torch.split(buffer, counts), strict=True):
            part.into(room.numpy())
        if self._stream is None:
            return buffer.to(self._device)
        with torch.cuda.stream(self._stream):
            return buffer.to(self._device, non_blocking=True)

    def receive(self, sent: Tensor) -> Tensor:
        """Has what follows on the device wait for the copy; this process does not wait."""
        if self._stream is not None:
            current = torch.cuda.current_stream(self._device)
            current.wait_stream(self._stream)
            sent.record_stream(current)
        return sent
