"""What the terminal shows of a run's events."""

from datetime import UTC, datetime

from reslab.client.schema import Event
from reslab.screen import runs


def test_the_steps_of_a_chunk_are_one_line_about_its_last_iteration() -> None:
    body = {"first": 101, "every": 10, "count": 2, "loss": 1.25, "error": 42.5, "lr": 0.1}
    event = Event(seq=1, kind="steps", attempt=1, actor="worker", at=datetime.now(UTC), body=body)
    assert runs.event(event) == "iteration 111: train error 42.50 %, loss 1.250, lr 0.1"
