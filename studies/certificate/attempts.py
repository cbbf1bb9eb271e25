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
