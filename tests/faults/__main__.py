"""`python -m tests.faults [--times 3] [WORD …]`: strikes all faults, or those with one of the words in their name.

Every repetition is a process with a stack of its own. They run side by side, because a fault is mostly waiting.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from reslab.stack.child import ChildError
from tests.faults import table
from tests.faults.faults import Fault
from tests.faults.lab import Recovery
from tests.faults.stack import Stack
from tests.faults.table import Outcome

_STARTS = 3


def main() -> int:
    """Returns 0 if every fault passed every time and every kind of recovery met its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to keep the logs (default: deleted at the end)")
    parser.add_argument("--strike", action="store_true", help="strike once, in this process; print JSON lines")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    words = options.words
    faults = [fault for fault in table.FAULTS if not words or any(word in fault.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="reslab-faults-") as temporary:
        folder = options.folder or Path(temporary)
        return strike(faults, folder) if options.strike else tabulate(faults, options.times, folder)


def strike(faults: Sequence[Fault], folder: Path) -> int:
    with ExitStack() as exits:
        stack = _start_stack(folder, exits)
        for fault in faults:
            print(json.dumps(asdict(table.strike(fault, stack))), flush=True)
    return 0


def _start_stack(folder: Path, exits: ExitStack) -> Stack:
    """Tries several times: other stacks start meanwhile, and may take a free port before our server listens on it."""
    for number in range(_STARTS):
        try:
            return exits.enter_context(Stack(folder / str(number), s3=True))
        except ChildError as error:
            print(error, file=sys.stderr)
    sys.exit(f"the stack did not start in {_STARTS} attempts")


def tabulate(faults: Sequence[Fault], times: int, folder: Path) -> int:
    began = time.monotonic()
    names = [fault.name for fault in faults]
    command = [sys.executable, "-m", "tests.faults", "--strike", *names, "--folder"]
    strikers = [
        subprocess.Popen([*command, str(folder / str(number))], stdout=subprocess.PIPE, text=True)
        for number in range(1, times + 1)
    ]
    print("| fault | what happens | passed | worst recovery |\n|---|---|---|---|")
    outcomes = [outcome for fault in faults for outcome in _report(fault, strikers)]
    recoveries = table.recovery_times(outcomes)
    print("\n| recovery | n | median | p95 | worst | promised (p95) |\n|---|---|---|---|---|---|")
    for name, seconds in recoveries.items():
        print(table.recovery_row(name, seconds))
    late, failed = table.late(recoveries), sum(bool(outcome.violations) for outcome in outcomes)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{len(faults)} faults, {len(outcomes)} strikes, {failed} with a violation, {minutes:.0f} min")
    print("\n".join(f"TOO LATE: {kind}" for kind in late))
    return 1 if failed or late else 0


def _report(fault: Fault, strikers: Sequence["subprocess.Popen[str]"]) -> list[Outcome]:
    """Waits for each striker's outcome of this fault, and prints the row."""
    outcomes = [_read(striker) for striker in strikers]
    print(table.row(fault, outcomes), flush=True)
    for outcome in outcomes:
        if outcome.skipped:
            print(f"NOT STRUCK: {fault.name}: {outcome.skipped}", file=sys.stderr)
        for violation in outcome.violations:
            print(f"VIOLATION in {fault.name}: {violation}", file=sys.stderr)
    return outcomes


def _read(striker: "subprocess.Popen[str]") -> Outcome:
    assert striker.stdout is not None
    line = striker.stdout.readline()
    if not line:
        return Outcome([f"the stack exited with code {striker.wait()}"], [], 0)
    body = json.loads(line)
    recoveries = [Recovery(**recovery) for recovery in body["recoveries"]]
    return Outcome(body["violations"], recoveries, body["seconds"], body["skipped"])


if __name__ == "__main__":
    sys.exit(main())
