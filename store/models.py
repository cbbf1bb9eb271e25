"""The tables. What the verbs do with them is in the file of each noun.

Times are UTC and always the database's; errors are percent; ids are UUIDv7.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.identifiers import new_id
from store.states import Status, Wish

NOW = func.now()
Readings = Annotated[list[float | None], mapped_column(ARRAY(REAL))]


class Base(DeclarativeBase):
    # Named constraints: a migration can only change what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        str: Text,
        float: Double,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
        list[float]: ARRAY(Double),
    }


def _one_of(column: str, values: list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


# Lists are of trainings: an index that knows it is read without the rows.
_TRAININGS = text("examination IS NULL")
_SUCCEEDED = text("status = 'succeeded'")


def _by_error(column: str, way: str = "ASC") -> Index:
    name = f"ix_runs_{column}" if way == "ASC" else f"ix_runs_{column}_desc"
    return Index(name, text(f"{column} {way} NULLS LAST"), text(f"id {way}"), postgresql_where=_TRAININGS)


class Run(Base):
    """The row is the job. `fence` is the number of the attempt that may write; 0 before the first.

    It trains, or where there is an `examination` it examines the weights of runs that did (`store.examinations`).
    """

    __tablename__ = "runs"
    __table_args__ = (
        _one_of("status", list(Status)),
        _one_of("wish", list(Wish)),
        CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name="failed_has_a_reason"),
        CheckConstraint(
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="terminal_is_finished"
        ),
        CheckConstraint("iteration BETWEEN 0 AND iterations", name="iteration"),
        CheckConstraint(
            "parent_iteration IS NULL OR (parent_id IS NOT NULL AND parent_iteration BETWEEN 1 AND iterations - 1)",
            name="fork_has_a_parent",
        ),
        # Partial indexes on status: a heartbeat or a batch of events then stays a HOT update.
        # One owner's runs of one kind of device, in the order in which they are claimed, with what a claim asks of them
        # (store/queue.py): a row with its spec is a kilobyte.
        Index(
            "ix_runs_queued",
            "owner",
            text("coalesce(queue, '')"),
            text("priority DESC"),
            "created_at",
            "id",
            postgresql_include=["queue", "not_before", "rung_at"],
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_runs_rung", "rung_at", postgresql_where=text("status = 'queued' AND rung_at IS NOT NULL")),
        Index("ix_runs_running", "owner", postgresql_where=text("status = 'running'")),
        Index("ix_runs_created_at_id", "created_at", "id", postgresql_where=_TRAININGS),
        # Lists of 100,000 runs: counting what filters let through, best and worst errors first, and looking for words.
        Index(
            *("ix_runs_filters", "status", "depth", "shortcut", "dataset", "owner", "project"),
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
        # Runs that were done before: by their whole specification, and by all of it but the seed (store/conditions.py).
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
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    tags: Mapped[list[str]]
    notes: Mapped[str]
    priority: Mapped[int]
    # The kind of device it must have ("gpu", "cpu"); the first claim pins it, so that a resumed run stays exact.
    queue: Mapped[str | None]

    spec: Mapped[dict[str, Any]]
    spec_hash: Mapped[str]
    depth: Mapped[int]
    shortcut: Mapped[str]
    dataset: Mapped[str]
    iterations: Mapped[int]
    # The run that this one retries or goes on from; it may have been deleted since. A fork has an iteration as well:
    # that of the parent's checkpoint that it starts from.
    parent_id: Mapped[UUID | None]
    parent_iteration: Mapped[int | None]
    examination: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    parameters: Mapped[int] = mapped_column(BigInteger)
    multiply_adds: Mapped[int] = mapped_column(BigInteger)
    weighted_layers: Mapped[int]

    status: Mapped[Status] = mapped_column(Text)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    wish: Mapped[Wish | None] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    rung_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    iteration: Mapped[int] = mapped_column(default=0)
    images_per_s: Mapped[float | None]
    train_error: Mapped[float | None]
    val_error: Mapped[float | None]
    best_val_error: Mapped[float | None]
    best_val_iteration: Mapped[int | None]
    test_error: Mapped[float | None]
    best_test_error: Mapped[float | None]


class Attempt(Base):
    """One worker's hold on a run: a fence number and a lease."""

    __tablename__ = "attempts"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID]
    worker: Mapped[str]
    device: Mapped[str]
    resumed_from: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    lease_until: Mapped[datetime]
    # The last batch of events written: the same batch sent again is known and does nothing.
    last_batch: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


def _of_an_attempt() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run_id", "attempt"], ["attempts.run_id", "attempts.number"], ondelete="CASCADE")


