"""What to do about a failed run: one sentence for each reason."""

from typing import Final, Literal

from store.runs.states import Reason

FailedFor = Reason | Literal["worker_lost"]

ADVICE: Final[dict[FailedFor, str]] = {
    "diverged": "Submit it with a smaller lr or with a warmup (sec. 4.2), or fork it so from its last checkpoint, "
    "where it has one.",
    "out_of_memory": "Submit it with recompute_activations, more devices, or for a larger GPU; a smaller batch_size "
    "departs from the paper.",
    "data": "Check that the data set is there and unchanged on the worker's machine, then retry.",
    "invalid": "Change what the message names and submit it as a new run.",
    "internal": "Read the end of the log; where it shows a fault of the machine, retry, else report it.",
    "worker_lost": "Its attempts kept ending without a new checkpoint: look at the end of the log and at the worker's "
    "machine (memory, disk), then retry, or fork it from its last checkpoint.",
}


def of(reason: str | None) -> str | None:
    """The sentence for a run's reason; None for one that has not failed."""
    return next((ADVICE[known] for known in ADVICE if known == reason), None)
