"""Every raw point over HTTP, for one run or a selection, in the formats of other programs."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from api.curves.schema import MOST_RUNS
from api.http.problems import responses
from api.service import Here, Service
from store.db.errors import Refused
from store.db.models import Run
from store.runs import verbs

router = APIRouter(prefix="/api/v1", tags=["curves"])

Format = Literal["csv", "json", "parquet", "tensorboard"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "tensorboard": "application/zip",
}
SUFFIXES: dict[Format, str] = {"csv": "csv", "json": "json", "parquet": "parquet", "tensorboard": "tensorboard.zip"}
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILES = {
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {"schema": {}},
    "application/vnd.apache.parquet": BINARY,
    "application/zip": BINARY,
}
ABOUT = (
    "`csv` and `parquet` have a row per iteration, `json` is a list of runs with their series, `tensorboard` is a zip "
    "with a folder of event files per run."
)
MEMORY_BYTES = 1024 * 1024
PART_BYTES = 64 * 1024


@router.get(
    "/runs/{run_id}/curves.{format}",
    operation_id="download_curves",
    response_class=StreamingResponse,
    responses={200: {"content": FILES}, **responses(404, 422)},
)
def download_curves(run_id: UUID, format: Format, service: Here) -> StreamingResponse:  # noqa: A002 (the path's word)
    """Every raw point: one row per iteration, empty where a series has no point."""
    return _download(service, [run_id], format, named=False)


@router.get(
    "/curves/export",
    operation_id="export_curves",
    response_class=StreamingResponse,
    responses={200: {"content": FILES}, **responses(404, 422)},
)
def export_curves(
    service: Here,
    run: Annotated[list[UUID], Query(min_length=1, max_length=MOST_RUNS, description="Repeat it for several runs.")],
    format: Annotated[Format, Query(description=ABOUT)] = "csv",  # noqa: A002 (the query's own word)
) -> StreamingResponse:
    """Every raw point of several runs, in one file."""
    return _download(service, list(dict.fromkeys(run)), format, named=True)


def _download(service: Service, ids: list[UUID], format: Format, *, named: bool) -> StreamingResponse:  # noqa: A002
    # Written to a file first, so that a slow client doesn't keep a transaction open.
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES))
        with service.database.transaction() as session:
            rows = verbs.get_all(session, ids)
            _write(session, rows, format, file, named=named)
        file.seek(0, 2)
        name = _file_name(rows)
        headers = {
            "Content-Length": str(file.tell()),
            "Content-Disposition": f'attachment; filename="{name}.{SUFFIXES[format]}"',
        }
        file.seek(0)
        opened.pop_all()  # `parts` closes the file
    return StreamingResponse(parts(file), headers=headers, media_type=MEDIA_TYPES[format])


def _file_name(rows: Sequence[Run]) -> str:
    """A CSV file of one run has no column for its name, so the file's own name says that it was imported."""
    if len(rows) > 1:
        return f"{len(rows)}-runs"
    return f"{rows[0].id}{'' if rows[0].origin is None else '-imported'}"


def _write(session: Session, rows: list[Run], format: Format, file: IO[bytes], *, named: bool) -> None:  # noqa: A002
    # Imported here: they load numpy, which an idle API does not need.
    match format:
        case "csv":
            from store.curves.exports import text

            file.writelines(text.csv_parts(session, rows, named=named))
        case "json":
            from store.curves.exports import text

            file.writelines(text.json_parts(session, rows))
        case "tensorboard":
            from store.curves.exports import tensorboard

            tensorboard.write(session, rows, file)
        case "parquet":
            try:
                from store.curves.exports import parquet
            except ImportError as error:
                detail = "This server was installed without reslab[parquet]. Use csv, json or tensorboard."
                raise Refused("format", detail) from error
            parquet.write(session, rows, file)


def parts(file: tempfile.SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    """The file's content in parts; closes the file at the end."""
    with file:
        while part := file.read(PART_BYTES):
            yield part
