"""Owns the answer to memory that was not enough: what was needed, what there is, what would fit. Loads no torch."""

from trainer.plan import plan
from trainer.spec import RunSpec

# Of a device's memory; the framework, its kernels' buffers and fragmentation have the rest. An estimate.
USABLE = 0.85


def advice(spec: RunSpec, classes: int, device_bytes: int) -> str:
    """One sentence on a run that ran out of memory on a device of `device_bytes`."""
    needed = plan(spec, classes)
    told = (
        f"a batch of {spec.batch_size // spec.devices} needs about {_mib(needed.memory_bytes)}, "
        f"{_mib(needed.memory.activations_bytes)} of them for activations, and the device has {_mib(device_bytes)}"
    )
    fitting = _fitting(spec, classes, device_bytes)
    return f"{told}; {' or '.join(fitting)} would fit" if fitting else f"{told}; no smaller batch would fit"


def _fitting(spec: RunSpec, classes: int, device_bytes: int) -> list[str]:
    """The smallest changes that fit: recomputed activations at this batch, and a smaller batch without them."""
    found = []
    again = plan(spec.model_copy(update={"recompute_activations": True}), classes)
    if not spec.recompute_activations and again.memory_bytes <= USABLE * device_bytes:
        found.append(f"recompute_activations, the same numbers in about {_mib(again.memory_bytes)},")
    share = spec.batch_size // spec.devices
    needed = plan(spec, classes)
    fixed = needed.memory_bytes - needed.memory.activations_bytes
    most = int((USABLE * device_bytes - fixed) / (needed.memory.activations_bytes / share))
    if 0 < most < share:
        found.append(f"batch_size up to {most * spec.devices}")
    return found


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.0f} MiB"
