"""The workers on the screen."""

from datetime import UTC, datetime
from uuid import UUID

from reslab.client.schema import Worker
from reslab.screen import queue


def worker(slot: int, slots: int) -> Worker:
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
            "trouble_since": None,
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
