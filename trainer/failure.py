"""Owns the end of a run that cannot go on. Loads no torch."""

from trainer.events import FailureReason


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
