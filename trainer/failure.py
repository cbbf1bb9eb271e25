"""Owns the end of a run that cannot go on. Loads no torch."""

from trainer.events import Failed, FailureReason
from trainer.manifest import BadDataSet


class Failure(Exception):
    """Ends a run with its reason and one sentence that says what came, and where."""

    def __init__(self, reason: FailureReason, message: str, iteration: int | None = None) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message
        self.iteration = iteration


def is_out_of_memory(error: BaseException) -> bool:
    """True of Python's own error, of a GPU's, and of torch's CPU allocator, which raises a bare RuntimeError."""
    by_name = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return by_name or any(words in str(error) for words in ("can't allocate memory", "bad_alloc"))


def as_event(error: Exception) -> Failed:
    """Whatever ended the run, as its last event."""
    match error:
        case Failure():
            return Failed(reason=error.reason, message=error.message, iteration=error.iteration)
        case BadDataSet():
            return Failed(reason="data", message=str(error))
        case _ if is_out_of_memory(error):
            return Failed(reason="out_of_memory", message=f"out of memory: {error}")
        case OSError():
            return Failed(reason="internal", message=f"{error.strerror or error}: {error.filename or 'no file named'}")
        case _:
            return Failed(reason="internal", message=f"{type(error).__name__}: {error}")
