"""Examinations over HTTP: examine a succeeded run's weights, and read the report."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from api.examinations.schema import (
    DetectionReport,
    EvaluationReport,
    Examination,
    ExaminationCreate,
    ExaminationQuery,
    Examinations,
    PredictedObjects,
    PredictionReport,
    ResponsesReport,
    StatisticsReport,
)
from api.http import pictures, rights
from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.runs import waiting
from api.service import Here, Service
from store import artifacts, examinations
from store.db.errors import NotFound, Refused
from store.db.identifiers import new_id
from store.db.models import Artifact
from store.examinations import ExaminationRecord, ExaminationSpec, StoredPicture
from store.people.rights import Caller, may
from store.runs import queue
from store.runs.states import Status
from trainer.examination import ExaminationKind
from trainer.tasks import Task

router = APIRouter(prefix="/api/v1", tags=["examinations"])

Report = EvaluationReport | ResponsesReport | PredictionReport | DetectionReport | PredictedObjects | StatisticsReport
REPORTS: dict[tuple[Task, ExaminationKind], type[Report]] = {
    ("classification", "evaluate"): EvaluationReport,
    ("classification", "responses"): ResponsesReport,
    ("classification", "predict"): PredictionReport,
    ("classification", "statistics"): StatisticsReport,
    ("detection", "detect"): DetectionReport,
    ("detection", "predict"): PredictedObjects,
}
CREATES: dict[int | str, dict[str, Any]] = {
    200: {"model": Examination, "description": "The same examination already exists."}
}


@router.post(
    "/runs/{run_id}/examinations",
    status_code=201,
    operation_id="create_examination",
    responses={**CREATES, **responses(404, 409, 422)},
)
def create_examination(
    run_id: UUID, body: ExaminationCreate, response: Response, service: Here, caller: Present
) -> Examination:
    """Queues an examination ahead of all training runs. An identical one is not repeated: its report is kept."""
    spec = _spec(run_id, body)
    with service.database.transaction() as session:
        rights.check_runs(session, caller, spec.runs)
        row, is_new = examinations.create(session, spec, caller.owner)
        locate(response, f"examinations/{row.id}", is_new=is_new)
    return _complete(service, row.id)


@router.post(
    "/runs/{run_id}/predictions",
    status_code=201,
    operation_id="create_prediction",
    responses={**CREATES, **responses(404, 409, 413, 415, 422)},
    openapi_extra={"requestBody": pictures.BODY},
)
def create_prediction(
    run_id: UUID,
    picture: Annotated[bytes, Depends(pictures.receive)],
    response: Response,
    service: Here,
    caller: Present,
) -> Examination:
    """Classifies a picture of at most 4 MiB with the run's network."""
    spec = ExaminationSpec(kind="predict", runs=(run_id,), picture=hashlib.sha256(picture).hexdigest())
    with service.database.transaction() as session:
        existing = examinations.find(session, spec)
    if existing is not None:
        locate(response, f"examinations/{existing.id}", is_new=False)
        return _complete(service, existing.id)
    examination_id = new_id()
    uploaded = _upload(service, examination_id, picture)  # files before rows
    with service.database.transaction() as session:
        row, is_new = examinations.create(session, spec, caller.owner, examination_id, uploaded)
        locate(response, f"examinations/{row.id}", is_new=is_new)
    if not is_new:
        service.objects.delete([uploaded.key])
    return _complete(service, row.id)


@router.get("/runs/{run_id}/examinations", operation_id="list_examinations", responses=responses(404, 422))
def list_examinations(run_id: UUID, service: Here, caller: Present) -> Examinations:
    """The run's examinations, also those of an ensemble that includes it."""
    with service.database.transaction() as session:
        records = _readable(caller, examinations.of_run(session, run_id))
        return Examinations(items=_views(session, records, service.settings.lease_s))


@router.get("/examinations", operation_id="find_examinations", responses=responses(422))
def find_examinations(query: Annotated[ExaminationQuery, Query()], service: Here, caller: Present) -> Examinations:
    """The examinations of one kind for several runs, to compare them."""
    with service.database.transaction() as session:
        records = _readable(caller, examinations.of_kind(session, query.run, query.kind))
        return Examinations(items=_views(session, records, service.settings.lease_s))


@router.get("/examinations/{examination_id}", operation_id="get_examination", responses=responses(404, 422))
def get_examination(examination_id: UUID, service: Here) -> Examination:
    """One examination, with its report once it has succeeded."""
    return _complete(service, examination_id)