class Event(Base):
    """What happened to a run, in order. `seq` counts from 1 without gaps, under the run's row lock.

    `transaction` is Postgres' number of the transaction that wrote it: see `store.position`.
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_transaction", "transaction"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    attempt: Mapped[int | None]
    actor: Mapped[str]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)"))


class StepChunk(Base):
    """Columns of consecutive iterations: little-endian float32, `count` points at first, first + every, …"""

    __tablename__ = "step_chunks"
    __table_args__ = (
        _of_an_attempt(),
        CheckConstraint(
            "count > 0 AND octet_length(loss) = 4 * count AND octet_length(error) = 4 * count"
            " AND octet_length(lr) = 4 * count",
            name="columns_are_full",
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    every: Mapped[int]
    attempt: Mapped[int]
    loss: Mapped[bytes]
    error: Mapped[bytes]
    lr: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class SampleChunk(Base):
    """Up to 32 samples of one attempt, ascending by iteration; null where the machine has no such thing.

    Arrays and not packed columns: there is one a second at most, each grows its row, and SQL can ask for them.
    """

    __tablename__ = "sample_chunks"
    __table_args__ = (_of_an_attempt(),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    attempt: Mapped[int]
    iteration: Mapped[list[int]]
    at: Mapped[list[float]]  # seconds since 1970
    images_per_s: Mapped[Readings]
    waiting: Mapped[Readings]
    cpu: Mapped[Readings]
    ram_bytes: Mapped[Readings]
    gpu: Mapped[Readings]
    gpu_memory_bytes: Mapped[Readings]
    gpu_power_w: Mapped[Readings]
    gpu_temperature_c: Mapped[Readings]


class Evaluation(Base):
    """One pass over a split at one iteration."""

    __tablename__ = "evaluations"
    __table_args__ = (_of_an_attempt(), _one_of("split", ["val", "test"]))

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    split: Mapped[str] = mapped_column(primary_key=True)
    iteration: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    error: Mapped[float]
    top5_error: Mapped[float | None]
    loss: Mapped[float]
    images: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Artifact(Base):
    """A file in the object store. The row exists only after the object was read back and hashed."""

    __tablename__ = "artifacts"
    __table_args__ = (
        _of_an_attempt(),
        _one_of("role", ["checkpoint", "weights", "report", "picture"]),
        _one_of("format", ["safetensors", "pt", "json", "image"]),
        UniqueConstraint("run_id", "role", "format", "iteration"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    # None: it was there before the first, a fork's copy of its parent's checkpoint or the picture to be examined.
    attempt: Mapped[int | None]
    iteration: Mapped[int]
    role: Mapped[str]
    format: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    # When the collector found that the object is gone (store/collection.py).
    missing_at: Mapped[datetime | None]


class Log(Base):
    """What is known of a run's log. Lines count from 1 over all attempts, those left out included."""

    __tablename__ = "logs"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    lines: Mapped[int]
    # The last line's; see `store.levels`.
    level: Mapped[str]
    first_error: Mapped[int | None]
    kept_bytes: Mapped[int] = mapped_column(BigInteger)
    # Up to this line it is kept whatever comes; behind, the oldest leave first.
    head_lines: Mapped[int]
    left_out_lines: Mapped[int]
    left_out_bytes: Mapped[int] = mapped_column(BigInteger)


class LogChunk(Base):
    """Whole lines of an attempt's log, numbered by its supervisor. `levels` has a letter a line."""

    __tablename__ = "log_chunks"
    __table_args__ = (_of_an_attempt(), Index("ix_log_chunks_run_id_first_line", "run_id", "first_line"))

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    first_line: Mapped[int]
    text: Mapped[str]
    levels: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Study(Base):
    """An experiment of the paper as one object. Its runs are those of its members; what it asks for stays as it was.

    `budget` is the most seeds of a network that may be added (None: none by plan); `looks` counts how often seeds were
    added after a look at the results, as the level of its verdicts is shared among the looks. `settled_at` is when a
    look had nothing to add.
    """

    __tablename__ = "studies"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner: Mapped[str]
    recipe: Mapped[str]
    seeds: Mapped[int]
    scale: Mapped[float]
    dataset: Mapped[str]
    budget: Mapped[int | None]
    looks: Mapped[int] = mapped_column(SmallInteger, default=0)
    settled_at: Mapped[datetime | None]
    # When the examinations of its members were asked for, of a recipe that examines them once they have trained.
    examined_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StudyMember(Base):
    """One run of a study. Where the run was deleted the member stays: what was left out must be seen."""

    __tablename__ = "study_members"
    __table_args__ = (Index("ix_study_members_run_id", "run_id"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place: Mapped[int]  # of its network in the recipe
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    # Keys of the paper's values and statements that it tests (`paper.published`).
    tests: Mapped[list[str]]
    # The run had succeeded before the study was made.
    reused: Mapped[bool]


class IdempotencyKey(Base):
    """A POST that may be sent again: same key and body, same run or study."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (CheckConstraint("(run_id IS NULL) != (study_id IS NULL)", name="run_or_study"),)

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    # Deferred: the key is taken before the run is made, in one transaction.
    run_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("runs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    study_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("studies.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Worker(Base):
    """A worker process, from its start to its end. One holds one device and at most one run."""

    __tablename__ = "workers"
    __table_args__ = (_one_of("queue", ["cpu", "gpu"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    queue: Mapped[str]
    device: Mapped[str]
    version: Mapped[str]
    draining: Mapped[bool] = mapped_column(default=False)
    run_id: Mapped[UUID | None]
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Dataset(Base):
    """A user's own data set: an archive in the object store, or a folder on the workers' machines."""

    __tablename__ = "datasets"
    __table_args__ = (CheckConstraint("(key IS NULL) != (path IS NULL)", name="archive_or_folder"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    about: Mapped[str]
    manifest_hash: Mapped[str]
    classes: Mapped[list[str]]
    train_images: Mapped[int]
    test_images: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str | None]
    sha256: Mapped[str | None]
    path: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ApiKey(Base):
    """A bearer key: 256 random bits, of which only the SHA-256 is kept."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner: Mapped[str]
    scopes: Mapped[list[str]]
    sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    revoked_at: Mapped[datetime | None]


class DashboardSession(Base):
    """A browser's session, bought with a key and ended with it."""

    __tablename__ = "sessions"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
