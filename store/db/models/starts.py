"""Uploaded weights of classifiers, for detectors to start from."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base, one_of


class StartWeights(Base):
    """A safetensors file as it was sent, checked against its network. A detector names it by its hash."""

    __tablename__ = "start_weights"
    __table_args__ = (one_of("statistics", ["moving_average", "training_set"]),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    network: Mapped[str]
    # Of batch norm: see trainer/detection/spec.py, `Start`.
    statistics: Mapped[str]
    # Where a bottleneck's stride is; None for a network without bottlenecks.
    stride_in_1x1: Mapped[bool | None]
    name: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
