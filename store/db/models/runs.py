"""Runs, their attempts and events, and the idempotency keys of POSTs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base, one_of
from store.runs.states import AttemptOutcome, EventKind, Queue, Status, StopRequest
from trainer.tasks import Task, task_of

# Lists show training runs only: an index with this condition is read without the rows.
_TRAININGS = text("examination IS NULL")
_SUCCEEDED = text("status = 'succeeded'")


def _by_error(column: str, way: str = "ASC") -> Index:
    name = f"ix_runs_{column}" if way == "ASC" else f"ix_runs_{column}_desc"
    return Index(name, text(f"{column} {way} NULLS LAST"), text(f"id {way}"), postgresql_where=_TRAININGS)


class Run(Base):
    """A run; the row is the job. `fence` is the number of the attempt that may write, 0 before the first.

    The run trains or, with an `examination`, examines the weights of other runs (`store.examinations`).
    """

    __tablename__ = "runs"
    __table_args__ = (
        one_of("status", list(Status)),
        one_of("stop_request", list(StopRequest)),
        CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name="failed_has_a_reason"),
        CheckConstraint(
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="terminal_is_finished"
        ),
        CheckConstraint("iteration BETWEEN 0 AND iterations", name="iteration"),
        # Written as running and ended in one transaction; nobody else sees it before it has ended.
        CheckConstraint(
            "origin IS NULL OR (examination IS NULL AND status IN ('running', 'succeeded'))", name="imported_has_ended"
        ),
        CheckConstraint(
            "parent_iteration IS NULL OR (parent_id IS NOT NULL AND parent_iteration BETWEEN 1 AND iterations - 1)",
            name="fork_has_a_parent",
        ),
        # Partial indexes on status: a heartbeat or a batch of events then stays a HOT update.
        # One owner's runs in one queue, in the order in which they are claimed, with the columns that a claim reads
        # (store/runs/queue.py): a row with its spec is a kilobyte.
        Index(
            "ix_runs_queued",
            "owner",
            text("coalesce(queue, '')"),
            text("priority DESC"),
            "created_at",
            "id",
            postgresql_include=["queue", "not_before", "rung_at", "project", "devices", "machines", "memory_bytes"],
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_runs_rung", "rung_at", postgresql_where=text("status = 'queued' AND rung_at IS NOT NULL")),
        Index("ix_runs_running", "owner", postgresql_where=text("status = 'running'")),
        Index("ix_runs_created_at_id", "created_at", "id", postgresql_where=_TRAININGS),
        # Lists of 100,000 runs: counting filtered runs, sorting by error, and searching text.
        Index(
            *("ix_runs_filters", "status", "depth", "shortcut", "dataset", "owner", "project", "archived_at"),
            postgresql_where=_TRAININGS,
        ),
        *(_by_error(name) for name in ("val_error", "best_val_error", "test_error", "best_test_error")),
        *(_by_error(name, "DESC") for name in ("val_error", "best_val_error", "test_error", "best_test_error")),
        Index(
            "ix_runs_text",
            literal_column("run_text(name, notes, tags)").label("words"),
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
            postgresql_where=_TRAININGS,
        ),
        # Runs to reuse, by their whole spec, and twins, by their spec without the seed (store/runs/conditions.py).
        Index("ix_runs_spec_hash", "spec_hash", postgresql_where=_SUCCEEDED),
        Index(
            "ix_runs_seedless",
            literal_column("(spec - 'seed')").label("seedless"),
            postgresql_using="hash",
            postgresql_where=_SUCCEEDED,
        ),
        # The examinations of a run.
        Index(
            "ix_runs_examination",
            "examination",
            postgresql_using="gin",
            postgresql_ops={"examination": "jsonb_path_ops"},
            postgresql_where=text("examination IS NOT NULL"),
        ),
        # An import of the same file.
        Index("ix_runs_origin", text("(origin ->> 'sha256')"), postgresql_where=text("origin IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    tags: Mapped[list[str]]
    notes: Mapped[str]
    priority: Mapped[int]
    # None until the first claim if the run takes any worker; then fixed, so that a resumed run stays exact.
    queue: Mapped[Queue | None] = mapped_column(Text)

    spec: Mapped[dict[str, Any]]
    spec_hash: Mapped[str]
    # How many workers train it together, and the devices that each must have. An examination takes one of one.
    machines: Mapped[int] = mapped_column(default=1, server_default="1")
    devices: Mapped[int] = mapped_column(default=1, server_default="1")
    # On each device, by its plan; 0 where nobody reckoned it.
    memory_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    depth: Mapped[int]
    shortcut: Mapped[str]
    dataset: Mapped[str]
    iterations: Mapped[int]
    # The run that this one retries or forks; it may have been deleted since. A fork also has the iteration of the
    # parent's checkpoint that it starts from.
    parent_id: Mapped[UUID | None]
    parent_iteration: Mapped[int | None]
    examination: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # For a result made elsewhere: where it is from, and the fields of the spec that nobody declared (`store.imports`).
    # There the spec has the paper's values, which count for nothing.
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    parameters: Mapped[int] = mapped_column(BigInteger)
    multiply_adds: Mapped[int] = mapped_column(BigInteger)
    weighted_layers: Mapped[int]

    status: Mapped[Status] = mapped_column(Text)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    stop_request: Mapped[StopRequest | None] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    rung_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # Lists leave out what is archived, unless they are asked for it.
    archived_at: Mapped[datetime | None]

    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    iteration: Mapped[int] = mapped_column(default=0)
    images_per_s: Mapped[float | None]
    train_error: Mapped[float | None]
    val_error: Mapped[float | None]
    best_val_error: Mapped[float | None]
    best_val_iteration: Mapped[int | None]
    test_error: Mapped[float | None]
    best_test_error: Mapped[float | None]
    # A detector's mean average precision, percent, in the form of its specification's `ap`.
    val_map: Mapped[float | None]
    best_val_map: Mapped[float | None]
    test_map: Mapped[float | None]
    best_test_map: Mapped[float | None]

    @hybrid_property
    def task(self) -> Task:
        """What the run trains. A classification's specification doesn't name its task."""
        return task_of(self.spec)

    @task.inplace.expression
    @classmethod
    def _task(cls) -> ColumnElement[str]:
        return func.coalesce(cls.spec["task"].astext, "classification")


class Attempt(Base):
    """A worker's attempt at a run: a fence number and a lease."""

    __tablename__ = "attempts"
    __table_args__ = (one_of("outcome", list(AttemptOutcome)),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID]
    worker: Mapped[str]
    device: Mapped[str]
    # How many workers shared the device, its name if more than one did, and the part of it that was this attempt's.
    slots: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    shared_device: Mapped[str | None]
    share: Mapped[float] = mapped_column(default=1, server_default="1")
    resumed_from: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    lease_until: Mapped[datetime]
    # The number of the last batch of events written: a repeated batch does nothing.
    last_batch: Mapped[int] = mapped_column(default=0)
    # For a run on several machines (store/runs/gangs.py): where its processes meet, and why they can't go on.
    meeting: Mapped[str | None]
    broken: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[AttemptOutcome | None] = mapped_column(Text)


class Event(Base):
    """An event of a run. `seq` counts from 1 without gaps, under the run's row lock.

    `transaction` is Postgres' number of the transaction that wrote the event: see `store.db.position`.
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_transaction", "transaction"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[EventKind] = mapped_column(Text)
    attempt: Mapped[int | None]
    actor: Mapped[str]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)"))


class IdempotencyKey(Base):
    """The key of a POST that may be repeated: the same key and body return the same run or study."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (CheckConstraint("(run_id IS NULL) != (study_id IS NULL)", name="run_or_study"),)

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    # Deferred: the key is inserted before the run, in the same transaction.
    run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    study_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("studies.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
