"""The two bodies of POST /datasets: multipart with an archive, or JSON with a folder's path."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.datasets.schema import ArchiveCreate, FolderCreate

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["name", "archive"],
                "properties": {
                    "name": ArchiveCreate.model_json_schema()["properties"]["name"],
                    "about": ArchiveCreate.model_json_schema()["properties"]["about"],
                    "project": ArchiveCreate.model_json_schema()["properties"]["project"],
                    "archive": {"type": "string", "format": "binary", "description": "zip, tar, tar.gz or tar.xz."},
                },
            }
        },
        "application/json": {"schema": FolderCreate.model_json_schema()},
    },
}


@dataclass(frozen=True)
class Upload:
    """A complete archive in a temporary file of this request."""

    fields: ArchiveCreate
    archive: UploadFile


async def receive(request: Request) -> AsyncIterator[FolderCreate | Upload]:
    """Reads the whole body, files to disk. Raises 413, 415, 422. A dependency, so it runs after `authorize`."""
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "application/json":
            yield _folder(await request.body())
        case "multipart/form-data":
            async with request.form(max_files=1, max_fields=5) as form:
                fields = {name: value for name, value in form.items() if name != "archive"}
                archive = form.get("archive")
                if not isinstance(archive, UploadFile):
                    raise _invalid("archive", "missing")
                yield Upload(_fields(fields), archive)
        case _:
            raise HTTPException(415, "Send multipart/form-data with name and archive, or JSON with name and path.")


def _folder(body: bytes) -> FolderCreate:
    try:
        return FolderCreate.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error) from error


def _fields(fields: dict[str, UploadFile | str]) -> ArchiveCreate:
    try:
        return ArchiveCreate.model_validate(fields)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> RequestValidationError:
    return RequestValidationError([{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors()])


def _invalid(field: str, kind: str) -> RequestValidationError:
    return RequestValidationError([{"type": kind, "loc": ("body", field), "msg": kind}])
