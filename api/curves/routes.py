"""Curves over HTTP: many runs and series on one grid, alone or in groups, as JSON or as columns of memory."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response

from api.curves.schema import MOST_POINTS, CurveQuery, Curves, WindowQuery
from api.http import ranges
from api.http.problems import responses
from api.service import Here
from store.curves.series import GROUP_FIELDS, SERIES, Series
from store.db import models
from store.db.errors import Refused
from store.runs import verbs

if TYPE_CHECKING:
    from store.curves.buckets import Window

router = APIRouter(prefix="/api/v1", tags=["curves"])

# In every ETag: raise it where the same question about the same points is answered otherwise than before.
VERSION = 2
Name = TypeVar("Name", bound=str)
BINARY = {"application/vnd.reslab.columns": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/curves",
    operation_id="get_curves",
    response_model=Curves,
    responses={
        200: {"content": BINARY, "headers": {"ETag": {"schema": {"type": "string"}}}},
        304: {"description": "Nothing was added since the ETag."},
        **responses(404, 422),
    },
)
def get_curves(asked: Annotated[CurveQuery, Query()], request: Request, service: Here) -> Response:
    """All runs on one grid, so that a bucket of one lies on a bucket of another. No extreme is ever lost."""
    from api.curves import columns  # numpy, which an idle API does not need
    from store.curves import charts

    names = listed("series", asked.series, SERIES)
    fields = listed("group_by", asked.group_by, GROUP_FIELDS) if asked.group_by else []
    _bounded(asked, names)
    with service.database.transaction() as session:
        rows = verbs.get_all(session, asked.run)
        etag = _etag(asked, rows)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if ranges.names(request.headers.get("if-none-match", ""), etag):
            return Response(None, 304, headers)
        question = charts.ChartQuery(window(asked, rows, asked.points), names, asked.x, fields)
        answer = charts.read(session, rows, question)
    if asked.format == "binary":
        shown = charts.with_short_means(answer)
        content = columns.as_binary(shown, charts.columns_by_kind(shown))
        return Response(content, headers=headers, media_type=columns.BINARY)
    return Response(columns.as_json(answer), headers=headers, media_type=columns.JSON)


def listed(field: str, text: str, known: Sequence[Name]) -> list[Name]:
    """Names with commas between, each once. Raises Refused."""
    asked = list(dict.fromkeys(name.strip() for name in text.split(",")))
    found = [name for name in known if name in asked]
    if len(found) < len(asked):
        raise Refused(field, f"{field} must be a comma-separated list of these names: {', '.join(known)}.")
    return sorted(found, key=asked.index)


def window(asked: WindowQuery, rows: Sequence[models.Run], points: int) -> "Window":
    """Raises Refused where it ends before it begins."""
    from store.curves import charts

    last = asked.last if asked.last is not None else max(asked.first, charts.longest(rows))
    if last < asked.first:
        raise Refused("to", f"to must be at least {asked.first:,}, the window's first iteration.")
    return charts.Window(asked.first, last, points, asked.smoothing)


def _bounded(asked: CurveQuery, names: list[Series]) -> None:
    if asked.points * len(asked.run) * len(names) > MOST_POINTS:
        most = MOST_POINTS // (len(asked.run) * len(names))
        raise Refused("points", f"points must be at most {most:,} for {len(asked.run)} runs of {len(names)} series.")


def _etag(asked: CurveQuery, rows: list[models.Run]) -> str:
    """A run's `last_seq` counts everything that was written of it, so a run that has ended keeps its answers."""
    state = [VERSION, asked.model_dump_json(), *((str(row.id), row.last_seq) for row in rows)]
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'
