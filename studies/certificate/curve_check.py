"""Checks that a raw curve can be its run's: complete, finite, and with the learning rates of its schedule."""

from collections.abc import Iterator

import numpy as np

from store.curves.points import Points
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.contents import CertifiedRun
from trainer.schedule import planned_drops
from trainer.spec import RunSpec, StepSchedule

# Rates are stored as float32.
ROUNDING = 1e-5


def check(run: CertifiedRun, spec: RunSpec, loss: Points, error: Points, lr: Points) -> None:
    """Raises InvalidCertificate, naming the run. The three series have the same iterations."""
    fault = next(_faults(run, spec, loss, error, lr), None)
    if fault is not None:
        raise InvalidCertificate(f"The curve of run {run.id} {fault}.")


def _faults(run: CertifiedRun, spec: RunSpec, loss: Points, error: Points, lr: Points) -> Iterator[str]:
    at, every, start = error.iteration, spec.log_every, run.parent_iteration or 0
    if not len(at):
        yield "has no points"
        return
    gaps = np.diff(at)
    if at[0] <= start or at[-1] > run.iteration or (gaps <= 0).any():
        yield f"has points at the iterations {at[0]:,} to {at[-1]:,}, which do not ascend from {start:,}"
    elif at[0] > start + every or (gaps > every).any() or (every == 1 and len(at) != at[-1] - start):
        yield f"has gaps: {len(at):,} points up to iteration {at[-1]:,}"
    if run.status == "succeeded" and at[-1] <= run.iterations - every:
        yield f"ends at iteration {at[-1]:,}, not at {run.iterations:,}"
    if not all(np.isfinite(series.value).all() for series in (loss, error, lr)):
        yield "has values that are not finite"
    if (loss.value < 0).any() or (error.value < 0).any() or (error.value > 100).any():
        yield "has errors that are not between 0 and 100 %"
    yield from _rate_faults(spec, lr)


def _rate_faults(spec: RunSpec, lr: Points) -> Iterator[str]:
    """The rates of a step schedule are known; a warm-up comes first, and its end only the training errors decide."""
    if not isinstance(spec.schedule, StepSchedule):
        return
    levels = np.array([spec.lr, *(drop.lr for drop in planned_drops(spec))])
    planned = levels[np.searchsorted(np.array(spec.schedule.at, np.int64), lr.iteration, side="left")]
    differs = ~np.isclose(lr.value, planned, rtol=ROUNDING, atol=0)
    if spec.warmup:
        is_warm = np.isclose(lr.value, spec.warmup.lr, rtol=ROUNDING, atol=0)
        warm = len(is_warm) if is_warm.all() else int(np.argmin(is_warm))
        differs[:warm] = False
    if differs.any():
        first = int(np.argmax(differs))
        yield (
            f"has a learning rate of {lr.value[first]:g} at iteration {lr.iteration[first]:,}, where its schedule says "
            f"{planned[first]:g}"
        )
