"""Owns start weights that torchvision's classifiers have: a state dict (.pth) or a .safetensors file with its names.

Those networks see colours in 0-1, divided by deviations. Here they see 0-255, so the first layer is divided instead.
"""

import pickle
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from trainer.failure import Failure

# torchvision.models: the normalisation of all its ImageNet weights.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# VGG-16's fc layers (docs.pytorch.org/vision: `classifier`), and the names that they have in a detector's head.
VGG_HEAD = {"classifier.0": "fc6", "classifier.3": "fc7"}
Tensors = dict[str, Tensor]


def read(path: Path) -> Tensors:
    """The tensors of the file. Nothing in it is run. Raises Failure(`invalid`), and OSError if there is none."""
    try:
        return safetensors.torch.load_file(path)
    except SafetensorError:
        return _unpickled(path)


def adapted(tensors: Tensors) -> tuple[Tensors, Tensor]:
    """The tensors with a detector's names and for colours in 0-255, and their mean colour, float32 (3, 1, 1)."""
    first = "features.0.weight" if "features.0.weight" in tensors else "conv1.weight"
    named = {_name(name): value for name, value in tensors.items()}
    if first in tensors:
        deviation = torch.tensor(DEVIATION)[None, :, None, None]
        named[_name(first)] = tensors[first].float() / (255 * deviation)
    return named, 255 * torch.tensor(MEAN)[:, None, None]


def _unpickled(path: Path) -> Tensors:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise Failure(
            "invalid", f"{path} is neither a .safetensors file nor a state dict that torch can load safely."
        ) from error
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise Failure("invalid", f"{path} is not a state dict: it holds other things than named tensors.")
    return content


def _name(name: str) -> str:
    """A detector's trunk counts VGG-16's layers as torchvision's `features` does."""
    layer, _, part = name.rpartition(".")
    if layer in VGG_HEAD:
        return f"{VGG_HEAD[layer]}.{part}"
    return name.removeprefix("features.")
