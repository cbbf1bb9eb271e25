"""A data set's sheet of sample images. It is kept beside the archive, under the archive's key and a suffix."""

import hashlib
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from api.datasets.schema import DatasetName
from api.http.problems import responses
from api.service import Here, Service
from store import datasets
from store.datasets import SHEET
from store.db import models
from store.db.errors import NotFound
from store.db.objects import Objects
from trainer.archive import BadDataSet
from trainer.catalog import RESERVED
from trainer.inspection.reading import SHEET as SHEET_FILE
from trainer.inspection.reading import Inspection, inspect

router = APIRouter(prefix="/api/v1/datasets", tags=["data sets"])

# Of the data sets whose images are part of a package. The others' are only where they are trained on, so the first run
# on each leaves a sheet (trainer/data/samples.py).
BUNDLED = {"digits": Path(__file__).with_name("digits.png")}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}, 304: {"description": "Unchanged."}}
# One sheet at a time: unpacking takes the disk, and decoding the processor.
_drawing = threading.Lock()


@router.get(
    "/{name}/sheet",
    operation_id="get_dataset_sheet",
    response_class=Response,
    responses={**PICTURE, **responses(404, 422)},
)
def get_dataset_sheet(
    name: DatasetName, service: Here, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Training images, small: one row for each of the first classes, in the order of `class_names`."""
    if name in RESERVED:
        content, tag = _built_in(service, name)
    else:
        with service.database.transaction() as session:
            row = datasets.get(session, name)
        if row.annotation is not None:
            raise NotFound(f"{name} has boxes. Sample images are shown of data sets for classification only.")
        tag = f'"{row.manifest_hash}"'
        content = b"" if if_none_match == tag else _sheet(service, row)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/png", headers=headers)


def put(objects: Objects, key: str, file: Path) -> bytes:
    """Stores a sheet beside the archive at `key`."""
    content = file.read_bytes()
    objects.put(key + SHEET, file, hashlib.sha256(content).hexdigest())
    return content


def _built_in(service: Service, name: str) -> tuple[bytes, str]:
    """A PNG and its ETag."""
    if name in BUNDLED:
        return BUNDLED[name].read_bytes(), f'"{name}"'
    with service.database.transaction() as session:
        if (sheet := datasets.sheet(session, name)) is not None:
            return sheet.png, f'"{sheet.sha256}"'
    raise NotFound(
        f"There are no sample images of {name} yet: only a worker has them. The first run on {name} shows some here."
    )


def _sheet(service: Service, row: models.Dataset) -> bytes:
    if row.path is not None:
        return _of_folder(service.objects.aside, row.path, row.manifest_hash)
    assert row.key is not None  # noqa: S101 (the table's check: a path or an archive)
    try:
        return b"".join(service.objects.read(row.key + SHEET))
    except NotFound:
        return _of_archive(service.objects, row)


@lru_cache(maxsize=16)
def _of_folder(aside: Path, path: str, manifest_hash: str) -> bytes:
    """Raises NotFound if the folder is gone. `manifest_hash` is only a part of the cache's key."""
    del manifest_hash
    with tempfile.TemporaryDirectory(prefix="sheet-", dir=aside) as workdir:
        try:
            return _drawn(Path(path), Path(workdir)).read_bytes()
        except (BadDataSet, OSError) as error:
            raise NotFound(f"The data set's folder can't be read any longer: {error}") from error


def _of_archive(objects: Objects, row: models.Dataset) -> bytes:
    """Unpacks an archive that was registered before sheets were drawn. Raises NotFound if it is gone."""
    assert row.key is not None  # noqa: S101
    assert row.sha256 is not None  # noqa: S101
    with tempfile.TemporaryDirectory(prefix="sheet-", dir=objects.aside) as folder:
        packed = Path(folder) / "archive"
        objects.fetch(row.key, packed, row.sha256)
        return put(objects, row.key, _drawn(packed, Path(folder)))


def _drawn(source: Path, workdir: Path) -> Path:
    with _drawing:
        inspect(Inspection("sheet", source, workdir, has_sheet=True, is_registered=True))
    return workdir / SHEET_FILE
