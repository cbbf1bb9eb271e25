"""A run's files over HTTP: its checkpoints, its weights with Range and ETag, its size."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.http import ranges
from api.http.problems import answer, responses
from api.http.schema import Response as Schema
from api.service import Here
from store import artifacts
from store.artifacts import At
from store.db import models
from store.runs import sizes, verbs
from trainer import tasks
from trainer.events import Format, Role, WeightsFormat
from trainer.spec import MOST_ITERATIONS

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["files"])

MEDIA_TYPES = {"safetensors": "application/octet-stream", "pt": "application/octet-stream"}
BINARY = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


def _is_location(at: str) -> str:
    if at in ("last", "best") or (at.isascii() and at.isdecimal() and 1 <= int(at[:9]) <= MOST_ITERATIONS):
        return at
    raise PydanticCustomError("at", "at must be last, best or an iteration's number")


Location = Annotated[
    str,
    Query(max_length=8, description="`last`, `best` (on validation) or an iteration."),
    AfterValidator(_is_location),
]


class Artifact(Schema):
    """A file in the object store; it was verified before it was listed."""

    role: Role
    format: Format
    iteration: int
    attempt: int | None = Field(description="null for a file copied from the parent of a fork.")
    sha256: str
    size_bytes: int
    created_at: datetime
    missing_at: datetime | None = Field(description="When the object was first missed; null while it is there.")


class Artifacts(Schema):
    items: list[Artifact]


class Size(Schema):
    """A run's storage in bytes: its rows as the database stores them, without indexes, and its files."""

    curves_bytes: int
    log_bytes: int
    history_bytes: int = Field(description="The run's row, its attempts and its events.")
    files: int
    files_bytes: int
    total_bytes: int = Field(description="The bytes that deleting the run frees.")


@router.get("/checkpoints", operation_id="list_checkpoints", responses=responses(404, 422))
def list_checkpoints(run_id: UUID, service: Here) -> Artifacts:
    """Checkpoints and weights, newest first."""
    with service.database.transaction() as session:
        verbs.get(session, run_id)
        return Artifacts(items=[Artifact.model_validate(row) for row in artifacts.of_run(session, run_id)])


@router.get("/size", operation_id="get_run_size", responses=responses(404, 422))
def get_run_size(run_id: UUID, service: Here) -> Size:
    """The storage that the run occupies and that deleting it frees."""
    with service.database.transaction() as session:
        verbs.get(session, run_id)
        return Size.model_validate(sizes.of(session, run_id))


@router.get(
    "/weights",
    operation_id="download_weights",
    response_class=StreamingResponse,
    responses={
        200: {**BINARY, "headers": {"ETag": {"schema": {"type": "string"}, "description": "The file's SHA-256."}}},
        206: {**BINARY, "description": "The requested range."},
        304: {"description": "The file still has this ETag."},
        **responses(404, 416, 422),
    },
)
@router.head("/weights", include_in_schema=False)
def download_weights(
    run_id: UUID,
    request: Request,
    service: Here,
    at: Location = "last",
    format: WeightsFormat = "safetensors",  # noqa: A002 (the query's own word)
) -> Response:
    """Weights as a plain state dict. The ETag is the file's SHA-256; Range resumes an interrupted download."""
    with service.database.transaction() as session:
        run = verbs.get(session, run_id)
        weights = artifacts.weights(session, run, _at(at), format)
    etag = f'"{weights.sha256}"'
    part = ranges.requested(request.headers, weights.size_bytes, etag)
    if part.status == 416:
        return answer(
            416, f"The range starts after the end of the file, which has {part.size:,} bytes.", headers=part.headers
        )
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{_file_name(run, weights)}"',
        **part.headers,
    }
    media_type = "application/octet-stream"
    if part.status == 304 or request.method == "HEAD":
        return Response(None, part.status, headers, media_type)
    service.objects.size(weights.key)  # so that a missing file is a 404 and not a broken stream
    content = service.objects.read(weights.key, part.start, part.end)
    return StreamingResponse(content, part.status, headers, media_type)


def _at(at: str) -> At:
    match at:
        case "last" | "best":
            return at
        case iteration:
            return int(iteration)


def _file_name(run: models.Run, file: models.Artifact) -> str:
    """resnet-20-a_digits_seed-0_iteration-400.safetensors; of an import, imported instead of the seed"""
    spec = tasks.of(run.spec)
    network = spec.name.lower().replace(" ", "-")
    which = f"seed-{spec.seed}" if run.origin is None else "imported"
    return f"{network}_{spec.dataset}_{which}_iteration-{file.iteration}.{file.format}"
