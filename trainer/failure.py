"""Owns how a run fails: with a reason, a message and a last event. Loads no torch."""

from trainer.events import Failed, FailureReason
from trainer.manifest import BadDataSet


class Failure(Exception):
    """Ends a run with a reason and a message that says what happened, and where."""

    def __init__(self, reason: FailureReason, message: str, iteration: int | None = None) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message
        self.iteration = iteration


def is_out_of_memory(error: BaseException) -> bool:
    """True for Python's own error, a GPU's, and that of torch's CPU allocator, which raises a bare RuntimeError."""
    by_name = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return by_name or any(words in str(error) for words in ("can't allocate memory", "bad_alloc"))


def describe(error: OSError) -> str:
    """What went wrong, and with which file where the error knows it."""
    return f"{error.strerror or error}: {error.filename}" if error.filename else f"{error.strerror or error}"


def as_event(error: Exception) -> Failed:
    """The run's last event, made from the error that ended it."""
    match error:
        case Failure():
            return Failed(reason=error.reason, message=error.message, iteration=error.iteration)
        case BadDataSet():
            return Failed(reason="data", message=str(error))
        case _ if is_out_of_memory(error):
            return Failed(reason="out_of_memory", message=f"Out of memory: {error}")
        case OSError():
            return Failed(reason="internal", message=describe(error))
        case _:
            return Failed(reason="internal", message=f"{type(error).__name__}: {error}")
