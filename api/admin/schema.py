"""What travels over HTTP about the queue, workers, keys, sessions and health."""

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
        description="It is an examination: the run whose weights it examines, or the first of several."
    )
    owner: str
    dataset: str
    seed: int
    priority: int
    queue: Queue | None
    position: int | None = Field(
        description="Among those that want the same kind of worker; null behind the first thousand of them."
    )
    waits_for: str
    starts_in_s: float | None = Field(description="By the speeds measured here; null where unknown.")
    created_at: datetime


class QueueState(Response):
    """What waits, in the order in which it would be claimed now, and who could claim it."""

    waiting: list[QueueEntry]
    running: int
    workers: int
    free_workers: int


class Worker(Response):
    id: UUID
    name: str
    host: str
    pid: int
    queue: Queue
    device: str
    version: str
    draining: bool = Field(description="It takes no more runs, gives back the one it has, and leaves.")
    run_id: UUID | None
    started_at: datetime
    seen_at: datetime
    alive: bool = Field(description="Seen within one lease.")


class Workers(Response):
    items: list[Worker]


class KeyCreate(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ci", "scopes": ["read", "write"]}]})

    name: ShortText
    owner: ShortText | None = Field(default=None, description="Whose runs it makes; default: the caller's.")
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
    token: str = Field(description="Shown this once: only its SHA-256 is kept.")


class Session(Response):
    """Who is calling, and what they may."""

    owner: str
    scopes: list[Scope]


class Health(Response):
    status: Literal["ok"] = "ok"


class Readiness(Response):
    database: bool
    objects: bool
