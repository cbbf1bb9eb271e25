"""Owns finished weights in other programs' forms: safetensors, a plain state dict (.pt), ONNX.

Each carries the same story: specification and its hash, data hash, iteration, errors, library versions.
"""

import importlib.util
import io
import json
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from trainer.failure import Failure
from trainer.files import sealed, weights
from trainer.finished.model import Model

Form = Literal["safetensors", "pt", "onnx"]
FORMS: tuple[Form, ...] = ("safetensors", "pt", "onnx")
# 17 is what onnxruntime has read since 2022, and the last one that needs nothing newer of our operators.
OPSET = 17


def export(model: Model, form: Form, path: Path) -> sealed.Written:
    """Write the weights to `path`. Raises Failure(`invalid`) where a form needs what is not installed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match form:
        case "safetensors":
            return sealed.write(path, _state(model), model.story)
        case "pt":
            return sealed.write_bytes(path, weights.pickled(_state(model), model.story))
        case "onnx":
            return sealed.write_bytes(path, _onnx(model))


class FromPixels(nn.Module):
    """The network with the subtraction of the mean inside it: whoever runs the file needs nothing else."""

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
        raise Failure("invalid", "ONNX needs one more package: pip install 'reslab[onnx]'")
    import onnx

    content = io.BytesIO()
    with warnings.catch_warnings():
        # The exporter without torch.export: it needs the onnx package alone, and our networks are straight lines.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FromPixels(model).eval(),
            (torch.zeros(1, *model.mean.shape, device=model.mean.device),),
            content,  # type: ignore[arg-type]  # the stub names paths only; this exporter writes to files as well
            dynamo=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=["logits"],
            dynamic_axes={"pixels": {0: "images"}, "logits": {0: "images"}},
        )
    written = onnx.load_from_string(content.getvalue())
    story = model.story | {"input": f"pixels: float32 (N, {', '.join(map(str, model.mean.shape))}) in 0-255, RGB"}
    onnx.helper.set_model_props(written, story)
    # ONNX readers know these two fields by themselves.
    written.producer_name, written.doc_string = "reslab", f"{model.spec.name}, {json.dumps(model.classes)}"
    onnx.checker.check_model(written)
    serialised: bytes = written.SerializeToString()
    return serialised
