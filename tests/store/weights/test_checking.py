"""Start weights as a stranger sends them: the declared network's tensors, whole, or a sentence with what is wrong."""

import json
import math
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import pytest

from store.db.errors import Refused
from store.weights.checking import check
from trainer.detection.origin import classifier_shapes
from trainer.detection.spec import DetectionNetwork
from trainer.seal import header_bytes
from trainer.spec import RunSpec
from trainer.state import Shape

OURS = {"family": "imagenet", "dataset": "pets", "shortcut": "B"}


def written(path: Path, shapes: dict[str, Shape], metadata: dict[str, str] | None = None, cut: int = 0) -> Path:
    """A file of zeros, which takes no space on disk."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        is_counter = name.endswith("num_batches_tracked")
        size = math.prod(shape) * (8 if is_counter else 4)
        header[name] = {
            "dtype": "I64" if is_counter else "F32",
            "shape": list(shape),
            "data_offsets": [end, end + size],
        }
        end += size
    head = header_bytes(header)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + end - cut)
    return path


def refusal(path: Path, network: DetectionNetwork) -> str:
    with path.open("rb") as file, pytest.raises(Refused) as error:
        check(file, network)
    assert str(error.value).isprintable()
    return str(error.value)


def test_torchvisions_vgg_16_is_taken_byte_for_byte(tmp_path: Path) -> None:
    path = written(tmp_path / "vgg16.safetensors", classifier_shapes("vgg16", 1000))
    with path.open("rb") as file:
        checked = check(file, "vgg16")
    assert checked.size_bytes == path.stat().st_size > 4 * 138_000_000
    assert (checked.statistics, checked.stride_in_1x1, len(checked.sha256)) == ("moving_average", None, 64)


def test_the_hash_is_the_files(tmp_path: Path) -> None:
    path = written(tmp_path / "resnet18.safetensors", classifier_shapes("resnet18", 7))
    with path.open("rb") as file:
        assert check(file, "resnet18").sha256 == sha256(path.read_bytes()).hexdigest()


def test_torchvisions_bottlenecks_have_their_stride_in_the_3x3_layer(tmp_path: Path) -> None:
    shapes = {name: shape for name, shape in classifier_shapes("resnet50", 5).items() if "num_batches" not in name}
    with written(tmp_path / "resnet50.safetensors", shapes).open("rb") as file:
        assert check(file, "resnet50").stride_in_1x1 is False


def _without(name: str, shapes: dict[str, Shape]) -> dict[str, Shape]:
    return {own: shape for own, shape in shapes.items() if own != name}


@pytest.mark.parametrize(
    ("shapes", "network", "message"),
    [
        (classifier_shapes("resnet34", 9), "resnet18", "not ResNet-18's: it has no tensor 'layer1.2.bn1.bias'"),
        (classifier_shapes("resnet18", 9), "resnet34", "they are not ResNet-34's: layer1.2.bn1.bias is missing, and"),
        (classifier_shapes("resnet18", 9), "vgg16", "they are not VGG-16's: it has no tensor 'bn1.bias'"),
        (_without("classifier.3.bias", classifier_shapes("vgg16", 9)), "vgg16", "classifier.3.bias is missing, and 0"),
        (classifier_shapes("vgg16", 9) | {"classifier.0.weight": (8, 8)}, "vgg16",
         "classifier.0.weight has the shape [8, 8], not [4096, 25088]"),
    ],
)  # fmt: skip
def test_another_network_is_refused_with_its_tensor(
    tmp_path: Path, shapes: dict[str, Shape], network: DetectionNetwork, message: str
) -> None:
    assert message in refusal(written(tmp_path / "w.safetensors", shapes), network)


def test_a_file_that_is_cut_short_or_not_finite_or_pickled_is_refused(tmp_path: Path) -> None:
    shapes = classifier_shapes("resnet18", 2)
    assert "cut short" in refusal(written(tmp_path / "cut", shapes, cut=4), "resnet18")
    broken = written(tmp_path / "nan", shapes)
    with broken.open("r+b") as file:
        _seek_to_body(file)
        file.write(b"\x00\x00\xc0\x7f")
    assert "conv1.weight has a number that is not finite" in refusal(broken, "resnet18")
    (tmp_path / "pickle").write_bytes(b"PK\x03\x04" + bytes(200))
    assert "Pickled files (.pt, .pth) are not read" in refusal(tmp_path / "pickle", "resnet18")


def _seek_to_body(file: IO[bytes]) -> None:
    file.seek(8 + int.from_bytes(file.read(8), "little"))


@pytest.mark.parametrize(
    ("spec", "change", "message"),
    [
        (
            OURS | {"depth": 34},
            {},
            "they are ResNet-34 B's of the imagenet family. ResNet-18 starts from",
        ),
        (OURS | {"depth": 18, "shortcut": "A"}, {}, "they are ResNet-18 A's"),
        (OURS | {"depth": 18}, {}, "was altered after Reslab wrote it"),
        (OURS | {"depth": 18}, {"input_mean": ""}, "was altered after Reslab wrote it"),
        (OURS | {"depth": 18}, {"spec": "{"}, "don't say which network"),
    ],
)
def test_a_file_by_reslab_must_be_of_a_classifier_that_fits_and_whole(
    tmp_path: Path, spec: dict[str, Any], change: dict[str, str], message: str
) -> None:
    text = json.dumps(RunSpec.model_validate(spec).model_dump(mode="json"))
    metadata = {"spec": text, "input_mean": "AAAA", "content_sha256": "0" * 64} | change
    path = written(tmp_path / "w.safetensors", classifier_shapes("resnet18", 2), metadata)
    assert message in refusal(path, "resnet18")
