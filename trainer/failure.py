"""Owns the end of a run that cannot go on. Loads no torch."""

from trainer.events import FailureReason


class Failure(Exception):
    """Ends a run with its reason and one sentence that says what came, and where."""

    def __init__(self, reason: FailureReason, message: str, iteration: int | None = None) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message
        self.iteration = iteration
