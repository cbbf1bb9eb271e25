"""The table of faults: each struck on a stack, judged and measured, and how that is written down."""

import statistics
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

# Each of these enters its faults.
from tests.faults.faults import ALL, Fault
from tests.faults.lab import LIMITS_S, Lab, Recovery
from tests.faults.stack import Stack

FAULTS = tuple(ALL.values())


@dataclass(frozen=True)
class Outcome:
    """One fault, once. No violation: it passed."""

    violations: list[str]
    recoveries: list[Recovery]
    seconds: float


def strike(fault: Fault, stack: Stack) -> Outcome:
    """The stack is whole again afterwards, whatever the fault did."""
    began, lab, violations = time.monotonic(), Lab(stack), []
    try:
        fault.strike(lab)
    except Exception:  # the table goes on with the next fault
        violations.append(f"the fault itself: {traceback.format_exc()}")
    try:
        lab.settle()
    except TimeoutError as error:
        violations.append(str(error))
    violations += lab.violations()
    lab.clear()
    return Outcome(violations, lab.recoveries, time.monotonic() - began)


def row(fault: Fault, outcomes: Sequence[Outcome]) -> str:
    """Name, times passed, and the worst recovery where one was measured."""
    passed = sum(not outcome.violations for outcome in outcomes)
    recoveries = [recovery for outcome in outcomes for recovery in outcome.recoveries]
    worst = max(recoveries, key=lambda recovery: recovery.seconds, default=None)
    shown = f"{worst.what}: {worst.seconds:.1f} s" if worst else ""
    return f"| {fault.name} | {fault.sentence} | {passed}/{len(outcomes)} | {shown} |"


def recovered(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Seconds by kind."""
    found: dict[str, list[float]] = {}
    for outcome in outcomes:
        for recovery in outcome.recoveries:
            found.setdefault(recovery.what, []).append(recovery.seconds)
    return found


def recovery_row(what: str, seconds: Sequence[float]) -> str:
    median, worst = statistics.median(seconds), max(seconds)
    numbers = " | ".join(f"{number:.1f} s" for number in (median, p95(seconds), worst, LIMITS_S[what]))
    return f"| {what} | {len(seconds)} | {numbers} |"


def late(recoveries: dict[str, list[float]]) -> list[str]:
    """In words, the kinds whose p95 is over what was promised."""
    return [
        f"{what}: p95 {p95(seconds):.1f} s, promised {LIMITS_S[what]:.0f} s"
        for what, seconds in recoveries.items()
        if p95(seconds) > LIMITS_S[what]
    ]


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
