"""Curves over HTTP: buckets for the screen, every raw point as CSV."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.problems import responses
from api.schema import Curve, Curves, RunCurves
from api.service import Here
from store import runs
from store.curves import EVALUATION_SERIES, STEP_SERIES, Series
from store.errors import Refused
from trainer.spec import MOST_ITERATIONS

router = APIRouter(prefix="/api/v1", tags=["curves"])

MOST_RUNS = 50
MEMORY_BYTES = 1024 * 1024
PART_BYTES = 64 * 1024


@router.get("/curves", operation_id="get_curves", responses=responses(404, 422))
def get_curves(
    service: Here,
    run: Annotated[list[UUID], Query(min_length=1, max_length=MOST_RUNS, description="Repeat it for several.")],
    series: Annotated[
        str, Query(description="Names with commas between.", max_length=200, examples=["train_error,test_error"])
    ] = "train_error,val_error,test_error",
    first: Annotated[int, Query(alias="from", ge=1, le=MOST_ITERATIONS)] = 1,
    last: Annotated[
        int | None, Query(alias="to", ge=1, le=MOST_ITERATIONS, description="Default: the longest run's last.")
    ] = None,
    points: Annotated[int, Query(ge=1, le=10_000, description="The most buckets a series may have.")] = 1200,
    smoothing: Annotated[float, Query(ge=0, lt=1, allow_inf_nan=False, description="The weight of the past.")] = 0,
) -> Curves:
    """All runs on one grid, so that a bucket of one lies on a bucket of another. No extreme is ever lost."""
    from store import buckets  # numpy, which an idle API does not need

    names = _series(series)
    with service.database.transaction() as session:
        rows = [runs.get(session, run_id) for run_id in dict.fromkeys(run)]
        end = last if last is not None else buckets.longest(rows)
        if end < first:
            raise Refused("to", f"to must be at least {first}, where the window begins")
        window = buckets.Window(first, end, points, smoothing)
        told = [
            RunCurves(
                run=row.id,
                series={name: Curve.model_validate(buckets.read(session, row.id, name, window)) for name in names},
            )
            for row in rows
        ]
    return Curves(first=first, last=end, step=window.step, runs=told)


@router.get(
    "/runs/{run_id}/curves.csv",
    operation_id="download_curves",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **responses(404, 422)},
)
def download_curves(run_id: UUID, service: Here) -> StreamingResponse:
    """Every raw point: a line an iteration, empty where a series has none."""
    from store import buckets  # numpy, as above

    # Written aside first: a slow reader must not hold a transaction open.
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES))
        with service.database.transaction() as session:
            for line in buckets.csv_lines(session, runs.get(session, run_id)):
                file.write(line.encode())
        headers = {"Content-Length": str(file.tell()), "Content-Disposition": f'attachment; filename="{run_id}.csv"'}
        file.seek(0)
        opened.pop_all()  # closed with its last part
    return StreamingResponse(_parts(file), headers=headers, media_type="text/csv; charset=utf-8")


def _parts(file: tempfile.SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART_BYTES):
            yield part


def _series(text: str) -> list[Series]:
    known: dict[str, Series] = {name: name for name in (*STEP_SERIES, *EVALUATION_SERIES)}
    names = [name.strip() for name in text.split(",")]
    if any(name not in known for name in names):
        raise Refused("series", f"series must be names of {', '.join(known)}, with commas between")
    return [known[name] for name in dict.fromkeys(names)]
