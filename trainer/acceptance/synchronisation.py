"""Owns the proof that the host never waits for the device within an iteration."""

from collections.abc import Iterator

import torch

from trainer.acceptance.conditions import Conditions, cifar, needs_gpu
from trainer.acceptance.report import Measurement
from trainer.acceptance.turns import noise
from trainer.classification import Classification
from trainer.environment import Environment
from trainer.process.iteration import WARM_UP
from trainer.process.supervision import Stop

TOPIC = "synchronisation"
WHAT = "ResNet-20 A: no synchronisation in an iteration"
REASON = "A host that waits for its device cannot start the next operation in time."
ITERATIONS = 20


def measure(conditions: Conditions) -> Iterator[Measurement]:
    if not conditions.is_gpu:
        yield needs_gpu(TOPIC, WHAT, REASON)
        return
    task = Classification(
        cifar(20), noise(2_000, conditions.device), Environment(conditions.workdir, conditions.device, Stop())
    )
    for _ in range(WARM_UP + 1):  # and the capture of the graph
        task.step(0.1)
    error = None
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(ITERATIONS):
            task.step(0.1)
    except RuntimeError as synchronised:
        error = str(synchronised).partition("\n")[0]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    yield Measurement(
        topic=TOPIC,
        what=WHAT,
        measured=error or f"none in {ITERATIONS} iterations",
        bar="none",
        verdict="failed" if error else "passed",
        reason=REASON,
    )
