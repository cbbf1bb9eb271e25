"""Checks the attempts at a run, whatever it trained: they continue each other on the same images."""

from collections.abc import Iterator
from itertools import pairwise

from studies.certificate.contents import CertifiedRun
from trainer.events import Started


def faults(run: CertifiedRun) -> Iterator[str]:
    """What is wrong, as the rest of a sentence."""
    started = [Started.model_validate(trainer) for trainer in run.trainers]
    at = [start.resumed_from for start in started]
    if any(later <= earlier for earlier, later in pairwise(at)) or any(
        not 0 <= iteration <= run.iterations for iteration in at
    ):
        yield f"was resumed from the iterations {', '.join(map(str, at))}, which do not ascend"
    if at and at[0] != (run.parent_iteration or 0):
        yield f"began after iteration {at[0]:,}, not {run.parent_iteration or 0:,}"
    if len({start.data_hash for start in started}) > 1:
        yield "changed its data between two attempts"


def success_faults(run: CertifiedRun, measure: str, measured: float | None) -> Iterator[str]:
    """What is wrong with a run that has succeeded, as the rest of a sentence. `measure`: what its tests give."""
    if run.iteration != run.iterations:
        yield f"has succeeded, but ended after iteration {run.iteration:,} of {run.iterations:,}"
    if not run.trainers or not run.fence:
        yield "has succeeded, but nothing says where it was trained"
    if run.curve is None:
        yield "has succeeded, but has no curve"
    if measured is None:
        yield f"has succeeded, but has no {measure}"
    if run.weights is not None and run.weights.iteration != run.iteration:
        yield f"has weights of iteration {run.weights.iteration:,}, not of {run.iteration:,}"
