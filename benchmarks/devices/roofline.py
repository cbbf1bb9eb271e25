"""What to expect of common devices by calculation: `python -m benchmarks.devices.roofline` prints docs/gpu.md's tables.

Peaks are the vendors' (data sheets), the roofline is trainer/acceptance/roofline.py. Nothing here was measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trainer.acceptance import roofline
from trainer.acceptance.conditions import cifar, imagenet
from trainer.acceptance.roofline import Limits
from trainer.spec import RunSpec

NETWORKS = (cifar(20), cifar(56), cifar(110), imagenet(50))
# Estimates: what PyTorch needs to start one operation, and what a device needs between two of a CUDA graph.
EAGER_S, GRAPH_S = 7e-6, 2e-6


@dataclass(frozen=True)
class Device:
    """By its vendor's data sheet: float32 without tensor cores, and memory bandwidth."""

    name: str
    teraflops: float
    gigabytes_per_s: float

    @property
    def limits(self) -> Limits:
        return Limits(self.teraflops * 1e12, self.gigabytes_per_s * 1e9)


DEVICES = (
    Device("T4", 8.1, 320),
    Device("V100 SXM2", 15.7, 900),
    Device("A100 SXM 40 GB", 19.5, 1_555),
    Device("A100 SXM 80 GB", 19.5, 2_039),
    Device("RTX 3090", 35.6, 936),
    Device("L4", 30.3, 300),
    Device("RTX 4090", 82.6, 1_008),
    Device("H100 SXM", 67, 3_350),
    Device("H200 SXM", 67, 4_800),
)


def rows() -> Iterator[str]:
    """Per device: its peaks, then for each network the least milliseconds of an iteration and the images a second."""
    names = " | ".join(f"{spec.name}, {spec.batch_size}" for spec in NETWORKS)
    yield f"| device | TFLOPS | GB/s | {names} |"
    yield "|---" * (3 + len(NETWORKS)) + "|"
    for device in DEVICES:
        cells = " | ".join(_cell(spec, device.limits) for spec in NETWORKS)
        yield f"| {device.name} | {device.teraflops:g} | {device.gigabytes_per_s:,} | {cells} |"


def launch_rows() -> Iterator[str]:
    """Per network: its operations, and how long starting them takes."""
    yield "| network | operations an iteration | started one by one | in a CUDA graph |"
    yield "|---|---|---|---|"
    for spec in NETWORKS:
        count = roofline.kernels(spec)
        yield f"| {spec.name} | {count:,} | {1000 * count * EAGER_S:.1f} ms | {1000 * count * GRAPH_S:.1f} ms |"


def _cell(spec: RunSpec, limits: Limits) -> str:
    iteration_s = roofline.seconds(spec, limits)
    return f"{1000 * iteration_s:,.1f} ms, {spec.batch_size / iteration_s:,.0f}"


def main() -> None:
    print("\n".join([*rows(), "", *launch_rows()]))


if __name__ == "__main__":
    main()
