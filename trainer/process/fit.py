"""Turns an out-of-memory error into advice: what was needed, what the device has, what would fit. Loads no torch."""

from trainer.plan import plan
from trainer.spec import RunSpec

# The share of a device's memory that a run can use (estimate): the framework and fragmentation take the rest.
USABLE = 0.85


def advice(spec: RunSpec, classes: int, device_bytes: int) -> str:
    """Advice for a run that ran out of memory on a device with `device_bytes`."""
    needed = plan(spec, classes)
    shortage = (
        f"a batch of {spec.batch_size // spec.devices} needs about {_mib(needed.memory_bytes)}, including "
        f"{_mib(needed.memory.activations_bytes)} for activations, but the device has {_mib(device_bytes)}."
    )
    changes = _changes_that_fit(spec, classes, device_bytes)
    return f"{shortage} Use {' or '.join(changes)}." if changes else f"{shortage} A smaller batch would not fit either."


def _changes_that_fit(spec: RunSpec, classes: int, device_bytes: int) -> list[str]:
    """The smallest changes that fit: recomputed activations at this batch, and a smaller batch without them."""
    changes = []
    recomputing = plan(spec.model_copy(update={"recompute_activations": True}), classes)
    if not spec.recompute_activations and recomputing.memory_bytes <= USABLE * device_bytes:
        changes.append(f"recompute_activations (identical results in about {_mib(recomputing.memory_bytes)})")
    share = spec.batch_size // spec.devices
    needed = plan(spec, classes)
    fixed = needed.memory_bytes - needed.memory.activations_bytes
    most = int((USABLE * device_bytes - fixed) / (needed.memory.activations_bytes / share))
    if 0 < most < share:
        changes.append(f"a batch_size of at most {most * spec.devices}")
    return changes


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.0f} MiB"
