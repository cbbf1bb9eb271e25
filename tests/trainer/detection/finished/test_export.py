"""Export: the lines of docs/detection.md build torchvision's detector, which loads the file strictly and computes the
same.
"""

import json
import os
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.conftest import CPU
from tests.trainer.detection.conftest import lively, small_spec
from trainer.detection.finished import model
from trainer.detection.finished.export import export
from trainer.detection.finished.model import DetectionModel
from trainer.detection.network.inputs import Inputs, stack
from trainer.detection.spec import DetectionSpec
from trainer.failure import Failure
from trainer.files import sealed
from trainer.finished.model import REQUIRED

DOCS = Path(__file__).parents[4] / "docs" / "detection.md"
MEAN = [120.0, 110.0, 100.0]


def saved(spec: DetectionSpec, path: Path) -> DetectionModel:
    """A detector as a run saves it."""
    detector = lively(spec)
    metadata = dict.fromkeys(REQUIRED, "1") | {
        "task": "detection",
        "spec": spec.canonical_json(),
        "classes": json.dumps(["cat", "dog"]),
        "mean": json.dumps(MEAN),
        "input_mean": "AADwQgAA3EIAAMhC",
    }
    sealed.write(path, OrderedDict(detector.state_dict()), metadata)
    return model.load(path, CPU)


def snippet(network: str) -> str:
    """The documented lines; those for VGG-16 replace the network's."""
    whole, vgg = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    if network != "vgg16":
        return str(whole)
    before, _, rest = whole.partition("norm = ")
    return str(before + vgg + rest[rest.index("anchors = ") :])


@pytest.mark.parametrize("network", ["resnet18", "resnet50", "vgg16"])
def test_the_documented_lines_load_it_strictly_and_detect_the_same(network: str, tmp_path: Path) -> None:
    size = 2 if network == "vgg16" else 4
    spec = small_spec(network=network, roi={"size": size, "batch": 8}, test={"min_score": 0.01, "most": 20})
    loaded = saved(spec, tmp_path / "weights-1.safetensors")
    export(loaded, "pt", tmp_path / "detector.pt")
    names: dict[str, Any] = {}
    folder = Path.cwd()
    os.chdir(tmp_path)
    try:
        exec(snippet(network), names)  # noqa: S102 (the documentation's own lines)
    finally:
        os.chdir(folder)
    image = torch.rand(3, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        (theirs,) = names["model"]([image])
        inputs = Inputs(*stack([255 * image - torch.tensor(MEAN)[:, None, None]]), (1.0,))
        (ours,), _ = loaded.member.detector(inputs)
    assert len(ours["scores"]) > 3
    for part in ("boxes", "scores", "labels"):
        torch.testing.assert_close(theirs[part], ours[part], rtol=1e-3, atol=1e-3)


def test_the_exported_safetensors_file_can_be_loaded_again(tmp_path: Path) -> None:
    loaded = saved(small_spec(), tmp_path / "weights-1.safetensors")
    file = export(loaded, "safetensors", tmp_path / "copy.safetensors")
    assert (tmp_path / "copy.safetensors").read_bytes() == (tmp_path / "weights-1.safetensors").read_bytes()
    assert file.size_bytes > 40_000_000


def test_onnx_is_refused_with_its_reason(tmp_path: Path) -> None:
    loaded = saved(small_spec(), tmp_path / "weights-1.safetensors")
    with pytest.raises(Failure, match="how many regions it classifies depends on the image"):
        export(loaded, "onnx", tmp_path / "net.onnx")
