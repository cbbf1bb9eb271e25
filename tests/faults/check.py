"""The checker: rules for rows, objects and the client's history that hold no matter which process was killed.

`at_any_time` holds at every moment, `in_the_end` once everything is repaired and every run has ended.
`python -m tests.faults.check FILE` checks a saved history again (`Snapshot.write`).
"""

import hashlib
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from store.runs.states import FOLLOWS, TERMINAL, EventKind, Status
from tests.faults import chain_trainer, examination_rules, snapshot
from tests.faults.examination_rules import is_examination
from tests.faults.snapshot import Row, Snapshot


@dataclass(frozen=True)
class Oracle:
    """The right results of a run, independent of its workers and of how often it was resumed."""

    losses: Callable[[Row], Sequence[float]]  # of iterations 1 … N
    weights_sha256: Callable[[Row, int], str] | None = None  # of an iteration


# The status after an event of this kind. Other kinds don't change the status.
_STATUS_AFTER = {
    EventKind.created: Status.queued,
    EventKind.claimed: Status.running,
    EventKind.returned: Status.queued,
    EventKind.lease_expired: Status.queued,
    EventKind.paused: Status.paused,
    EventKind.resumed: Status.queued,
    **{EventKind(status): status for status in TERMINAL},
}


@dataclass(frozen=True)
class Violation:
    rule: str
    run_id: str | None
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: run {self.run_id}: {self.message}" if self.run_id else f"{self.rule}: {self.message}"


RunRule = Callable[[Snapshot, Row], Iterator[str]]


CHAIN = Oracle(
    lambda run: [point.loss for point in chain_trainer.curve(run["spec"]["seed"], run["iterations"])],
    lambda run, iteration: hashlib.sha256(
        chain_trainer.weights(chain_trainer.state_at(run["spec"]["seed"], iteration))
    ).hexdigest(),
)


def at_any_time(history: Snapshot, oracle: Oracle) -> list[Violation]:
    """The rules that must hold after every commit."""
    violations = list(_accepted_once(history))
    row_rules = (_events_have_no_gap, _history_matches_the_status, _one_attempt_at_a_time, _attempts_do_not_overlap)
    for rule in (*row_rules, examination_rules.one_per_question):
        violations += _check_runs(history, rule)
    return violations + _check_runs(history, _curve_is_right(oracle))


def in_the_end(history: Snapshot, oracle: Oracle) -> list[Violation]:
    """The rules that must hold once every part is back and every run has ended."""
    violations = at_any_time(history, oracle)
    weights_are_right = _weights_are_right(oracle)
    for rule in (
        _is_terminal,
        _succeeded_whole,
        weights_are_right,
        examination_rules.one_report,
        _cancel_was_kept,
        _objects_are_there,
    ):
        violations += _check_runs(history, rule)
    return violations + list(_workers_are_free(history))


def _check_runs(history: Snapshot, rule: RunRule) -> list[Violation]:
    name = rule.__name__.strip("_").replace("_", " ")
    return [Violation(name, run["id"], message) for run in history.rows("runs") for message in rule(history, run)]


def _accepted_once(history: Snapshot) -> Iterator[Violation]:
    """Every answered submission has one run, the same key has the same run, and every run has a submission."""
    run_ids = [run["id"] for run in history.rows("runs") if not is_examination(run)]  # examinations have no key
    run_of_key = {row["key"]: row["run_id"] for row in history.rows("idempotency_keys")}
    for call in history.calls:
        if call.verb == "submit" and call.settled and not call.confirmed:
            yield Violation("accepted once", None, f"the submission with key {call.key} was refused with {call.status}")
        if call.verb == "submit" and call.confirmed:
            if run_ids.count(call.run_id) != 1:
                yield Violation(
                    "accepted once", call.run_id, f"it was accepted and exists {run_ids.count(call.run_id)} times"
                )
            if run_of_key.get(call.key) != call.run_id:
                other = run_of_key.get(call.key)
                yield Violation("accepted once", call.run_id, f"its key {call.key} now names {other}")
    for run_id in set(run_ids) - set(run_of_key.values()):
        yield Violation("accepted once", run_id, "no key names it: one submission has created two runs")


