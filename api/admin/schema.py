"""The requests and responses about the queue, workers, keys, sessions and health."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.http.schema import Request, Response
from store.db.text import ShortText
from store.keys import Scope
from store.runs.states import Queue


class QueueEntry(Response):
    run: UUID
    name: str
    examines: UUID | None = Field(
        description="For an examination: the run whose weights it examines, or the first run of an ensemble."
    )
    owner: str
    dataset: str
    seed: int
    priority: int
    queue: Queue | None
    position: int | None = Field(
        description="The position among the runs that the same workers can take; null beyond the first thousand."
    )
    waits_for: str
    starts_in_s: float | None = Field(description="Estimated from the speeds measured here; null if unknown.")
    created_at: datetime


class QueueState(Response):
    """The waiting runs, in the order in which workers would claim them now, and the number of workers."""

    waiting: list[QueueEntry]
    running: int
    workers: int
    free_workers: int


class WorkerRecord(Response):
    """The fields of a worker that are stored as they are."""

    id: UUID
    name: str
    host: str
    pid: int
    queue: Queue
    device: str
    version: str
    draining: bool = Field(description="The worker takes no more runs, returns its run and stops.")
    run_id: UUID | None
    trouble: str | None = Field(description="Why its machine can't train now; such a worker takes no runs.")
    trouble_since: datetime | None
    started_at: datetime
    seen_at: datetime


class Worker(WorkerRecord):
    alive: bool = Field(description="Whether the worker was seen within one lease.")


class Workers(Response):
    items: list[Worker]


class KeyCreate(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ci", "scopes": ["read", "write"]}]})

    name: ShortText
    owner: ShortText | None = Field(default=None, description="Owner of the runs it creates. Default: the caller.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]


class Key(Response):
    id: UUID
    name: str
    owner: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


class Keys(Response):
    items: list[Key]


class NewKey(Key):
    token: str = Field(description="Shown only this once: the service stores its SHA-256.")


class Session(Response):
    """The caller and their scopes."""

    owner: str
    scopes: list[Scope]


class Health(Response):
    status: Literal["ok"] = "ok"


class Readiness(Response):
    database: bool
    objects: bool
    disk: bool = Field(description="Whether the disk that takes uploads has space left.")
    shortage: str | None = Field(description="What the disk lacks, in a sentence.")
