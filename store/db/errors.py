"""The errors of the store's verbs. Only api/http/problems.py knows their status codes."""


class StoreError(Exception):
    """The base of these errors. Its message says what was expected, what came, and where."""


class NotFound(StoreError):
    """There is no such object, or none that this owner may see."""


class Forbidden(StoreError):
    """This caller may not do this; the message says who may."""


class Conflict(StoreError):
    """The object exists, but its state doesn't allow this verb."""


class QuotaReached(Conflict):
    """A person or project may use no more; the message says what of, and how much."""


class Refused(StoreError):
    """The input is well formed but not acceptable; `field` names the field that it came from."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class LeaseLost(StoreError):
    """The attempt no longer owns its run, and another may. Stop, and write nothing more."""