def _events_have_no_gap(history: Snapshot, run: Row) -> Iterator[str]:
    events = _events(history, run)
    seqs = [event["seq"] for event in events]
    if seqs != list(range(1, run["last_seq"] + 1)):
        yield f"seq should be 1 … {run['last_seq']}, is {_short(seqs)}"
    attempts = [event["attempt"] or 0 for event in events]
    for before, after in pairwise(attempts):
        if after < before:
            yield f"attempt {after} wrote an event after attempt {before} had begun"


def _history_matches_the_status(history: Snapshot, run: Row) -> Iterator[str]:
    statuses: list[Status] = []
    for event in _events(history, run):
        if event["kind"] == "resumed" and statuses[-1:] != [Status.paused]:
            continue  # a pause request was withdrawn in time
        if event["kind"] in _STATUS_AFTER:
            statuses.append(_STATUS_AFTER[event["kind"]])
    for before, after in pairwise(statuses):
        if after not in FOLLOWS[before]:
            yield f"it went from {before} to {after}"
    if not statuses or statuses[-1] != run["status"]:
        yield f"its events end with {statuses[-1] if statuses else 'nothing'}, its row says {run['status']}"


def _one_attempt_at_a_time(history: Snapshot, run: Row) -> Iterator[str]:
    attempts = _attempts(history, run)
    if sorted(attempts) != list(range(1, run["fence"] + 1)):
        yield f"its fence is {run['fence']}, its attempts are {sorted(attempts)}"
    running = {number for number, attempt in attempts.items() if attempt["ended_at"] is None}
    if running != ({run["fence"]} if run["status"] == Status.running else set()):
        yield f"it is {run['status']} at fence {run['fence']}, but attempts {sorted(running)} have not ended"


def _attempts_do_not_overlap(history: Snapshot, run: Row) -> Iterator[str]:
    """An attempt's rows lie after the checkpoint it started from, and not after the next attempt's checkpoint."""
    attempts = _attempts(history, run)
    for what, at, number in _rows_with_attempt(history, run):
        if number not in attempts:
            yield f"{what} of iteration {at} is by attempt {number}, which doesn't exist"
        elif at <= (start := attempts[number]["resumed_from"]):
            yield f"{what} of iteration {at} is by attempt {number}, which started from iteration {start}"
        for later, attempt in attempts.items():
            if later > number and at > (start := attempt["resumed_from"]):
                yield f"{what} of iteration {at} by attempt {number} outlived attempt {later}, which began at {start}"


def _rows_with_attempt(history: Snapshot, run: Row) -> Iterator[tuple[str, int, int]]:
    # A full cell of the curve is one chunk; it names only the attempt of its last point.
    for chunk in history.rows("step_chunks", run["id"]):
        yield "the curve", chunk["first"] + (chunk["count"] - 1) * chunk["every"], chunk["attempt"]
    for row in history.rows("evaluations", run["id"]):
        yield f"the {row['split']} evaluation", row["iteration"], row["attempt"]
    for row in history.rows("artifacts", run["id"]):
        yield f"the {row['role']} file", row["iteration"], row["attempt"]


