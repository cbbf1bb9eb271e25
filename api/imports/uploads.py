"""The body of POST /imports: multipart with a declaration in JSON, the file, and optionally weights."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from api.imports.schema import ImportCreate
from store.db.errors import Refused
from store.db.settings import MEBIBYTE
from store.imports.declaration import ForeignFile

# 600,000 iterations with all series take 60 MB as CSV.
MOST_FILE_BYTES: Final = 64 * MEBIBYTE
MOST_DECLARATION_BYTES: Final = 256 * 1024
# Event files of one training: it was resumed less often.
MOST_FILES: Final = 100
PART_BYTES: Final = 1024 * 1024
_DECLARATION: Final = {"$ref": "#/components/schemas/ImportCreate"}
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["declaration", "file"],
                "properties": {
                    "declaration": _DECLARATION,
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": "CSV, or a W&B history as CSV or JSON lines, or the TensorBoard event files of "
                        "one training, at most 100.",
                    },
                    "weights": {
                        "type": "string",
                        "format": "binary",
                        "description": "Optional: the network's weights as safetensors, so that they can be evaluated.",
                    },
                },
            },
            "encoding": {"declaration": {"contentType": "application/json"}},
        }
    },
}


@dataclass(frozen=True)
class Upload:
    """A complete request, its files on disk or in memory."""

    declaration: ImportCreate
    file: ForeignFile
    contents: Sequence[IO[bytes]]
    weights: IO[bytes] | None = None


def define(document: dict[str, Any]) -> None:
    """Adds the schema that `BODY` refers to: FastAPI adds models of JSON bodies only."""
    _, definitions = models_json_schema([(ImportCreate, "validation")], ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] = definitions["$defs"] | document["components"]["schemas"]


async def receive(request: Request) -> AsyncIterator[Upload]:
    """Reads the whole body, files to disk. Raises 413, 415, 422. A dependency, so it runs after `authorize`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, "Send multipart/form-data with declaration (JSON) and file.")
    async with request.form(max_files=MOST_FILES + 2, max_fields=1, max_part_size=MOST_DECLARATION_BYTES) as form:
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
        if not files:
            raise _missing("file")
        weights = form.get("weights")
        sent = weights.file if isinstance(weights, UploadFile) else None
        described = await run_in_threadpool(_described, files)  # hashing 64 MiB takes a tenth of a second
        yield Upload(_declaration(await _text(form)), described, [file.file for file in files], sent)


async def _text(form: FormData) -> str | bytes:
    """The declaration, sent as a field or, with its content type, as a file."""
    declaration = form.get("declaration")
    if declaration is None:
        raise _missing("declaration")
    return await declaration.read(MOST_DECLARATION_BYTES) if isinstance(declaration, UploadFile) else declaration


def _declaration(text: str | bytes) -> ImportCreate:
    try:
        return ImportCreate.model_validate_json(text)
    except ValidationError as error:
        entries = [{**entry, "loc": ("body", *entry["loc"])} for entry in error.errors()]
        raise RequestValidationError(entries) from error


def _described(files: Sequence[UploadFile]) -> ForeignFile:
    """The name, size and hash of the file, or of several together. Raises Refused for what is too large."""
    parts = [measured(file.file) for file in files]
    size = sum(size for _, size in parts)
    if size > MOST_FILE_BYTES:
        raise Refused("file", f"The file has {size:,} bytes. At most {MOST_FILE_BYTES:,} are allowed.")
    hashes = sorted(sha256 for sha256, _ in parts)
    names = sorted(_printable(file.filename or "") for file in files)
    if len(files) == 1:
        return ForeignFile(names[0], hashes[0], size)
    together = hashlib.sha256("".join(f"{sha256}\n" for sha256 in hashes).encode()).hexdigest()
    return ForeignFile(f"{names[0][:180]}, {len(files)} files", together, size)


def measured(file: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 and the size of a file, which is then read from its start again."""
    digest, size = hashlib.sha256(), 0
    while part := file.read(PART_BYTES):
        digest.update(part)
        size += len(part)
    file.seek(0)
    return digest.hexdigest(), size


def _printable(name: str) -> str:
    """The last part of a path, without what a screen or a log can't show."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-200:].strip() or "file"


def _missing(field: str) -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", field), "msg": "missing"}])
