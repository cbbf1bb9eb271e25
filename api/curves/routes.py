"""Curves over HTTP: many runs and series on one grid, alone or in groups, as JSON or in a binary form."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response

from api.curves.schema import MOST_POINTS, CurveQuery, Curves, WindowQuery
from api.http import ranges
from api.http.problems import responses
from api.service import Here
from store.curves.series import GROUP_FIELDS, SERIES, Series, class_series
from store.db import models
from store.db.errors import Refused
from store.runs import verbs

if TYPE_CHECKING:
    from store.curves.buckets import Window

router = APIRouter(prefix="/api/v1", tags=["curves"])

# Part of every ETag: raise it when the response to the same query on the same points changes.
VERSION = 3
Name = TypeVar("Name", bound=str)
BINARY = {"application/vnd.reslab.columns": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/curves",
    operation_id="get_curves",
    response_model=Curves,
    responses={
        200: {"content": BINARY, "headers": {"ETag": {"schema": {"type": "string"}}}},
        304: {"description": "No point was added since this ETag."},
        **responses(404, 422),
    },
)
def get_curves(query: Annotated[CurveQuery, Query()], request: Request, service: Here) -> Response:
    """The curves of several runs on one grid of buckets. Each bucket keeps its minimum and maximum."""
    from api.curves import columns  # numpy, which an idle API does not need
    from store.curves import charts

    names = _series(query.series)
    fields = listed("group_by", query.group_by, GROUP_FIELDS) if query.group_by else []
    _bounded(query, names)
    with service.database.transaction() as session:
        rows = verbs.get_all(session, query.run)
        etag = _etag(query, rows)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if ranges.names(request.headers.get("if-none-match", ""), etag):
            return Response(None, 304, headers)
        question = charts.ChartQuery(window(query, rows, query.points), names, query.x, fields)
        answer = charts.read(session, rows, question)
    answer = answer if query.range else charts.without_range(answer)
    if query.format == "binary":
        shown = charts.with_short_means(answer)
        content = columns.as_binary(shown, charts.columns_by_kind(shown))
        return Response(content, headers=headers, media_type=columns.BINARY)
    shown = charts.with_digits(answer, query.digits) if query.digits else answer
    return Response(columns.as_json(shown), headers=headers, media_type=columns.JSON)


def _series(text: str) -> list[Series]:
    """The series in a comma-separated list; a class's average precision is named by its class."""
    names = [name.strip() for name in text.split(",")]
    of_classes = [known for name in dict.fromkeys(names) if (known := class_series(name))]
    named = [name for name in names if class_series(name) is None]
    chosen: list[Series] = [*(listed("series", ",".join(named), SERIES) if named else []), *of_classes]
    return sorted(chosen, key=names.index)


def listed(field: str, text: str, choices: Sequence[Name]) -> list[Name]:
    """The names in a comma-separated list, without repeats. Raises Refused for an unknown name."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    chosen = [name for name in choices if name in names]
    if len(chosen) < len(names):
        raise Refused(field, f"{field} must be a comma-separated list of these names: {', '.join(choices)}.")
    return sorted(chosen, key=names.index)


def window(query: WindowQuery, rows: Sequence[models.Run], points: int) -> "Window":
    """Raises Refused if the window ends before it starts."""
    from store.curves import charts

    last = query.last if query.last is not None else max(query.first, charts.longest(rows))
    if last < query.first:
        raise Refused("to", f"to must be at least {query.first:,}, the window's first iteration.")
    return charts.Window(query.first, last, points, query.smoothing)


def _bounded(query: CurveQuery, names: list[Series]) -> None:
    if query.points * len(query.run) * len(names) > MOST_POINTS:
        most = MOST_POINTS // (len(query.run) * len(names))
        raise Refused("points", f"points must be at most {most:,} for {len(query.run)} runs of {len(names)} series.")


def _etag(query: CurveQuery, rows: list[models.Run]) -> str:
    """Depends on each run's `last_seq`, which counts its writes: an ended run keeps its ETag."""
    state = [VERSION, query.model_dump_json(), *((str(row.id), row.last_seq) for row in rows)]
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:32]}"'
