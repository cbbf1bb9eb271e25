"""Imports over HTTP: a result made elsewhere becomes a run that has ended, marked as imported."""

from dataclasses import replace
from typing import IO, TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Response

from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.http.schema import FieldError
from api.imports import uploads
from api.imports.schema import ImportCreate, ImportPlan, SeriesSummary
from api.imports.uploads import Upload
from api.runs import views
from api.runs.schema import Run
from api.service import Here, Service
from paper import lint
from paper.lint.unknown import is_decisive
from store import datasets
from store.db.errors import Refused
from store.imports.declaration import Declaration
from store.people import projects

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.imports.reading import ForeignCurve
    from store.imports.verbs import ForeignWeights, Import

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])

Body = Annotated[Upload, Depends(uploads.receive)]
BODY: Final = {"requestBody": uploads.BODY}


@router.post(
    "",
    status_code=201,
    operation_id="import_run",
    openapi_extra=BODY,
    responses={200: {"model": Run, "description": "It is already imported."}, **responses(409, 413, 415, 422)},
)
def import_run(body: Body, response: Response, service: Here, caller: Present) -> Run:
    """Stores a result made elsewhere as a run that has ended. Safe to repeat with the same file and declaration.

    It takes CSV (`iteration`, `train_error`, `test_error` …), the TensorBoard event files of one training, or a W&B
    history as CSV or JSON lines, and optionally weights (safetensors), which can then be evaluated here. Every field of
    `spec` that is left out is unknown, which is not the same as kept.
    """
    from store.imports import verbs

    with service.database.transaction() as session:
        projects.check(session, caller, body.declaration.project)  # before the file is read
    imported = _import(service, body, caller.owner)
    if body.weights is not None:
        imported = replace(imported, weights=_store_weights(service, imported, body.weights))  # files before rows
    is_new = False
    try:
        with service.database.transaction() as session:
            projects.submit_to(session, caller, body.declaration.project)
            row, is_new = verbs.create(session, imported)
            created = views.accepted(session, row, service.settings.lease_s)
            locate(response, f"runs/{created.id}", is_new=is_new)
    finally:
        if imported.weights and not is_new:
            service.objects.delete([imported.weights.key])
    return created


@router.post("/plan", operation_id="plan_import", openapi_extra=BODY, responses=responses(413, 415, 422))
def plan_import(body: Body, service: Here) -> ImportPlan:
    """What was understood of a file and its declaration, and the findings. Stores nothing.

    The declaration may still lack what an import needs: `problem` says so.
    """
    from store.imports import boxed
    from store.imports.specification import specify

    curve = boxed.read(body.contents, body.declaration.reading, is_boxed=service.settings.box)
    plan = ImportPlan(
        format=curve.format,
        series=_summaries(body.declaration, curve),
        others=list(curve.others),
        iteration=curve.iteration,
        problem=None,
        spec=None,
        unknown=[],
        findings=[],
    )
    try:
        spec, unknown = specify(body.declaration, curve)
    except Refused as refusal:
        problem = FieldError(field=refusal.field, message=str(refusal))
        return plan.model_copy(update={"problem": problem})
    findings = lint.findings(spec, frozenset(unknown))
    return plan.model_copy(update={"spec": spec, "unknown": list(unknown), "findings": findings})


def _import(service: Service, body: Upload, owner: str) -> "Import":
    """Raises Refused for a file or a declaration that can't be imported."""
    from store.imports import boxed, chunks
    from store.imports.specification import specify
    from store.imports.verbs import Import

    declared = body.declaration
    curve = boxed.read(body.contents, declared.reading, is_boxed=service.settings.box)
    chunks.chunks(curve.series)  # refuses uneven points before the transaction
    spec, unknown = specify(declared, curve)
    return Import(
        file=body.file,
        curve=curve,
        declaration=Declaration.model_validate(declared.model_dump(include=set(Declaration.model_fields))),
        spec=spec,
        unknown=unknown,
        owner=owner,
        name=declared.name,
        project=declared.project,
        tags=declared.tags,
        notes=declared.notes,
    )


def _store_weights(service: Service, imported: "Import", file: IO[bytes]) -> "ForeignWeights":
    """Checks the weights against the declared network, and stores them as one of our files. Raises Refused."""
    from store.imports import boxed
    from store.imports.verbs import ForeignWeights, weights_key
    from store.imports.weights import Described

    if "stride_in_1x1" in imported.unknown and is_decisive("stride_in_1x1", imported.spec):
        raise Refused("spec.stride_in_1x1", "stride_in_1x1 must be declared: the weights don't show it.")
    with service.database.transaction() as session:
        classes = datasets.classes(session, imported.spec)
    sent, _ = uploads.measured(file)
    described = Described(imported.spec, classes, imported.iteration, imported.test_error, imported.unknown)
    key, input_ = weights_key(imported.run_id), imported.declaration.weights_input
    with boxed.convert(file, described, input_, is_boxed=service.settings.box) as (target, sha256, size_bytes):
        service.objects.put(key, target, sha256)
    return ForeignWeights(key, sha256, size_bytes, sent)


def _summaries(declaration: ImportCreate, curve: "ForeignCurve") -> list[SeriesSummary]:
    return [
        SeriesSummary(
            series=name,
            column=declaration.reading.column(name).name,
            points=len(points.value),
            first_iteration=int(points.iteration[0]),
            last_iteration=int(points.iteration[-1]),
            last=float(points.value[-1]),
            lowest=float(points.value.min()),
        )
        for name, points in curve.series.items()
    ]
