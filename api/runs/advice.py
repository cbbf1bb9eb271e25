"""What to do about a failed run, for each reason."""

from typing import Final, Literal

from store.runs.states import Reason

FailedFor = Reason | Literal["worker_lost"]

ADVICE: Final[dict[FailedFor, str]] = {
    "diverged": "Start a new run with a smaller learning rate or a warm-up (sec. 4.2), or fork this run's last "
    "checkpoint with a smaller learning rate.",
    "out_of_memory": "Start a new run with recompute_activations, with more devices or on a larger GPU. A smaller "
    "batch_size departs from the paper.",
    "data": "Check that the data set is on the worker's machine and unchanged, then retry.",
    "invalid": "Correct the field that the message names and start a new run.",
    "internal": "Read the end of the log. If the machine is at fault, retry; otherwise report the error.",
    "worker_lost": "Its attempts ended repeatedly without a new checkpoint. Check the end of the log and the worker's "
    "memory and disk, then retry, or fork the last checkpoint.",
}


def of(reason: str | None) -> str | None:
    """The advice for a run's reason; None for a run that has not failed."""
    return next((text for cause, text in ADVICE.items() if cause == reason), None)
