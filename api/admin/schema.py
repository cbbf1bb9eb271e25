"""The requests and responses about the queue, workers, keys, sessions and health."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from api.http.schema import Request, Response
from store.db.text import ShortText, Text
from store.people.rights import Role, Scope
from store.runs.states import Queue


class QueueEntry(Response):
    run: UUID
    name: str
    examines: UUID | None = Field(
        description="For an examination: the run whose weights it examines, or the first run of an ensemble."
    )
    owner: str
    project: str
    dataset: str
    seed: int
    priority: int
    queue: Queue | None
    machines: int = Field(description="How many workers it needs at once.")
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


class Measurement(Response):
    """A line of `python -m trainer check`."""

    topic: str
    what: str
    measured: str
    bar: str = Field(description="What is allowed; – where there is no bar.")
    verdict: Literal["passed", "failed", "measured", "not run"]
    reason: str


class MachineCheck(Response):
    """What the trainer found out about a worker's machine when the worker was first idle on it."""

    started_at: datetime
    seconds: float
    measurements: list[Measurement]


class WorkerRecord(Response):
    """The fields of a worker that are stored as they are."""

    id: UUID
    name: str
    host: str
    pid: int
    address: str | None = Field(description="Where other workers reach it, for a run on several machines.")
    queue: Queue
    device: str
    devices: int = Field(description="The most devices that a run may use on it.")
    memory_bytes: int | None = Field(description="Of each GPU, or of a machine without one; null: not known.")
    slot: int
    slots: int = Field(description="How many workers share its device; this one is number `slot`.")
    version: str
    draining: bool = Field(description="The worker takes no more runs, returns its run and stops.")
    run_id: UUID | None
    awaits: UUID | None = Field(
        description="The run that it is kept free for: until other runs have left the device that it shares, or until"
        " enough machines are free."
    )
    trouble: str | None = Field(description="Why its machine can't train now; such a worker takes no runs.")
    trouble_since: datetime | None
    machine_check: MachineCheck | None = Field(description="null: not checked yet.")
    started_at: datetime
    seen_at: datetime


class Worker(WorkerRecord):
    alive: bool = Field(description="Whether the worker was seen within one lease.")


class Workers(Response):
    items: list[Worker]


class KeyCreate(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "laptop", "scopes": ["read", "write"]}]})

    name: ShortText
    owner: ShortText | None = Field(
        default=None, description="Owner of the runs it creates. Default: the caller. Administrators may name another."
    )
    project: ShortText | None = Field(
        default=None, description="Makes it a service account's key, for a program: with `role` in this project only."
    )
    role: Role = Field(default="member", description="The service account's role in `project`.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="The key is valid for this number of days; null: it doesn't expire."
    )


class Key(Response):
    id: UUID
    name: str
    owner: str
    project: str | None = Field(description="Of a service account's key: the project that it was made for.")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class Keys(Response):
    items: list[Key]


class NewKey(Key):
    token: str = Field(description="Shown only this once: the service stores its SHA-256.")


class Session(Response):
    """The caller, their scopes, and their role in each project that they may see."""

    owner: str
    scopes: list[Scope]
    is_administrator: bool
    roles: dict[str, Role]


class OpenSession(Response):
    """A browser that is signed in."""

    id: UUID
    owner: str
    name: str = Field(description="The browser, as it calls itself.")
    created_at: datetime
    last_used_at: datetime = Field(description="To the minute.")
    expires_at: datetime
    is_this: bool = Field(description="Whether this request came with it.")


class Sessions(Response):
    items: list[OpenSession]


class PersonCreate(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ada"}]})

    name: ShortText = Field(description="What runs call their owner; it can't be changed.")
    is_administrator: bool = False


class PersonChange(Request):
    """Omitted or null: unchanged."""

    is_administrator: bool | None = None
    is_disabled: bool | None = Field(default=None, description="A disabled person's keys and sessions open nothing.")
    subject: ShortText | None = Field(
        default=None, description="Who the person is at the OpenID provider: its issuer, a space, and its `sub`."
    )


class Person(Response):
    name: str
    is_administrator: bool
    subject: str | None = Field(description="Who the person is at the OpenID provider.")
    is_service: bool = Field(description="A service account: a program's, made with its key.")
    created_at: datetime
    disabled_at: datetime | None
    roles: dict[str, Role] = Field(description="By project.")


class People(Response):
    items: list[Person]


class ProjectCreate(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "degradation", "about": "Fig. 1, again"}]})

    name: ShortText
    about: Text = ""
    is_public: bool = Field(default=False, description="Everybody who can sign in may read what is in it.")


class ProjectChange(Request):
    """Omitted or null: unchanged."""

    about: Text | None = None
    is_public: bool | None = None


class Project(Response):
    name: str
    about: str
    is_public: bool
    created_at: datetime
    role: Role | None = Field(description="The caller's; null for an administrator without one.")


class ProjectMember(Response):
    person: str
    role: Role


class ProjectDetails(Project):
    members: list[ProjectMember]


class Projects(Response):
    items: list[Project]


class RoleChange(Request):
    role: Role


class AuditQuery(Request):
    """Which entries of the audit trail. All that are given must match."""

    person: ShortText | None = None
    action: ShortText | None = Field(default=None, description="An operation's id, such as `delete_run`.")
    subject: ShortText | None = Field(default=None, description="The start of a path, such as `runs/01a2`.")
    project: ShortText | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    refused: bool | None = Field(default=None, description="Only what was refused, or only what was done.")
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: int | None = Field(default=None, ge=1, le=2**63 - 1, description="The previous page's `next_cursor`.")


class AuditEntry(Response):
    """A request that changed something or was refused. It is written before its response leaves, and never changed."""

    id: int
    at: datetime
    person: str | None = Field(description="null for a login that failed.")
    key_id: UUID | None = Field(description="null for a session that an identity provider opened.")
    action: str = Field(description="The operation's id.")
    subject: str = Field(description="The path of what was changed or created, without `/api/v1/`.")
    project: str | None
    address: str = Field(description="Where the request came from.")
    status: int = Field(description="The response's: below 300 it was done.")
    detail: dict[str, Any] | None = Field(description="The request's body, if it was short.")


class AuditPage(Response):
    items: list[AuditEntry]
    next_cursor: int | None


class Health(Response):
    status: Literal["ok"] = "ok"


class Readiness(Response):
    database: bool
    objects: bool
    disk: bool = Field(description="Whether the disk that takes uploads has space left.")
    shortage: str | None = Field(description="What the disk lacks, in a sentence.")
