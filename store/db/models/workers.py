"""The registered workers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base, one_of
from store.runs.states import Queue


class Worker(Base):
    """A worker process, from its start to its end. A worker has one device, or a slot of one, and at most one run."""

    __tablename__ = "workers"
    __table_args__ = (one_of("queue", list(Queue)),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    # Where other workers reach it, for a run on several machines.
    address: Mapped[str | None]
    queue: Mapped[Queue] = mapped_column(Text)
    device: Mapped[str]
    # The most processes that a run may start on it: its GPUs, or the processors of a machine without one.
    devices: Mapped[int] = mapped_column(default=1)
    # Of each device; of the whole machine, where its processors are the devices. None where it is not known.
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    # Number `slot` of the `slots` workers that share a device, which has the same name in all of their rows.
    slot: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    slots: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    shared_device: Mapped[str | None]
    version: Mapped[str]
    draining: Mapped[bool] = mapped_column(default=False)
    run_id: Mapped[UUID | None]
    # The run on several machines for which it is free while too few others are, or the run for which the device that
    # it shares is being emptied.
    awaits: Mapped[UUID | None]
    # Why its machine can't train, in a sentence, and since when. Such a worker takes no runs.
    trouble: Mapped[str | None]
    trouble_since: Mapped[datetime | None]
    # What `trainer check` said of its machine (trainer/acceptance/report.py), as JSON. None before it is checked.
    # Read only where it is shown: submissions and pages of waiting runs read the workers, too.
    machine_check: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
