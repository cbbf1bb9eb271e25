"""Weights files: what can be done with them with torch and safetensors alone."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import safetensors
import torch

from tests.trainer.conftest import small_spec
from trainer import identity
from trainer.data import synthetic
from trainer.events import Evaluated, Event
from trainer.files import weights
from trainer.networks.cifar import CifarNet

Run = Callable[..., Iterator[Event]]

SCRIPT = """
import base64, json, sys
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from trainer.networks.cifar import CifarNet

path, images = sys.argv[1:]
with safe_open(path, "pt") as file:
    metadata = file.metadata()
network = CifarNet(int(metadata["depth"]), metadata["shortcut"], len(json.loads(metadata["classes"])))
network.load_state_dict(load_file(path), strict=True)
network.eval()
mean = torch.frombuffer(bytearray(base64.b64decode(metadata["input_mean"])), dtype=torch.float32).reshape(3, 32, 32)
test = load_file(images)
with torch.no_grad():
    guesses = network(test["pixels"].float() - mean).argmax(1)
print((guesses != test["labels"]).sum().item())
assert not {"pydantic", "fastapi", "trainer.spec"} & set(sys.modules)
"""


def test_the_reported_test_error_is_reproduced_with_torch_and_safetensors_alone(run_here: Run, tmp_path: Path) -> None:
    events = list(run_here(small_spec(iterations=30)))
    reported = next(event for event in events if isinstance(event, Evaluated))
    test = synthetic.load().test.pick(torch.arange(64))
    safetensors.torch.save_file({"pixels": test.pixels, "labels": test.labels}, tmp_path / "images")
    command: list[str | Path] = [
        sys.executable,
        "-c",
        SCRIPT,
        tmp_path / "weights-30.safetensors",
        tmp_path / "images",
    ]
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200)
    assert 100 * int(process.stdout) / 64 == reported.error


def test_the_metadata_describe_the_weights(run_here: Run, tmp_path: Path) -> None:
    spec = small_spec(iterations=3, shortcut="B")
    list(run_here(spec))
    with safetensors.safe_open(tmp_path / "weights-3.safetensors", "pt") as file:
        metadata = file.metadata()
    expected = {"depth": "8", "shortcut": "B", "family": "cifar", "stride_in_1x1": "true", "iteration": "3"}
    assert expected.items() <= metadata.items()
    assert metadata["spec_hash"] == spec.hash()
    assert len(json.loads(metadata["classes"])) == 10
    assert set(json.loads(metadata["versions"])) == {"python", *identity.PACKAGES}
    assert float(metadata["test_error"]) <= 100
    assert weights.mean_of(metadata).shape == (3, 32, 32)


def test_the_pt_file_is_the_same_plain_state_dict(run_here: Run, tmp_path: Path) -> None:
    list(run_here(small_spec(iterations=3)))
    state = torch.load(tmp_path / "weights-3.pt", weights_only=True)
    same = safetensors.torch.load_file(tmp_path / "weights-3.safetensors")
    assert state.keys() == same.keys()
    assert all(torch.equal(state[name], same[name]) for name in state)
    CifarNet(8, "A").load_state_dict(state, strict=True)
    assert weights.mean_of(state.story).shape == (3, 32, 32)


@pytest.mark.parametrize("suffix", ["safetensors", "pt"])
def test_the_same_run_has_the_same_hash(suffix: str, run_here: Run, tmp_path: Path) -> None:
    files = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        list(run_here(small_spec(iterations=3), workdir=tmp_path / str(number)))
        files.append((tmp_path / str(number) / f"weights-3.{suffix}").read_bytes())
    assert files[0] == files[1]
