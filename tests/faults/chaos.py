"""`make chaos SEEDS="1 2 3" SECONDS=150`: customers use a real stack while a nemesis breaks it; then it is checked.

Prints a line per seed. Saves a history that violates a rule; `python -m tests.faults.check FILE` checks it again.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from store.db.database import libpq
from tests.faults import check, snapshot
from tests.faults.check import Violation
from tests.faults.customer import Customer
from tests.faults.nemesis import Nemesis
from tests.faults.progress import Progress
from tests.faults.snapshot import Snapshot
from tests.faults.stack import Stack, wait_until

CUSTOMERS = 2
# From the last repair to the end of the last run. Only reached if something hangs.
LIMIT_S = 300.0


@dataclass(frozen=True)
class Outcome:
    """The result of one seed."""

    history: Snapshot
    violations: list[Violation]
    faults: Counter[str]
    recoveries_s: list[float]
    quiet_s: float  # from the last repair to the end of the last run

    def __str__(self) -> str:
        submitted = sum(call.verb == "submit" and call.confirmed for call in self.history.calls)
        ended = Counter(run["status"] for run in self.history.rows("runs"))
        attempts = len(self.history.rows("attempts"))
        return (
            f"seed {self.history.about['seed']}: {submitted} accepted ({_format(ended)}; {attempts} attempts),"
            f" {self.faults.total()} faults ({_format(self.faults)}),"
            f" worst recovery {max(self.recoveries_s, default=0):.1f} s, all ended {self.quiet_s:.1f} s after the last"
            f" repair, {len(self.violations)} violations"
        )


def run(folder: Path, seed: int, seconds: float) -> Outcome:
    """One stack from its start to the check. Main thread only. Raises TimeoutError if runs do not end."""
    with Stack(folder) as stack, Progress(stack.database.url) as progress:
        nemesis = Nemesis(stack, seed)
        customers = [Customer(stack, progress, number, seed) for number in range(1, CUSTOMERS + 1)]
        with ExitStack() as visits:
            for customer in customers:
                visits.enter_context(customer)
            nemesis.run(seconds)
            nemesis.repair()
        repaired_at = time.monotonic()
        try:
            wait_until(lambda: _all_ended(stack), "every run ends", LIMIT_S)
        except TimeoutError as error:
            print(error, stack.logs(), sep="\n", file=sys.stderr)  # the rule `is terminal` reports the runs
        quiet_s = time.monotonic() - repaired_at
        history = _history(stack, customers, {"seed": seed, "seconds": seconds, "faults": dict(nemesis.faults)})
        recoveries_s = progress.recoveries_s(nemesis.repaired_at)
    return Outcome(history, check.in_the_end(history, check.CHAIN), nemesis.faults, recoveries_s, quiet_s)


def _all_ended(stack: Stack) -> bool:
    with psycopg.connect(libpq(stack.database.url)) as connection:
        query = "SELECT count(*) FROM runs WHERE finished_at IS NULL"
        return connection.execute(query).fetchone() == (0,)


def _history(stack: Stack, customers: list[Customer], about: snapshot.Row) -> Snapshot:
    with psycopg.connect(libpq(stack.database.url)) as connection:
        tables = snapshot.tables(connection)
    calls = sorted((call for customer in customers for call in customer.calls), key=lambda call: call.at_s)
    return Snapshot(tables, calls, snapshot.hashes(stack.objects, tables["artifacts"]), about)


def _format(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counter.items()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--histories", type=Path, default=Path(".cache/chaos"), help="where to save failing histories")
    options = parser.parse_args()
    failures = 0
    for seed in options.seeds:
        print(f"seed {seed} …", end="\r", flush=True)
        with tempfile.TemporaryDirectory(prefix="reslab-chaos-") as folder:
            outcome = run(Path(folder), seed, options.seconds)
        print(outcome, flush=True)
        if outcome.violations:
            failures += 1
            options.histories.mkdir(parents=True, exist_ok=True)
            file = options.histories / f"seed-{seed}.json"
            outcome.history.write(file)
            print(*(f"  {violation}" for violation in outcome.violations), f"  saved as {file}", sep="\n", flush=True)
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
