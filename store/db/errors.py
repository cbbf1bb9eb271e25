"""What can go wrong with a verb, in words. One file in `api` knows the status codes."""


class StoreError(Exception):
    """A sentence that says what was expected, what came, and where."""


class NotFound(StoreError):
    """No such thing, or none that this owner may see."""


class Conflict(StoreError):
    """The thing exists, but its state does not allow this verb."""


class Refused(StoreError):
    """The input is well formed but cannot be taken; `field` names where it came from."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class LeaseLost(StoreError):
    """The attempt no longer owns its run: somebody else may. Stop, and write nothing more."""
