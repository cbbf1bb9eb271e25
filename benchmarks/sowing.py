"""Makes many runs quickly, by copying rows in the database: a lab after years of use."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.recorded import RecordedService

# The columns that differ from run to run; n is the run's number.
VARIED = {
    "id": "gen_random_uuid()",
    "name": "'run ' || n || CASE WHEN n % 997 = 0 THEN ' needle ' || n % 1000 ELSE '' END",
    "depth": "(ARRAY[20, 32, 44, 56, 110])[1 + n % 5]",
    "test_error": "6 + random() * 10",
    "created_at": "now() - n * interval '1 minute'",
}


def sow(service: RecordedService, count: int, points: int) -> None:
    """Makes ended runs with varied depths, errors, names and ages. With `points`, all have one model run's curves."""
    model = service.train(max(points, 100))

    def copies(session: Session) -> None:
        session.execute(text("SET LOCAL reslab.compaction = 'on'"))  # otherwise an ended run accepts no points
        session.execute(text("CREATE TEMPORARY TABLE sown ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n"
                             " FROM generate_series(1, :count) n"), {"count": count})  # fmt: skip
        _copy(session, "runs", VARIED | {"id": "sown.id"}, "r.id = :model", model)
        for table in ("attempts", "step_chunks", "sample_chunks") if points else ():
            _copy(session, table, {"run_id": "sown.id"}, "r.run_id = :model", model)

    service.transaction(copies)


def _copy(session: Session, table: str, varied: dict[str, str], where: str, model: Any) -> None:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND table_schema = 'public'"
    columns = list(session.scalars(text(query), {"table": table}))
    listed = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(varied.get(name, f'r."{name}"') for name in columns)
    session.execute(
        text(f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table} r, sown WHERE {where}"),  # noqa: S608
        {"model": model},
    )
