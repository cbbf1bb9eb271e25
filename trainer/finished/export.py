"""Owns the export of finished weights: safetensors, a plain state dict (.pt), ONNX.

Each format carries the same metadata: specification and its hash, data hash, iteration, errors, library versions.
"""

import importlib.util
import io
import json
import warnings
from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn

from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.draft import pickle
from trainer.finished.model import Model
from trainer.finished.options import ExportFormat

# onnxruntime has read 17 since 2022, and it is the newest that our operators need.
OPSET = 17


def export(model: Model, to: ExportFormat, path: Path) -> sealed.WrittenFile:
    """Write the weights to `path`. Raises Failure(`invalid`) if that takes a package that is not installed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match to:
        case "safetensors":
            return sealed.write(path, _state(model), model.metadata)
        case "pt":
            return sealed.write_bytes(path, pickle(_state(model), model.metadata))
        case "onnx":
            return sealed.write_bytes(path, _onnx(model))


class PixelNetwork(nn.Module):
    """The network including the subtraction of the mean, so that the file is complete."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.network = model.network
        self.mean = model.mean

    def forward(self, pixels: Tensor) -> Tensor:
        """float32 (N, 3, H, W) RGB in 0–255 to logits (N, classes)."""
        logits: Tensor = self.network(pixels - self.mean)
        return logits


def _state(model: Model) -> OrderedDict[str, Tensor]:
    return OrderedDict((name, tensor.cpu().contiguous()) for name, tensor in model.network.state_dict().items())


def _onnx(model: Model) -> bytes:
    if importlib.util.find_spec("onnx") is None:
        raise Failure("invalid", "The ONNX export needs another package. Run: pip install 'reslab[onnx]'")
    import onnx

    content = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter without torch.export: it needs only the onnx package, and our networks have no control flow.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            PixelNetwork(model).eval(),
            (torch.zeros(1, *model.mean.shape, device=model.mean.device),),
            content,  # type: ignore[arg-type]  # the stub names paths only; this exporter writes to files as well
            dynamo=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_axes={"pixels": {0: "images"}, "logits": {0: "images"}},
        )
    model_proto = onnx.load_from_string(content.getvalue())
    metadata = model.metadata | {"input": f"pixels: float32 (N, {', '.join(map(str, model.mean.shape))}) in 0-255, RGB"}
    onnx.helper.set_model_props(model_proto, metadata)
    # ONNX readers show these two standard fields.
    model_proto.producer_name, model_proto.doc_string = "reslab", f"{model.spec.name}, {json.dumps(model.classes)}"
    onnx.checker.check_model(model_proto)
    serialised: bytes = model_proto.SerializeToString()
    return serialised
