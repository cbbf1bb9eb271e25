"""Foreign weights: the network sees what it was trained on, and a hostile file gets a sentence."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from safetensors import safe_open

from store.db.errors import Refused
from store.imports import weights
from store.imports.declaration import WeightsInput
from store.imports.weights import Described
from trainer import networks
from trainer.finished import model
from trainer.spec import RunSpec

SPEC = RunSpec(dataset="digits", depth=8, shortcut="A", iterations=100)
DESCRIBED = Described(SPEC, classes=10, iteration=100, test_error=12.5)
INPUT = WeightsInput(mean=(0.5, 0.4, 0.3), std=(0.2, 0.25, 0.3))


def network(spec: RunSpec = SPEC) -> torch.nn.Module:
    torch.manual_seed(7)
    return networks.build(spec, 10).eval()


def saved(tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None) -> bytes:
    return safetensors.torch.save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata)


def refusal(
    content: bytes, tmp_path: Path, described: Described = DESCRIBED, given: WeightsInput | None = INPUT
) -> str:
    with pytest.raises(Refused) as error:
        weights.convert(io.BytesIO(content), tmp_path / "w.safetensors", described, given)
    assert str(error.value).isprintable()
    assert list(tmp_path.iterdir()) == []
    return str(error.value)


@pytest.mark.parametrize("given", [INPUT, WeightsInput(mean=(120, 110, 100), std=(50, 60, 70), scale=255)])
def test_the_network_sees_what_it_was_trained_on(tmp_path: Path, given: WeightsInput) -> None:
    own = network()
    file = tmp_path / "w.safetensors"
    sha256, size = weights.convert(io.BytesIO(saved(own.state_dict())), file, DESCRIBED, given)
    assert (len(sha256), file.stat().st_size) == (64, size)
    loaded = model.load(file, torch.device("cpu"))
    pixels = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    levels = pixels.float() * given.scale / 255
    theirs = (levels - torch.tensor(given.mean)[:, None, None]) / torch.tensor(given.std)[:, None, None]
    torch.testing.assert_close(loaded.network(loaded.inputs(pixels)), own(theirs), rtol=1e-3, atol=1e-4)
    assert (loaded.spec, loaded.iteration, loaded.describe()["reported"]) == (SPEC, 100, {"test_error": 12.5})
    assert loaded.has_classes(tuple("abcdefghij"))
    assert not loaded.has_classes(("a", "b"))


def test_a_file_without_counters_is_completed(tmp_path: Path) -> None:
    state = {name: tensor for name, tensor in network().state_dict().items() if "num_batches" not in name}
    weights.convert(io.BytesIO(saved(state)), tmp_path / "w.safetensors", DESCRIBED, INPUT)
    assert model.load(tmp_path / "w.safetensors", torch.device("cpu")).classes == tuple("0123456789")


def test_a_file_by_reslab_says_its_input_itself(tmp_path: Path) -> None:
    first = tmp_path / "first.safetensors"
    weights.convert(io.BytesIO(saved(network().state_dict())), first, DESCRIBED, INPUT)
    weights.convert(io.BytesIO(first.read_bytes()), tmp_path / "w.safetensors", DESCRIBED, None)
    again = model.load(tmp_path / "w.safetensors", torch.device("cpu"))
    assert torch.equal(again.mean, model.load(first, torch.device("cpu")).mean)


def test_the_file_says_which_fields_of_its_specification_nobody_declared(tmp_path: Path) -> None:
    """Before, a reader of the file took the paper's values for declared ones."""
    described = replace(DESCRIBED, unknown=("lr", "momentum"))
    weights.convert(io.BytesIO(saved(network().state_dict())), tmp_path / "w.safetensors", described, INPUT)
    with safe_open(tmp_path / "w.safetensors", "pt") as file:
        assert file.metadata()["unknown"] == "lr, momentum"


def test_other_networks_are_refused_with_the_difference(tmp_path: Path) -> None:
    state = network().state_dict()
    deeper = network(RunSpec(dataset="digits", depth=14, shortcut="A")).state_dict()
    assert "they are not ResNet-8 A's: it has no tensor" in refusal(saved(deeper), tmp_path)
    fewer = {name: tensor for name, tensor in state.items() if name != "conv1.weight"}
    assert "conv1.weight is missing" in refusal(saved(fewer), tmp_path)
    wide = state | {"conv1.weight": torch.zeros(17, 3, 3, 3)}
    assert "conv1.weight has the shape [17, 3, 3, 3], not [16, 3, 3, 3]" in refusal(saved(wide), tmp_path)
    half = state | {"conv1.weight": state["conv1.weight"].half()}
    assert "conv1.weight has the type 'F16'; it must be F32" in refusal(saved(half), tmp_path)
    nan = state | {"conv1.weight": torch.full((16, 3, 3, 3), float("nan"))}
    assert "conv1.weight has a number that is not finite" in refusal(saved(nan), tmp_path)
    assert "they say shortcut 'none', but 'A' is declared" in refusal(saved(state, {"shortcut": "none"}), tmp_path)
    assert "doesn't say how images become its input" in refusal(saved(state), tmp_path, given=None)


def header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this is not a safetensors file. Pickled files"),
        (b"\x80\x04\x95" + b"x" * 100, "Pickled files (.pt, .pth) are not read: they can run code."),
        (b"PK\x03\x04" + b"x" * 100, "this is not a safetensors file"),
        ((2**63).to_bytes(8, "little"), "this is not a safetensors file"),
        ((100).to_bytes(8, "little") + b"{", "its header is not JSON"),
        ((200_000).to_bytes(8, "little") + b'{"a":' * 40_000, "its header is not JSON"),
        ((2).to_bytes(8, "little") + b"[]", "its header is not an object of tensors"),
        (header(a=1), "its header is not an object of tensors"),
        (header(**{"a\n\u202e": {}}), "it has no tensor"),
        (header(**{"conv1.weight": {"dtype": "F32", "shape": [16, 3, 3, 3], "data_offsets": [0, -1]}}), "other bytes"),
        (header(**{"conv1.weight": {"dtype": "F32", "shape": [16, 3, 3, 3], "data_offsets": "x"}}), "other bytes"),
        (header(**{"conv1.weight": {"dtype": "F32", "shape": [16, 3, 3, 3], "data_offsets": [0, 1728]}}), "missing"),
    ],
)
def test_a_hostile_file_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert sentence in refusal(content, tmp_path)


def test_a_file_that_is_cut_short_or_has_a_gap_is_refused(tmp_path: Path) -> None:
    whole = saved(network().state_dict())
    assert "cut short, or longer than its tensors" in refusal(whole[:-4], tmp_path)
    assert "cut short, or longer than its tensors" in refusal(whole + b"1234", tmp_path)
    length = int.from_bytes(whole[:8], "little")
    entries = json.loads(whole[8 : 8 + length])
    first = min(entries, key=lambda name: entries[name]["data_offsets"][0])
    size = entries[first]["data_offsets"][1]
    entries[first]["data_offsets"] = [8, 8 + size]
    assert "the tensors overlap, or leave a gap" in refusal(header(**entries) + whole[8 + length :], tmp_path)
