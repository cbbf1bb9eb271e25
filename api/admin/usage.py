"""Fair use over HTTP: what people and projects use, their quotas, and the device time of each month."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from api.http.access import Present
from api.http.problems import responses
from api.http.schema import Request
from api.http.schema import Response as Schema
from api.service import Here
from store.db.models import Quota, Usage
from store.db.models.quotas import HolderKind
from store.people import people, projects, rights
from store.people.rights import Caller
from store.quotas import limits, usage
from store.quotas.limits import EVERYBODY
from store.quotas.usage import MonthUse

router = APIRouter(prefix="/api/v1", tags=["access"])


class Limits(Request):
    """Omitted or null: no limit."""

    running: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(default=None, description="Runs at a time.")
    queued: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(default=None, description="Runs that wait.")
    device_hours: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = Field(
        default=None, description="In a calendar month, UTC: hours times devices."
    )
    kept_bytes: Annotated[int, Field(ge=0, le=2**62)] | None = Field(
        default=None, description="Weights, checkpoints, reports, and archives of data sets."
    )


class HolderUse(Schema):
    """What a person or project uses now, and the limits that hold for it."""

    kind: HolderKind
    name: str
    running: int
    queued: int
    device_hours: float = Field(description="Of this month, UTC, with the runs that train now.")
    kept_bytes: int
    limits: Limits
    is_default: bool = Field(description="Whether the limits are everybody's, because it has none of its own.")


class UseList(Schema):
    items: list[HolderUse]


class MonthlyUse(Schema):
    month: date = Field(description="Its first day.")
    person: str
    project: str
    device_hours: float


class MonthlyUses(Schema):
    items: list[MonthlyUse]


@router.get("/usage", operation_id="list_usage")
def list_usage(service: Here, caller: Present) -> UseList:
    """You and the projects that you see, what they use and may use; for an administrator, everybody."""
    with service.database.transaction() as session:
        items = [_use(session, kind, name) for kind, name in _holders(session, caller)]
    return UseList(items=items)


@router.get(
    "/usage/months",
    operation_id="list_months",
    response_model=MonthlyUses,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **responses(422)},
)
def list_months(
    service: Here,
    caller: Present,
    format: Annotated[Literal["json", "csv"], Query()] = "json",  # noqa: A002
) -> MonthlyUses | Response:
    """The device time by month, person and project, of attempts that have ended; also of runs that were deleted."""
    with service.database.transaction() as session:
        rows = usage.months(session, _readable(caller))
    if format == "csv":
        headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
        return Response(_csv(rows), headers=headers, media_type="text/csv; charset=utf-8")
    return MonthlyUses(items=[MonthlyUse.model_validate(row) for row in rows])


@router.put("/quotas/{kind}/{name}", operation_id="set_quota", responses=responses(403, 404, 422))
def set_quota(kind: HolderKind, name: str, body: Limits, service: Here) -> HolderUse:
    """Sets all four limits of a person or project. The name `*` sets those of everybody who has none of their own."""
    with service.database.transaction() as session:
        if name != EVERYBODY:
            (people if kind == "person" else projects).get(session, name)
        limits.set_limits(session, Quota(kind=kind, name=name, **body.model_dump()))
        return _use(session, kind, name)


def _holders(session: Session, caller: Caller) -> Iterable[tuple[HolderKind, str]]:
    everybody: list[HolderKind] = ["person", "project"] if rights.may(caller, "administer") else []
    yield from ((kind, EVERYBODY) for kind in everybody)
    names = [person.name for person, _ in people.list_all(session)] if everybody else [caller.owner]
    yield from (("person", name) for name in names)
    yield from (("project", project.name) for project in projects.list_readable(session, caller))


def _use(session: Session, kind: HolderKind, name: str) -> HolderUse:
    used, quota = usage.of(session, kind, name), limits.of(session, kind, name)
    return HolderUse(
        kind=kind,
        name=name,
        running=used.running,
        queued=used.queued,
        device_hours=used.device_hours,
        kept_bytes=used.kept_bytes,
        limits=Limits.model_validate(quota, from_attributes=True) if quota else Limits(),
        is_default=quota is None or quota.name != name,
    )


def _readable(caller: Caller) -> ColumnElement[bool]:
    """Your own use, and that of everybody in the projects that you see."""
    return or_(rights.readable(caller, Usage.project), Usage.person == caller.owner)


def _csv(rows: Iterable[MonthUse]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["month", "person", "project", "device_hours"])
    writer.writerows((f"{row.month:%Y-%m}", row.person, row.project, f"{row.device_hours:.4f}") for row in rows)
    return text.getvalue()
