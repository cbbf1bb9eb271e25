"""The responses about events: a run's history, and the news of several runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schema import Response
from store.runs.states import EventKind


class Event(Response):
    """An event in a run's history; `body` depends on `kind`."""

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

    seq: int = Field(description="Counts from 1 without gaps. Pass the last one as `after` to get later events.")
    kind: EventKind
    attempt: int | None
    actor: str
    at: datetime
    body: dict[str, Any]


class Events(Response):
    items: list[Event]
    last_seq: int = Field(
        description="The newest event's `seq`: there are more pages while it is above the last item's."
    )


class RunEvent(Event):
    run_id: UUID


class News(Response):
    """The events of several runs, each run's in order, up to `position`."""

    position: str = Field(description="Pass it as `after` or send it as `Last-Event-ID` to get later events.")
    reread: bool = Field(description="Too many events to list: read the runs again, then continue from `position`.")
    events: list[RunEvent] = Field(default=[])
    logged: list[UUID] = Field(default=[], description="Runs whose log has grown; only in a stream of named runs.")
    deleted: list[UUID] = Field(default=[], description="Deleted runs; only in a stream.")
