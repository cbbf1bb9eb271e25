"""The storage that a run takes: its rows in Postgres and its files in the object store."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# Large columns are measured as stored, compressed; `row.*` would measure them unpacked. 72 bytes: the other columns.
_MEASURED = text("""
SELECT
  (SELECT coalesce(sum(72 + pg_column_size(loss) + pg_column_size(error) + pg_column_size(lr)), 0)
     FROM step_chunks WHERE run_id = :run)
  + (SELECT coalesce(sum(pg_column_size(row.*)), 0) FROM sample_chunks row WHERE run_id = :run)
  + (SELECT coalesce(sum(pg_column_size(row.*)), 0) FROM evaluations row WHERE run_id = :run) AS curves_bytes,
  (SELECT coalesce(sum(72 + pg_column_size(text) + pg_column_size(levels)), 0)
     FROM log_chunks WHERE run_id = :run) AS log_bytes,
  (SELECT coalesce(sum(pg_column_size(row.*)), 0) FROM events row WHERE run_id = :run)
  + (SELECT coalesce(sum(pg_column_size(row.*)), 0) FROM attempts row WHERE run_id = :run)
  + (SELECT pg_column_size(row.*) FROM runs row WHERE id = :run) AS history_bytes,
  (SELECT count(*) FROM artifacts WHERE run_id = :run AND missing_at IS NULL) AS files,
  (SELECT coalesce(sum(size_bytes), 0) FROM artifacts WHERE run_id = :run AND missing_at IS NULL) AS files_bytes
""")


@dataclass(frozen=True)
class Size:
    """Sizes in bytes, without indexes. History is the run, its attempts and its events; `files` counts the objects."""

    curves_bytes: int
    log_bytes: int
    history_bytes: int
    files: int
    files_bytes: int

    @property
    def total_bytes(self) -> int:
        return self.curves_bytes + self.log_bytes + self.history_bytes + self.files_bytes


def of(session: Session, run_id: UUID) -> Size:
    """Measures a run, which must exist."""
    return Size(*map(int, session.execute(_MEASURED, {"run": run_id}).one()))
