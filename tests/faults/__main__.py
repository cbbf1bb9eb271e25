"""`python -m tests.faults [--times 3] [WORD …]`: the table of faults, or those whose name has one of the words.

Each of the times is a process with a stack of its own, and they run side by side: most of a fault is waiting.
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
    """0 where every fault passed every time and every kind of recovery kept its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the logs stay (default: gone at the end)")
    parser.add_argument("--strike", action="store_true", help="one time in this process, its outcomes as JSON lines")
    parser.add_argument("words", nargs="*")
    told = parser.parse_args()
    wanted = [fault for fault in table.FAULTS if not told.words or any(word in fault.name for word in told.words)]
    with tempfile.TemporaryDirectory(prefix="reslab-faults-") as aside:
        folder = told.folder or Path(aside)
        return strike(wanted, folder) if told.strike else tabulate(wanted, told.times, folder)


def strike(wanted: Sequence[Fault], folder: Path) -> int:
    with ExitStack() as opened:
        stack = _opened(folder, opened)
        for fault in wanted:
            print(json.dumps(asdict(table.strike(fault, stack))), flush=True)
    return 0


def _opened(folder: Path, opened: ExitStack) -> Stack:
    """A port that was free may be another's by the time its server listens: stacks start side by side."""
    for number in range(_STARTS):
        try:
            return opened.enter_context(Stack(folder / str(number), s3=True))
        except ChildError as error:
            print(error, file=sys.stderr)
    sys.exit(f"no stack in {_STARTS} starts")


def tabulate(wanted: Sequence[Fault], times: int, folder: Path) -> int:
    began = time.monotonic()
    names = [fault.name for fault in wanted]
    command = [sys.executable, "-m", "tests.faults", "--strike", *names, "--folder"]
    strikers = [
        subprocess.Popen([*command, str(folder / str(number))], stdout=subprocess.PIPE, text=True)
        for number in range(1, times + 1)
    ]
    print("| fault | what happens | passed | worst recovery |\n|---|---|---|---|")
    outcomes = [outcome for fault in wanted for outcome in _tell(fault, strikers)]
    recoveries = table.recovered(outcomes)
    print("\n| recovery | n | median | p95 | worst | promised (p95) |\n|---|---|---|---|---|---|")
    for what, seconds in recoveries.items():
        print(table.recovery_row(what, seconds))
    late, failed = table.late(recoveries), sum(bool(outcome.violations) for outcome in outcomes)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{len(wanted)} faults, {len(outcomes)} strikes, {failed} with a violation, {minutes:.0f} min")
    print("\n".join(f"TOO LATE: {kind}" for kind in late))
    return 1 if failed or late else 0


def _tell(fault: Fault, strikers: Sequence["subprocess.Popen[str]"]) -> list[Outcome]:
    """Waits for each striker's outcome of this fault, and prints the row."""
    outcomes = [_read(striker) for striker in strikers]
    print(table.row(fault, outcomes), flush=True)
    for outcome in outcomes:
        for violation in outcome.violations:
            print(f"VIOLATION in {fault.name}: {violation}", file=sys.stderr)
    return outcomes


def _read(striker: "subprocess.Popen[str]") -> Outcome:
    assert striker.stdout is not None
    line = striker.stdout.readline()
    if not line:
        return Outcome([f"the stack ended with exit code {striker.wait()}"], [], 0)
    told = json.loads(line)
    return Outcome(told["violations"], [Recovery(**recovery) for recovery in told["recoveries"]], told["seconds"])


if __name__ == "__main__":
    sys.exit(main())
