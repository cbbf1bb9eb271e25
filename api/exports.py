"""Every raw point over HTTP, of one run or of a selection, as CSV or JSON."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from api.curve_schema import MOST_RUNS
from api.problems import responses
from api.service import Here, Service
from store import runs

router = APIRouter(prefix="/api/v1", tags=["curves"])

Format = Literal["csv", "json"]
MEDIA_TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FILES = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {}}}
MEMORY_BYTES = 1024 * 1024
PART_BYTES = 64 * 1024


@router.get(
    "/runs/{run_id}/curves.{format}",
    operation_id="download_curves",
    response_class=StreamingResponse,
    responses={200: {"content": FILES}, **responses(404, 422)},
)
def download_curves(run_id: UUID, format: Format, service: Here) -> StreamingResponse:  # noqa: A002 (the path's word)
    """Every raw point: a line an iteration, empty where a series has none."""
    return _download(service, [run_id], format, named=False)


@router.get(
    "/curves/export",
    operation_id="export_curves",
    response_class=StreamingResponse,
    responses={200: {"content": FILES}, **responses(404, 422)},
)
def export_curves(
    service: Here,
    run: Annotated[list[UUID], Query(min_length=1, max_length=MOST_RUNS, description="Repeat it for several.")],
    format: Format = "csv",  # noqa: A002 (the query's own word)
) -> StreamingResponse:
    """Every raw point of a selection of runs, in one file."""
    return _download(service, list(dict.fromkeys(run)), format, named=True)


def _download(service: Service, ids: list[UUID], format: Format, *, named: bool) -> StreamingResponse:  # noqa: A002
    from store.exports import text  # numpy, which an idle API does not need

    # Written aside first: a slow reader must not hold a transaction open.
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES))
        with service.database.transaction() as session:
            rows = [runs.get(session, run_id) for run_id in ids]
            parts = text.csv_parts(session, rows, named=named) if format == "csv" else text.json_parts(session, rows)
            for part in parts:
                file.write(part)
        name = f"{ids[0]}" if len(ids) == 1 else f"{len(ids)}-runs"
        headers = {
            "Content-Length": str(file.tell()),
            "Content-Disposition": f'attachment; filename="{name}.{format}"',
        }
        file.seek(0)
        opened.pop_all()  # closed with its last part
    return StreamingResponse(_parts(file), headers=headers, media_type=MEDIA_TYPES[format])


def _parts(file: tempfile.SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART_BYTES):
            yield part
