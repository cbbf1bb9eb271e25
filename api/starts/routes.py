"""Start weights over HTTP: list what a detector can start from, and upload a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.http.access import Present
from api.http.problems import responses
from api.service import Here
from api.starts.schema import StartQuery, StartUpload, StartWeights, StartWeightsList
from store.db import models
from store.db.identifiers import new_id
from store.people import projects, rights
from store.quotas import limits
from store.weights import starts, uploads
from trainer.detection.origin import has_bottlenecks
from trainer.detection.spec import DetectionNetwork

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.weights.checking import Checked

router = APIRouter(prefix="/api/v1/start-weights", tags=["start weights"])

Sha256 = Annotated[str, InPath(pattern=r"^[0-9a-f]{64}$")]
_FIELDS: Final = StartUpload.model_json_schema()["properties"]
BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["network", "weights"],
                "properties": {
                    **_FIELDS,
                    "weights": {
                        "type": "string",
                        "format": "binary",
                        "description": "safetensors: torchvision's state dict of the network, or a file by Reslab.",
                    },
                },
            }
        }
    },
}


@dataclass(frozen=True)
class Upload:
    """A complete file in a temporary file of this request."""

    declared: StartUpload
    weights: UploadFile


async def receive(request: Request) -> AsyncIterator[Upload]:
    """Reads the whole body, the file to disk. Raises 413, 415, 422. A dependency, so it runs after `authorize`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, "Send multipart/form-data with network and weights.")
    async with request.form(max_files=1, max_fields=4) as form:
        weights = form.get("weights")
        if not isinstance(weights, UploadFile):
            raise RequestValidationError([{"type": "missing", "loc": ("body", "weights"), "msg": "missing"}])
        try:
            declared = StartUpload.model_validate({name: value for name, value in form.items() if name != "weights"})
        except ValidationError as error:
            entries = [{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors()]
            raise RequestValidationError(entries) from error
        yield Upload(declared, weights)


@router.get("", operation_id="list_start_weights", responses=responses(422))
def list_start_weights(query: Annotated[StartQuery, Query()], service: Here, caller: Present) -> StartWeightsList:
    """What a detector with this network can start from: uploaded files, the last weights of finished classifiers with
    option B, and their copies with exact batch norm statistics."""
    with service.database.transaction() as session:
        readable = rights.readable(caller, models.StartWeights.project)
        files = [_uploaded(row) for row in uploads.list_all(session, query.network, readable)]
        runs = starts.of_runs(session, query.network, rights.readable(caller, models.Run.project))
        return StartWeightsList(items=[*files, *(_of_run(query.network, file, run) for file, run in runs)])


@router.post(
    "",
    status_code=201,
    operation_id="upload_start_weights",
    openapi_extra={"requestBody": BODY},
    responses={
        200: {"model": StartWeights, "description": "They are already here."},
        **responses(409, 413, 415, 422),
    },
)
def upload_start_weights(
    body: Annotated[Upload, Depends(receive)], response: Response, service: Here, caller: Present
) -> StartWeights:
    """Stores a classifier's weights for detectors to start from, byte for byte. Safe to repeat.

    Names and shapes of all tensors must be those of torchvision's network, the numbers finite float32. Only safetensors
    is read.
    """
    from store.imports import boxed

    declared = body.declared
    with service.database.transaction() as session:
        projects.submit_to(session, caller, declared.project)
        limits.check(session, caller.owner, declared.project, is_run=False)
    key, is_new = f"starts/{new_id()}", False
    with boxed.check(body.weights.file, declared.network, is_boxed=service.settings.box) as (path, checked):
        service.objects.put(key, path, checked.sha256)
    try:
        with service.database.transaction() as session:
            row, is_new = uploads.register(session, _row(body, checked, key, caller.owner))
            stored = _uploaded(row)
    finally:
        if not is_new:
            service.objects.delete([key])
    if not is_new:
        response.status_code = 200
    return stored


@router.delete("/{sha256}", status_code=204, operation_id="delete_start_weights", responses=responses(404, 409, 422))
def delete_start_weights(sha256: Sha256, service: Here) -> None:
    """Deletes an uploaded file. Fails while a detector that starts from it has not ended."""
    service.objects.check()  # as for a data set: without the row nothing could delete the object later
    with service.database.transaction() as session:
        row = uploads.remove(session, sha256)
        key = row.key
    service.objects.delete([key])


def _row(body: Upload, checked: "Checked", key: str, owner: str) -> models.StartWeights:
    declared = body.declared
    file_name = (body.weights.filename or "").replace("\\", "/").rpartition("/")[2]
    return models.StartWeights(
        sha256=checked.sha256,
        network=declared.network,
        statistics=checked.statistics,
        stride_in_1x1=checked.stride_in_1x1,
        name=declared.name or "".join(filter(str.isprintable, file_name))[-200:] or "weights",
        project=declared.project,
        owner=owner,
        size_bytes=checked.size_bytes,
        key=key,
    )


def _uploaded(row: models.StartWeights) -> StartWeights:
    values = {name: getattr(row, name) for name in StartWeights.model_fields if name not in ("dataset", "seed", "run")}
    return StartWeights(**values, dataset=None, seed=None, run=None)


def _of_run(network: DetectionNetwork, file: models.Artifact, run: models.Run) -> StartWeights:
    """An examination has the weights of the run that it examined."""
    subject = UUID(run.examination["runs"][0]) if run.examination else run.id
    return StartWeights(
        sha256=file.sha256,
        statistics=starts.statistics_of(run),
        network=network,
        stride_in_1x1=run.spec["stride_in_1x1"] if has_bottlenecks(network) else None,
        name=run.name.removeprefix("examines ") if run.examination else run.name,
        dataset=run.dataset,
        seed=run.spec["seed"],
        run=subject,
        project=run.project,
        owner=run.owner,
        size_bytes=file.size_bytes,
        created_at=file.created_at,
    )
