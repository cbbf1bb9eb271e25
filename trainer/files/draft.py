"""Owns what a file of a run will hold: its tensors as they are at one iteration, and metadata that describe them."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from trainer.events import Role, Saved
from trainer.files import sealed


@dataclass(frozen=True)
class Draft:
    """A checkpoint or weights that are not written yet. `stream` is where their copies on a GPU can be read."""

    role: Role
    iteration: int
    tensors: Mapping[str, Tensor]
    metadata: dict[str, str]
    stream: torch.cuda.Stream | None = None

    def write(self, path: Path) -> Saved:
        """Write the file, whose suffix, .safetensors or .pt, decides the format. Raises OSError."""
        state = self._on_the_host()
        if path.suffix == ".pt":
            file = sealed.write_bytes(path, pickle(state, self.metadata))
        else:
            file = sealed.write(path, state, self.metadata)
        return Saved(
            iteration=self.iteration,
            role=self.role,
            format="pt" if path.suffix == ".pt" else "safetensors",
            file=path.name,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
        )

    def _on_the_host(self) -> OrderedDict[str, Tensor]:
        """The tensors in the usual memory layout: channels last is a detail of the training machine."""
        if self.stream is None:
            return OrderedDict((name, tensor.cpu().contiguous()) for name, tensor in self.tensors.items())
        with torch.cuda.stream(self.stream):
            # Into pinned memory, which torch keeps for the next time. Training goes on in its own stream.
            state = OrderedDict((name, tensor.to("cpu", non_blocking=True)) for name, tensor in self.tensors.items())
        self.stream.synchronize()
        return state


def copies(drafts: Iterable[Draft]) -> list[Draft]:
    """The same drafts with copies of their tensors, which training may change from now on.

    A tensor that several drafts hold is copied once, on its device. On a GPU nothing waits: the copies are queued.
    """
    copied: dict[tuple[int, torch.Size], Tensor] = {}

    def copy(tensor: Tensor) -> Tensor:
        key = (tensor.data_ptr(), tensor.shape)
        if key not in copied:
            copied[key] = tensor.detach().clone(memory_format=torch.contiguous_format)
        return copied[key]

    taken = [replace(d, tensors={name: copy(tensor) for name, tensor in d.tensors.items()}) for d in drafts]
    if not any(tensor.is_cuda for tensor in copied.values()):
        return taken
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    stream.wait_stream(torch.cuda.current_stream())  # for the copies, and for nothing that is queued later
    return [replace(draft, stream=stream) for draft in taken]


def pickle(state: OrderedDict[str, Tensor], metadata: dict[str, str]) -> bytes:
    """The state dict as a `.pt` file's content."""
    state.story = metadata  # type: ignore[attr-defined]  # pickled with the dict, and ignored by load_state_dict
    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()