@router.get(
    "/examinations/{examination_id}/picture",
    operation_id="get_picture",
    response_class=Response,
    responses={200: {"content": pictures.AS_BYTES}, **responses(404, 422)},
)
def get_picture(examination_id: UUID, service: Here) -> Response:
    """The classified picture, byte for byte, if it is a PNG, JPEG or WebP; or an evaluation's mistakes as tiles."""
    with service.database.transaction() as session:
        examinations.get(session, examination_id)
        picture = artifacts.latest(session, examination_id, "picture")
    if picture is None:
        raise NotFound(
            f"Examination {examination_id} has no picture: it neither classified one nor made mistakes that it shows."
        )
    content = b"".join(service.objects.read(picture.key))
    return Response(content, media_type=pictures.media_type(content), headers={"Content-Disposition": "inline"})


def _readable(caller: Caller, records: list[ExaminationRecord]) -> list[ExaminationRecord]:
    """An ensemble's first run, and with it the examination, may be in another project."""
    return [record for record in records if may(caller, "read", record.row)]


def _spec(run_id: UUID, body: ExaminationCreate) -> ExaminationSpec:
    """Raises Refused."""
    if body.kind in ("responses", "statistics"):
        for name, value in body.model_dump(exclude={"kind"}).items():
            if value:
                raise Refused(name, f"{name} applies to an evaluation only. Leave it out for {body.kind}.")
        return ExaminationSpec(kind=body.kind, runs=(run_id,))
    if body.kind == "detect":
        return _detect(run_id, body)
    for name, value in {"refine": body.refine, "vote": body.vote, "sides": body.sides}.items():
        if value:
            raise Refused(name, f"{name} applies to a detector's test only. Leave it out for an evaluation.")
    if run_id in body.together_with or len(set(body.together_with)) < len(body.together_with):
        raise Refused("together_with", "together_with must list other runs, each only once.")
    return ExaminationSpec(
        kind="evaluate",
        runs=(run_id, *body.together_with),
        views=body.views or "single",
        recompute_bn=body.recompute_bn or False,
    )


def _detect(run_id: UUID, body: ExaminationCreate) -> ExaminationSpec:
    """Raises Refused."""
    for name, value in {"views": body.views, "recompute_bn": body.recompute_bn}.items():
        if value:
            raise Refused(name, f"{name} applies to an evaluation only. Leave it out for a detector's test.")
    if run_id in body.together_with or len(set(body.together_with)) < len(body.together_with):
        raise Refused("together_with", "together_with must list other runs, each only once.")
    return ExaminationSpec(
        kind="detect",
        runs=(run_id, *body.together_with),
        refine=body.refine or False,
        vote=body.vote or False,
        sides=tuple(sorted(set(body.sides or []))),
    )


def _upload(service: Service, examination_id: UUID, picture: bytes) -> StoredPicture:
    key, sha256 = artifacts.key(examination_id, None, "picture"), hashlib.sha256(picture).hexdigest()
    with tempfile.TemporaryDirectory(prefix="reslab-picture-") as folder:
        file = Path(folder) / "picture"
        file.write_bytes(picture)
        service.objects.put(key, file, sha256)
    return StoredPicture(key, sha256, len(picture))


def _complete(service: Service, examination_id: UUID) -> Examination:
    with service.database.transaction() as session:
        record = examinations.get(session, examination_id)
        (examination,) = _views(session, [record], service.settings.lease_s)
        report = examinations.reports(session, [record.row]).get(examination_id)
    if report is None:
        return examination
    return examination.model_copy(update={"result": _read(service, record, report)})


def _read(service: Service, record: ExaminationRecord, report: Artifact) -> Report:
    """Raises NotFound if the object is missing."""
    form = REPORTS[record.row.task, record.spec.kind]
    return form.model_validate_json(b"".join(service.objects.read(report.key)))


def _views(session: Session, records: Sequence[ExaminationRecord], lease_s: float) -> list[Examination]:
    queued = [record.row for record in records if record.row.status == Status.queued]
    positions = queue.positions(session, queued) if queued else {}
    reasons = waiting.reasons(session, queued, positions, lease_s)
    return [_view(record, reasons.get(record.row.id)) for record in records]


def _view(record: ExaminationRecord, waits_for: str | None) -> Examination:
    row, spec, numbers = record.row, record.spec, record.evaluation
    return Examination(
        id=row.id,
        kind=spec.kind,
        views=spec.views,
        recompute_bn=spec.recompute_bn,
        runs=list(spec.runs),
        owner=row.owner,
        status=Status(row.status),
        reason=row.reason,
        message=row.message,
        waits_for=waits_for,
        created_at=row.created_at,
        ended_at=row.finished_at,
        error=numbers and numbers.error,
        top5_error=numbers and numbers.top5_error,
        images=numbers and numbers.images,
        map=numbers and numbers.map,
        result=None,
    )
