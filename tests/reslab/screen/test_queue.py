"""The workers on the screen."""

from datetime import UTC, datetime
from uuid import UUID

from reslab.client.schema import Worker
from reslab.screen import queue


def line(verdict: str) -> dict[str, str]:
    return {
        "topic": "determinism",
        "what": "the same seed twice",
        "measured": "71 of 72 tensors equal",
        "bar": "all",
        "verdict": verdict,
        "reason": "Resuming needs it.",
    }


def worker(slot: int, slots: int, verdict: str | None = None) -> Worker:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    return Worker.model_validate(
        {
            "id": str(UUID(int=slot)),
            "name": f"gpu-{slot}",
            "host": "here",
            "pid": 1,
            "address": None,
            "queue": "gpu",
            "device": "NVIDIA H100",
            "devices": 1,
            "memory_bytes": None,
            "slot": slot,
            "slots": slots,
            "version": "1",
            "draining": False,
            "run_id": None,
            "trouble": None,
            "awaits": None,
            "trouble_since": None,
            "machine_check": verdict and {"started_at": now, "seconds": 8.0, "measurements": [line(verdict)]},
            "started_at": now,
            "seen_at": now,
            "alive": True,
        }
    )


def test_a_slot_says_of_what_it_is_one() -> None:
    first, second, whole = queue.workers([worker(1, 2), worker(2, 2), worker(3, 1)]).splitlines()[-3:]
    assert "NVIDIA H100, slot 1 of 2" in first
    assert "NVIDIA H100, slot 2 of 2" in second
    assert "slot" not in whole


def test_a_slot_that_is_kept_free_says_for_which_run() -> None:
    kept = worker(1, 2).model_copy(update={"awaits": "018f"})
    first, second = queue.workers([kept, worker(2, 2)]).splitlines()[-2:]
    assert "kept free for 018f" in first
    assert "kept" not in second


def test_a_worker_shows_what_its_machines_check_said() -> None:
    rows = queue.workers([worker(1, 1), worker(2, 1, "passed"), worker(3, 1, "failed")]).splitlines()[-3:]
    assert [row.partition("alive")[2].split("–")[0].strip() for row in rows] == [
        "",
        "passed",
        "failed: the same seed twice",
    ]
