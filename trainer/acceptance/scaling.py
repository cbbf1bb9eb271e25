"""Owns the speed of a run on several devices, against one device with the same share of images."""

import statistics
from collections.abc import Iterator

import torch

from trainer.acceptance.conditions import NEVER, Conditions
from trainer.acceptance.report import Measurement
from trainer.acceptance.resume import events, trainer
from trainer.spec import RunSpec

TOPIC = "devices"
IMAGES_PER_DEVICE = 128


def measure(conditions: Conditions) -> Iterator[Measurement]:
    count = conditions.devices
    what = f"ResNet-20 A on {count} devices, {IMAGES_PER_DEVICE} images on each: against one device"
    reason = "Each device trains its share; the gradients are added over all of them."
    have = torch.cuda.device_count() if conditions.is_gpu else torch.get_num_threads()
    if count == 1 or have < count:
        unit = ("GPU" if conditions.is_gpu else "thread") + ("" if have == 1 else "s")
        why = "not run: see --devices" if count == 1 else f"not run here: {count} devices, but {have} {unit}"
        what = "ResNet-20 A on several devices, against one device"
        yield Measurement(topic=TOPIC, what=what, measured=why, verdict="not run", reason=reason)
        return
    threads = max(torch.get_num_threads() // count, 1)
    if not conditions.is_gpu:
        reason += f" Here a device is a process with {threads} of the CPU's threads."
    single, several = (_images_per_s(number, threads, conditions) for number in (1, count))
    yield Measurement(
        topic=TOPIC,
        what=what,
        measured=f"{several / single:.2f} × ({several:,.0f} against {single:,.0f} images/s)",
        verdict="measured",
        reason=reason,
    )


def _images_per_s(devices: int, threads: int, conditions: Conditions) -> float:
    """The median of a run's reports, without the first, which has the warm-up in it."""
    spec = RunSpec(
        depth=20,
        shortcut="A",
        dataset="synthetic",
        batch_size=devices * IMAGES_PER_DEVICE,
        devices=devices,
        iterations=3000 if conditions.is_gpu else 6 if conditions.is_short else 24,
        evaluate_every=NEVER,
        checkpoint_every=NEVER,
    )
    with trainer(spec, conditions.workdir / f"devices-{devices}", conditions, "--threads", str(threads)) as process:
        rates: list[float] = [event["images_per_s"] for event in events(process) if event["kind"] == "steps"]
    return statistics.median(rates[1:] or rates)
