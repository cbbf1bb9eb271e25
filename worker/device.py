"""The device that a worker lends out, found without importing torch."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Device:
    """`queue` is the kind of work it takes; `option` and `environment` tell the trainer to use this one."""

    queue: str
    name: str
    option: str
    environment: dict[str, str] = field(default_factory=dict)


def find(wanted: str) -> Device:
    """`auto` (the first GPU, else the CPU), `cpu` or `cuda:K`. Raises LookupError where there is no such GPU."""
    if wanted == "cpu":
        return Device("cpu", _cpu_name(), "cpu")
    names = _gpu_names()
    if wanted == "auto":
        # An operator's own CUDA_VISIBLE_DEVICES goes through to the trainer as it is.
        return Device("gpu", names[0], "cuda") if names else Device("cpu", _cpu_name(), "cpu")
    index = wanted.removeprefix("cuda").removeprefix(":") or "0"
    if not wanted.startswith("cuda") or not index.isdecimal():
        raise LookupError(f"device must be auto, cpu or cuda:K; got {wanted}")
    if int(index) >= len(names):
        raise LookupError(f"there is no GPU {index} here; found {', '.join(names) or 'none'}")
    return Device("gpu", names[int(index)], "cuda", {"CUDA_VISIBLE_DEVICES": index})


def _gpu_names() -> list[str]:
    if shutil.which("nvidia-smi"):
        asked = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return asked.stdout.split("\n")[:-1] if asked.returncode == 0 else []
    # A container may have the driver without its tools.
    return [_model(file) for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))]


def _model(information: Path) -> str:
    fields = dict(line.split(":", 1) for line in information.read_text().splitlines() if ":" in line)
    return fields.get("Model", "NVIDIA GPU").strip()


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "cpu"