def _curve_is_right(oracle: Oracle) -> RunRule:
    def curve_is_right(history: Snapshot, run: Row) -> Iterator[str]:
        chunks = sorted(history.rows("step_chunks", run["id"]), key=lambda chunk: int(chunk["first"]))
        if is_examination(run):
            if chunks:
                yield "it is an examination, but has a curve"
            return
        at = [chunk["first"] + index * chunk["every"] for chunk in chunks for index in range(chunk["count"])]
        if at != list(range(1, len(at) + 1)):
            yield f"its curve should be iterations 1 … {len(at)}, is {_short(at)}"
            return
        if len(at) != run["iteration"]:
            yield f"its curve has {len(at)} iterations, its row says {run['iteration']}"
        losses = [loss for chunk in chunks for loss in chunk["loss"]]
        for iteration, (loss, right_loss) in enumerate(zip(losses, oracle.losses(run), strict=False), start=1):
            if loss != _float32(right_loss):
                yield f"its loss at iteration {iteration} is {loss}, should be {_float32(right_loss)}: a wrong resume"
                return

    return curve_is_right


def _is_terminal(history: Snapshot, run: Row) -> Iterator[str]:
    if run["status"] not in TERMINAL:
        yield f"it is still {run['status']} at iteration {run['iteration']} of {run['iterations']}"


def _succeeded_whole(history: Snapshot, run: Row) -> Iterator[str]:
    if run["status"] != Status.succeeded or is_examination(run):
        return
    if run["iteration"] != run["iterations"]:
        yield f"it succeeded at iteration {run['iteration']} of {run['iterations']}"
    files = [(row["role"], row["iteration"]) for row in history.rows("artifacts", run["id"])]
    if ("weights", run["iterations"]) not in files:
        yield "it succeeded without its last weights"


def _weights_are_right(oracle: Oracle) -> RunRule:
    def weights_are_right(history: Snapshot, run: Row) -> Iterator[str]:
        for row in history.rows("artifacts", run["id"]):
            if row["role"] == "weights" and row["format"] == "safetensors" and oracle.weights_sha256:
                right = oracle.weights_sha256(run, row["iteration"])
                if row["sha256"] != right:
                    yield f"its weights of iteration {row['iteration']} have hash {row['sha256']}, should be {right}"

    return weights_are_right


def _cancel_was_kept(history: Snapshot, run: Row) -> Iterator[str]:
    """A run whose cancel was confirmed never succeeds."""
    is_confirmed = any(call.verb == "cancel" and call.confirmed and call.run_id == run["id"] for call in history.calls)
    if is_confirmed and run["status"] == Status.succeeded:
        yield "its cancel was confirmed, but it succeeded"


def _objects_are_there(history: Snapshot, run: Row) -> Iterator[str]:
    if history.objects is None:
        return
    for row in history.rows("artifacts", run["id"]):
        sha256 = history.objects.get(row["key"])
        if sha256 != row["sha256"]:
            yield f"the object {row['key']} has hash {sha256}, its row says {row['sha256']}"


def _workers_are_free(history: Snapshot) -> Iterator[Violation]:
    for worker in history.rows("workers"):
        if worker["run_id"] is not None:
            yield Violation("workers are free", worker["run_id"], f"worker {worker['name']} still holds it")


def _events(history: Snapshot, run: Row) -> list[Row]:
    return sorted(history.rows("events", run["id"]), key=lambda event: int(event["seq"]))


def _attempts(history: Snapshot, run: Row) -> dict[int, Row]:
    return {attempt["number"]: attempt for attempt in history.rows("attempts", run["id"])}


def _float32(value: float) -> float:
    (rounded,) = struct.unpack("<f", struct.pack("<f", value))
    return float(rounded)


def _short(numbers: list[int]) -> str:
    return str(numbers) if len(numbers) < 20 else f"{numbers[:10]} … {numbers[-10:]}"


def main() -> int:
    """Prints the violations in a saved history. Returns the exit code."""
    file, *rest = sys.argv[1:] or [""]
    if rest or not Path(file).is_file():
        sys.exit("usage: python -m tests.faults.check FILE, where FILE is a history saved by `make chaos`")
    history = snapshot.read(Path(file))
    violations = in_the_end(history, CHAIN)
    print(*violations, f"{file}: {len(history.rows('runs'))} runs, {len(violations)} violations", sep="\n")
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main())
