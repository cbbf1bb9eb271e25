"""What travels over HTTP about events: a run's history, and the news of several runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schema import Response
from store.runs.states import EventKind


class Event(Response):
    """Something that happened to a run; `body` depends on `kind`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 7,
                    "kind": "evaluated",
                    "attempt": 1,
                    "actor": "reslab",
                    "at": "2026-01-01T12:00:00Z",
                    "body": {"iteration": 200, "split": "test", "error": 4.2, "loss": 0.16, "images": 360},
                }
            ]
        }
    )

    seq: int = Field(description="Counts from 1 without gaps; pass the last one seen as `after`.")
    kind: EventKind
    attempt: int | None
    actor: str
    at: datetime
    body: dict[str, Any]


class Events(Response):
    items: list[Event]
    last_seq: int = Field(description="The run's newest; more can be read while it is above the last item's.")


class RunEvent(Event):
    run_id: UUID


class News(Response):
    """What happened to several runs, each run's events in order. `position` names where this ends."""

    position: str = Field(description="Pass it as `after`, or send it as `Last-Event-ID`.")
    reread: bool = Field(description="More happened than is told here: ask for the runs' state, then go on from here.")
    events: list[RunEvent] = Field(default=[])
    logged: list[UUID] = Field(default=[], description="Runs whose log has grown. Streams of named runs tell it.")
    deleted: list[UUID] = Field(default=[], description="Told only while a stream is open.")
