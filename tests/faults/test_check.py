"""The checker detects each violation: one good history, spoilt in one way at a time."""

import copy
import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store.db.objects import Objects
from tests.faults import chain_trainer, check, snapshot
from tests.faults.chain_trainer import curve, state_at, weights
from tests.faults.snapshot import Call, Row, Snapshot

SEED, N, CUT = 7, 8, 4
SHA = hashlib.sha256(weights(state_at(SEED, N))).hexdigest()


def good() -> Snapshot:
    """A run with two attempts: the first was lost after iteration 6, the second started from the checkpoint at 4."""
    losses = [point.loss for point in curve(SEED, N)]
    chunks = [_chunk("r", 1, 1, losses[:CUT]), _chunk("r", CUT + 1, 2, losses[CUT:])]
    kinds = ["created", "claimed", "saved", "lease_expired", "claimed", "saved", "succeeded"]
    tables: dict[str, list[Row]] = {
        "runs": [_run("r", "succeeded", 2, len(kinds)), _run("c", "cancelled", 0, 2) | {"iteration": 0}],
        "idempotency_keys": [{"owner": "ann", "key": f"key {name}", "run_id": name} for name in ("r", "c")],
        "attempts": [_attempt(1, 0), _attempt(2, CUT)],
        "events": [*_events("r", kinds, [None, 1, 1, 1, 2, 2, 2]), *_events("c", ["created", "cancelled"], [None] * 2)],
        "step_chunks": chunks,
        "evaluations": [{"run_id": "r", "split": "test", "iteration": N, "attempt": 2}],
        "artifacts": [_artifact("checkpoint", CUT, 1, "c4"), _artifact("weights", N, 2, SHA)],
        "workers": [{"name": "w", "run_id": None}],
    }
    calls = [
        Call("submit", None, key="key r"),
        Call("submit", 200, "r", "key r"),
        Call("submit", 201, "c", "key c"),
        Call("cancel", 200, "c"),
        Call("cancel", 409, "r"),
    ]
    return Snapshot(tables, calls, {"1/checkpoint-4": "c4", "2/weights-8": SHA})


def good_with_examination() -> Snapshot:
    """The same, and an examination of the run, whose first worker was lost."""
    history, report = good(), hashlib.sha256(chain_trainer.report(weights(state_at(SEED, N)))).hexdigest()
    kinds = ["created", "claimed", "lease_expired", "claimed", "evaluated", "saved", "succeeded"]
    added: dict[str, list[Row]] = {
        "runs": [_run("x", "succeeded", 2, len(kinds)) | {"examination": {"kind": "evaluate", "runs": ["r"]}}],
        "events": _events("x", kinds, [None, 1, 1, 2, 2, 2, 2]),
        "attempts": [_attempt(number, 0) | {"run_id": "x"} for number in (1, 2)],
        "evaluations": [{"run_id": "x", "split": "test", "iteration": N, "attempt": 2}],
        "artifacts": [_artifact("report", N, 2, report) | {"run_id": "x"}],
    }
    for name, rows in added.items():
        history.tables[name] += rows
    _objects(history)[f"2/report-{N}"] = report
    return history


def _run(name: str, status: str, fence: int, last_seq: int) -> Row:
    state = {"status": status, "fence": fence, "last_seq": last_seq, "iteration": N, "iterations": N}
    return {"id": name, "spec": {"seed": SEED}, **state}


def _attempt(number: int, resumed_from: int) -> Row:
    return {"run_id": "r", "number": number, "resumed_from": resumed_from, "ended_at": "then"}


def _chunk(run_id: str, first: int, attempt: int, loss: list[float]) -> Row:
    return {"run_id": run_id, "first": first, "every": 1, "count": len(loss), "attempt": attempt, "loss": loss}


def _events(run_id: str, kinds: list[str], by: list[int | None]) -> list[Row]:
    return [
        {"run_id": run_id, "seq": seq, "kind": kind, "attempt": attempt}
        for seq, (kind, attempt) in enumerate(zip(kinds, by, strict=True), start=1)
    ]


def _artifact(role: str, iteration: int, attempt: int, sha256: str) -> Row:
    key = f"{attempt}/{role}-{iteration}"
    file = {"role": role, "format": "safetensors", "key": key, "sha256": sha256}
    return {"run_id": "r", "iteration": iteration, "attempt": attempt} | file


def _objects(history: Snapshot) -> dict[str, str | None]:
    assert history.objects is not None
    return history.objects


