"""Owns the export of a finished detector, whose state dict has torchvision's names.

docs/detection.md builds the network that loads it. There is no ONNX: torch's exporters fix the number of proposals and
regions to those of the example that they trace.
"""

from collections import OrderedDict
from pathlib import Path

from trainer.detection.finished.model import DetectionModel
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.draft import pickle
from trainer.finished.options import ExportFormat


def export(model: DetectionModel, to: ExportFormat, path: Path) -> sealed.WrittenFile:
    """Write the weights to `path`. Raises Failure(`invalid`) for ONNX."""
    if to == "onnx":
        raise Failure(
            "invalid",
            "A detector can't be exported to ONNX: how many regions it classifies depends on the image. Use pt or "
            "safetensors, which torchvision's FasterRCNN loads.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = model.member.detector.state_dict().items()
    state = OrderedDict((name, tensor.cpu().contiguous()) for name, tensor in tensors)
    if to == "pt":
        return sealed.write_bytes(path, pickle(state, model.metadata))
    return sealed.write(path, state, model.metadata)
