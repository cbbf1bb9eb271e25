"""The device that a worker trains on."""

import os
from pathlib import Path

import pytest

from worker import device


@pytest.fixture
def two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose nvidia-smi lists two GPUs."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf 'NVIDIA A100\\nNVIDIA H100\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.fixture
def no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("two_gpus")
def test_auto_takes_the_first_gpu() -> None:
    gpu = device.find("auto")
    assert (gpu.queue, gpu.name, gpu.option) == ("gpu", "NVIDIA A100", "cuda")


@pytest.mark.usefixtures("two_gpus")
def test_a_chosen_gpu_is_the_only_one_its_trainer_sees() -> None:
    gpu = device.find("cuda:1")
    assert (gpu.name, gpu.environment) == ("NVIDIA H100", {"CUDA_VISIBLE_DEVICES": "1"})


@pytest.mark.usefixtures("two_gpus")
def test_the_cpu_can_be_chosen_on_a_machine_with_a_gpu() -> None:
    assert device.find("cpu").queue == "cpu"


@pytest.mark.usefixtures("no_gpu")
def test_auto_takes_the_cpu_if_there_is_no_gpu() -> None:
    assert device.find("auto").queue == "cpu"


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("selector", "message"), [("cuda:2", "no GPU 2"), ("tpu", "auto, cpu or cuda:K"), ("cuda:x", "auto, cpu or cuda:K")]
)
def test_the_error_for_a_missing_device_says_what_to_use(selector: str, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        device.find(selector)