Spoil = Callable[[Snapshot], Any]
SPOILT: dict[str, tuple[str, Spoil]] = {
    "an accepted run is missing": ("accepted once", lambda s: s.tables["runs"].pop(1)),
    "two runs with one id": ("accepted once", lambda s: s.tables["runs"].append(s.tables["runs"][1])),
    "a key made two runs": ("accepted once", lambda s: s.tables["runs"].append(_run("d", "cancelled", 0, 0))),
    "a key names another run": ("accepted once", lambda s: s.tables["idempotency_keys"][0].update(run_id="c")),
    "a valid submission is refused": ("accepted once", lambda s: s.calls.append(Call("submit", 409, key="key r"))),
    "an event is missing": ("events have no gap", lambda s: s.tables["events"].pop(2)),
    "an event twice": ("events have no gap", lambda s: s.tables["events"].append(s.tables["events"][2])),
    "an event of a former attempt": ("events have no gap", lambda s: s.tables["events"][5].update(attempt=1)),
    "claimed while running": ("history matches the status", lambda s: s.tables["events"][3].update(kind="warned")),
    "alive after its end": ("history matches the status", lambda s: s.tables["events"][3].update(kind="failed")),
    "a row unlike its events": (
        "history matches the status",
        lambda s: s.tables["runs"][1].update(status="failed"),
    ),
    "an attempt is missing": ("one attempt at a time", lambda s: s.tables["runs"][0].update(fence=3)),
    "an attempt without an end": ("one attempt at a time", lambda s: s.tables["attempts"][0].update(ended_at=None)),
    "points of a former attempt": ("attempts do not overlap", lambda s: s.tables["step_chunks"][1].update(attempt=1)),
    "points before the checkpoint": (
        "attempts do not overlap",
        lambda s: s.tables["step_chunks"][0].update(attempt=2),
    ),
    "a former evaluation": (
        "attempts do not overlap",
        lambda s: s.tables["evaluations"][0].update(attempt=1),
    ),
    "a file of a former attempt": ("attempts do not overlap", lambda s: s.tables["artifacts"][1].update(attempt=1)),
    "a file of an unknown attempt": ("attempts do not overlap", lambda s: s.tables["artifacts"][1].update(attempt=3)),
    "a hole in the curve": ("curve is right", lambda s: s.tables["step_chunks"][1].update(first=6)),
    "a duplicate point": ("curve is right", lambda s: s.tables["step_chunks"][1].update(first=4)),
    "a missing last chunk": ("curve is right", lambda s: s.tables["step_chunks"].pop()),
    "a wrong value": ("curve is right", lambda s: s.tables["step_chunks"][1]["loss"].__setitem__(0, 0.5)),
    "running forever": ("is terminal", lambda s: s.tables["runs"][0].update(status="running")),
    "succeeded early": ("succeeded whole", lambda s: s.tables["runs"][0].update(iteration=N - 1)),
    "succeeded without weights": ("succeeded whole", lambda s: s.tables["artifacts"].pop()),
    "the weights of another state": ("weights are right", lambda s: s.tables["artifacts"][1].update(sha256="0")),
    "a cancelled run succeeded": ("cancel was kept", lambda s: s.calls.append(Call("cancel", 200, "r"))),
    "a missing object": ("objects are there", lambda s: _objects(s).update({"1/checkpoint-4": None})),
    "an altered object": ("objects are there", lambda s: _objects(s).update({"1/checkpoint-4": "other"})),
    "a worker is still busy": ("workers are free", lambda s: s.tables["workers"][0].update(run_id="r")),
}


def test_a_good_history_passes() -> None:
    assert check.in_the_end(good(), check.CHAIN) == []


def test_a_pause_withdrawn_in_time_does_not_change_the_status() -> None:
    history = good()
    for event in history.tables["events"][2:4]:
        event["kind"] = "resumed"
    assert "history matches the status" in {violation.rule for violation in check.in_the_end(history, check.CHAIN)}
    history.tables["events"][3]["kind"] = "lease_expired"
    assert check.in_the_end(history, check.CHAIN) == []


def _twice(history: Snapshot) -> None:
    history.tables["runs"].append(history.tables["runs"][-1] | {"id": "y"})


SPOILT_EXAMINATION: dict[str, tuple[str, Spoil]] = {
    "requested twice": ("one per question", _twice),
    "without a report": ("one report", lambda s: s.tables["artifacts"].pop()),
    "without an evaluation": ("one report", lambda s: s.tables["evaluations"].pop()),
    "the report of other weights": ("one report", lambda s: s.tables["artifacts"][-1].update(sha256="0")),
    "with a curve": ("curve is right", lambda s: s.tables["step_chunks"].append(_chunk("x", 1, 2, [0.5]))),
    "of a former attempt": ("attempts do not overlap", lambda s: s.tables["artifacts"][-1].update(attempt=3)),
}


def test_a_good_examination_passes() -> None:
    assert check.in_the_end(good_with_examination(), check.CHAIN) == []


@pytest.mark.parametrize("damage", SPOILT_EXAMINATION)
def test_the_checker_detects_in_an_examination(damage: str) -> None:
    rule, spoil = SPOILT_EXAMINATION[damage]
    history = good_with_examination()
    spoil(history)
    assert rule in {violation.rule for violation in check.in_the_end(history, check.CHAIN)}


@pytest.mark.parametrize("damage", SPOILT)
def test_the_checker_detects(damage: str) -> None:
    rule, spoil = SPOILT[damage]
    history = copy.deepcopy(good())
    spoil(history)
    assert rule in {violation.rule for violation in check.in_the_end(history, check.CHAIN)}


def test_a_saved_history_is_checked_again(tmp_path: Path) -> None:
    spoilt = good()
    spoilt.tables["artifacts"].pop()
    for history, code in ((good(), 0), (spoilt, 1)):
        file = tmp_path / f"{code}.json"
        history.write(file)
        command = [sys.executable, "-m", "tests.faults.check", str(file)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == code, result.stderr
        assert ("succeeded whole: run r" in result.stdout) == bool(code)


def test_objects_are_read_back_and_hashed(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    objects.put("there", file, sha256)
    assert snapshot.hashes(objects, [{"key": "there"}, {"key": "gone"}]) == {"there": sha256, "gone": None}
