"""A fault by its name: a function of a lab whose one sentence says what is done to the service."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.lab import Lab

Strike = Callable[[Lab], None]


@dataclass(frozen=True)
class Fault:
    name: str
    sentence: str
    strike: Strike
    in_short: bool = False


ALL: dict[str, Fault] = {}


def fault(strike: Strike) -> Strike:
    """Enters the function into the table."""
    return _enter(strike, in_short=False)


def fault_in_short(strike: Strike) -> Strike:
    """Enters it into the table, and into the short form that the suite runs."""
    return _enter(strike, in_short=True)


def _enter(strike: Strike, *, in_short: bool) -> Strike:
    assert strike.__doc__
    enter(Fault(strike.__name__.replace("_", " "), strike.__doc__, strike, in_short))
    return strike


def enter(entry: Fault) -> None:
    """For one that is made and not written."""
    assert entry.name not in ALL
    ALL[entry.name] = entry
