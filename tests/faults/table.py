"""The table of faults: strikes each on a stack, checks and measures it, and formats the rows."""

import statistics
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

# Importing these modules registers their faults.
from tests.faults.cases import (  # noqa: F401
    api,
    broker,
    control,
    database,
    examinations,
    machine,
    objects,
    stop_requests,
    trainer,
    worker,
)
from tests.faults.disk import CannotStrike
from tests.faults.faults import ALL, Fault
from tests.faults.lab import LIMITS_S, Lab, Recovery
from tests.faults.stack import Stack

FAULTS = tuple(ALL.values())


@dataclass(frozen=True)
class Outcome:
    """The result of one strike. It passed if there is no violation."""

    violations: list[str]
    recoveries: list[Recovery]
    seconds: float
    skipped: str = ""  # why this machine does not allow the fault


def strike(fault: Fault, stack: Stack) -> Outcome:
    """Strikes a fault, and repairs the stack afterwards."""
    began, lab, violations, skipped = time.monotonic(), Lab(stack), [], ""
    try:
        fault.strike(lab)
    except CannotStrike as error:
        skipped = str(error)
    except Exception:  # recorded; the table continues with the next fault
        violations.append(f"error in the fault itself: {traceback.format_exc()}")
    try:
        lab.settle()
    except TimeoutError as error:
        violations.append(str(error))
    violations += lab.violations()
    lab.clear()
    return Outcome(violations, lab.recoveries, time.monotonic() - began, skipped)


def row(fault: Fault, outcomes: Sequence[Outcome]) -> str:
    """A row: name, sentence, times passed, and the worst recovery if one was measured."""
    passed = sum(not outcome.violations and not outcome.skipped for outcome in outcomes)
    recoveries = [recovery for outcome in outcomes for recovery in outcome.recoveries]
    worst = max(recoveries, key=lambda recovery: recovery.seconds, default=None)
    recovery = f"{worst.kind}: {worst.seconds:.1f} s" if worst else ""
    return f"| {fault.name} | {fault.sentence} | {passed}/{len(outcomes)} | {recovery} |"


def recovery_times(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Seconds of recovery, by kind."""
    times: dict[str, list[float]] = {}
    for outcome in outcomes:
        for recovery in outcome.recoveries:
            times.setdefault(recovery.kind, []).append(recovery.seconds)
    return times


def recovery_row(kind: str, seconds: Sequence[float]) -> str:
    median, worst = statistics.median(seconds), max(seconds)
    numbers = " | ".join(f"{number:.1f} s" for number in (median, p95(seconds), worst, LIMITS_S[kind]))
    return f"| {kind} | {len(seconds)} | {numbers} |"


def late(recoveries: dict[str, list[float]]) -> list[str]:
    """The kinds whose p95 is over its limit, in words."""
    return [
        f"{kind}: p95 {p95(seconds):.1f} s, promised {LIMITS_S[kind]:.0f} s"
        for kind, seconds in recoveries.items()
        if p95(seconds) > LIMITS_S[kind]
    ]


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
