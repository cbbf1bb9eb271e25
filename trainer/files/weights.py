"""Owns the weights files: a plain state dict that loads with strict=True, and metadata that describe it.

The safetensors file has the metadata in its header. The `.pt` file is the same state dict, an OrderedDict whose
attribute `story` has the same metadata (torch.load(…, weights_only=True) keeps it).
"""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from trainer.data.images import Data
from trainer.events import Saved
from trainer.files.draft import Draft
from trainer.identity import versions
from trainer.training import Training

if TYPE_CHECKING:
    from trainer.data.photographs import PhotographData


def draft(training: Training, data: Data | PhotographData) -> Draft:
    """A classifier's weights of this iteration."""
    return Draft("weights", training.iteration, training.network.state_dict(), _metadata(training, data))


def save(training: Training, data: Data | PhotographData, path: Path) -> Saved:
    """Write them to `path` at once."""
    return draft(training, data).write(path)


def mean_of(metadata: dict[str, str]) -> Tensor:
    """The mean image, float32 (3, S, S) in 0–255, to subtract from the network's input. S is 32 in the CIFAR family,
    224 in ImageNet's.
    """
    values = torch.frombuffer(bytearray(base64.b64decode(metadata["input_mean"])), dtype=torch.float32)
    size = math.isqrt(len(values) // 3)
    return values.reshape(3, size, size)


def _metadata(training: Training, data: Data | PhotographData) -> dict[str, str]:
    spec = training.spec
    errors = {f"{split}_error": repr(error) for split, error in training.errors.items()}
    return {
        "family": spec.family,
        "depth": str(spec.depth),
        "shortcut": spec.shortcut,
        # v1 and v1.5 bottlenecks share every key and shape, so a wrong stride would load silently.
        "stride_in_1x1": str(spec.stride_in_1x1).lower(),
        "classes": json.dumps(data.classes, ensure_ascii=False),
        "dataset": spec.dataset,
        "iteration": str(training.iteration),
        "evaluated_at": str(training.evaluated_at),
        **errors,
        "spec": spec.canonical_json(),
        "spec_hash": spec.hash(),
        "data_hash": training.data_hash,
        "input": f"float32 (N, 3, {data.mean.shape[1]}, {data.mean.shape[2]}) in 0-255, RGB, minus input_mean",
        "input_mean": base64.b64encode(data.mean.cpu().contiguous().numpy().astype("<f4").tobytes()).decode(),
        "versions": json.dumps(versions(), sort_keys=True),
    }
