"""Many runs at once, copied inside the database: what a lab has after years."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.recorded import Recorded

# What differs from run to run; n counts them.
DIFFERS = {
    "id": "gen_random_uuid()",
    "name": "'run ' || n || CASE WHEN n % 997 = 0 THEN ' needle ' || n % 1000 ELSE '' END",
    "depth": "(ARRAY[20, 32, 44, 56, 110])[1 + n % 5]",
    "test_error": "6 + random() * 10",
    "created_at": "now() - n * interval '1 minute'",
}


def sow(ours: Recorded, count: int, points: int) -> None:
    """Ended runs: depths, errors, names and ages differ; with `points`, each has the curves of one model."""
    model = ours.trained(max(points, 100))

    def copies(session: Session) -> None:
        session.execute(text("SET LOCAL reslab.compaction = 'on'"))  # ended runs take no more points otherwise
        session.execute(text("CREATE TEMPORARY TABLE sown ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n"
                             " FROM generate_series(1, :count) n"), {"count": count})  # fmt: skip
        _copy(session, "runs", DIFFERS | {"id": "sown.id"}, "r.id = :model", model)
        for table in ("attempts", "step_chunks", "sample_chunks") if points else ():
            _copy(session, table, {"run_id": "sown.id"}, "r.run_id = :model", model)

    ours.transacted(copies)


def _copy(session: Session, table: str, differs: dict[str, str], where: str, model: Any) -> None:
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND table_schema = 'public'"
    columns = list(session.scalars(text(asked), {"table": table}))
    listed = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join(differs.get(name, f'r."{name}"') for name in columns)
    session.execute(
        text(f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM {table} r, sown WHERE {where}"),  # noqa: S608
        {"model": model},
    )
