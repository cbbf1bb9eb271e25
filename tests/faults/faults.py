"""The registry of faults. A fault is a function that takes a lab; its docstring says what it does to the service."""

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
    """Adds the function to the table of faults."""
    return _enter(strike, in_short=False)


def fault_in_short(strike: Strike) -> Strike:
    """Adds the function to the table, and to the short form, whose faults are tests."""
    return _enter(strike, in_short=True)


def _enter(strike: Strike, *, in_short: bool) -> Strike:
    assert strike.__doc__
    enter(Fault(strike.__name__.replace("_", " "), strike.__doc__, strike, in_short))
    return strike


def enter(entry: Fault) -> None:
    """Adds a fault that is built in a loop."""
    assert entry.name not in ALL
    ALL[entry.name] = entry
