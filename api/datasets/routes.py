"""Data sets over HTTP: list them, and register your own by uploading an archive or naming a folder."""

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi import Path as InPath

from api.datasets import sheets, uploads
from api.datasets.samples import Samples
from api.datasets.schema import ArchiveCreate, Boxes, Dataset, DatasetName, Datasets, FolderCreate, Sheet
from api.datasets.uploads import Upload
from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.service import Here, Service
from store import datasets
from store.datasets import SHEET
from store.db import models
from store.db.errors import Refused
from store.db.identifiers import new_id
from store.db.settings import Settings
from store.people import projects, rights
from store.people.rights import Caller
from store.quotas import limits
from trainer.archive import BadDataSet
from trainer.catalog import BUILT_IN, RESERVED, DataSet
from trainer.data import sheet
from trainer.detection.catalog import LAB_DATA, LabData
from trainer.inspection.contents import Contents
from trainer.inspection.reading import SHEET as SHEET_FILE
from trainer.inspection.reading import Inspection, inspect

router = APIRouter(prefix="/api/v1/datasets", tags=["data sets"])

Name = Annotated[DatasetName, InPath()]

# Images hardly shrink when packed: an archive that unpacks to more than this is meant to fill the disk.
MOST_UNPACKED = 4
PART_BYTES = 1024 * 1024


@router.get("", operation_id="list_datasets")
def list_datasets(service: Here, caller: Present) -> Datasets:
    """The built-in data sets, then your own by name."""
    with service.database.transaction() as session:
        own = [_own(row) for row in datasets.list_all(session, rights.readable(caller, models.Dataset.project))]
        drawn = datasets.sheets(session)
    known: list[DataSet | LabData] = [*BUILT_IN.values(), *LAB_DATA.values()]
    built_in = [_built_in(data, drawn.get(data.name)) for data in known]
    return Datasets(items=[*built_in, *own])


@router.post(
    "",
    status_code=201,
    operation_id="register_dataset",
    openapi_extra={"requestBody": uploads.BODY},
    responses={
        200: {"model": Dataset, "description": "It is already registered."},
        **responses(409, 413, 415, 422, 507),
    },
)
def register_dataset(
    body: Annotated[FolderCreate | Upload, Depends(uploads.receive)],
    response: Response,
    service: Here,
    caller: Present,
) -> Dataset:
    """Registers an archive (zip, tar, tar.gz or tar.xz) or a folder with `train/<class>/…` and `test/<class>/…`, or for
    detection in VOC's or COCO's layout.

    Safe to repeat with the same name and content.
    """
    fields = body.fields if isinstance(body, Upload) else body
    if fields.name in RESERVED or fields.name in LAB_DATA:
        raise Refused("name", f"The name {fields.name} belongs to a built-in data set. Choose another name.")
    with service.database.transaction() as session:
        projects.check(session, caller, fields.project)  # before the archive is read
        limits.check(session, caller.owner, fields.project, is_run=False)
    locate(response, f"datasets/{fields.name}", is_new=True)
    if isinstance(body, Upload):
        row, is_new = _register_archive(service, body, caller)
    else:
        row, is_new = _register_folder(service, body, caller)
    locate(response, f"datasets/{row.name}", is_new=is_new)
    return _own(row)


@router.get("/{name}", operation_id="get_dataset", responses=responses(404, 422))
def get_dataset(name: Name, service: Here) -> Dataset:
    """One data set."""
    with service.database.transaction() as session:
        if (known := BUILT_IN.get(name) or LAB_DATA.get(name)) is not None:
            return _built_in(known, datasets.sheet(session, name))
        return _own(datasets.get(session, name))


@router.get("/{name}/samples", operation_id="list_samples", responses=responses(404, 422))
def list_samples(name: Name, service: Here) -> Samples:
    """Some training images of a data set with boxes, scaled down; none for another data set."""
    if name in BUILT_IN or name in LAB_DATA:
        return Samples(items=[])
    with service.database.transaction() as session:
        return Samples.model_validate({"items": datasets.get(session, name).samples or []})


@router.delete("/{name}", status_code=204, operation_id="delete_dataset", responses=responses(404, 409, 422))
def delete_dataset(name: Name, service: Here) -> None:
    """Deletes the data set, but not your folder. Fails while a run still needs it."""
    service.objects.check()  # as for a run: without the row nothing could delete the object later
    with service.database.transaction() as session:
        row = datasets.remove(session, name)
    if row.key is not None:
        service.objects.delete([row.key, row.key + SHEET])


def _register_folder(service: Service, body: FolderCreate, caller: Caller) -> tuple[models.Dataset, bool]:
    folder = _allowed(service.settings, body.path)
    with tempfile.TemporaryDirectory(prefix="folder-", dir=service.objects.aside) as aside:
        row = _row(body, _inspect(service, "path", Inspection(body.name, folder, Path(aside))), caller.owner)
    row.path = str(folder)
    with service.database.transaction() as session:
        projects.submit_to(session, caller, body.project)
        return datasets.register(session, row)


def _allowed(settings: Settings, path: str) -> Path:
    """The folder, with links resolved. Raises Refused unless the operator allows it."""
    if not settings.dataset_folders:
        raise Refused(
            "path", "This service accepts archives only. Its operator can allow folders with RESLAB_DATASET_FOLDERS."
        )
    folder = Path(path).resolve()
    if not any(folder.is_relative_to(allowed.resolve()) for allowed in settings.dataset_folders):
        names = ", ".join(map(str, settings.dataset_folders))
        raise Refused("path", f"path must be inside one of these folders: {names}.")
    if not folder.is_dir():
        raise Refused("path", f"{folder} is not a folder.")
    return folder


def _register_archive(service: Service, body: Upload, caller: Caller) -> tuple[models.Dataset, bool]:
    """Unpacks and checks the archive first, so that a refused one never reaches the object store."""
    with tempfile.TemporaryDirectory(prefix="upload-", dir=service.objects.aside) as name:
        folder = Path(name)
        packed = folder / "archive"
        sha256, size_bytes = _write(body, packed)
        contents = _inspect(service, "archive", Inspection(body.fields.name, packed, folder, has_sheet=True))
        row = _row(body.fields, contents, caller.owner)
        # A new key for each upload: deleting it never deletes another data set's file.
        row.key, row.sha256, row.size_bytes = f"datasets/{new_id()}", sha256, size_bytes
        key, is_new = row.key, False
        try:
            service.objects.put(key, packed, sha256)
            if row.annotation is None:
                sheets.put(service.objects, key, folder / SHEET_FILE)
            with service.database.transaction() as session:
                projects.submit_to(session, caller, body.fields.project)
                row, is_new = datasets.register(session, row)
        finally:
            if not is_new:
                service.objects.delete([key, key + SHEET])
    return row, is_new


def _write(body: Upload, packed: Path) -> tuple[str, int]:
    """Writes the upload to a file; returns its SHA-256 and size."""
    digest = hashlib.sha256()
    with packed.open("wb") as file:
        while part := body.archive.file.read(PART_BYTES):
            digest.update(part)
            file.write(part)
        return digest.hexdigest(), file.tell()


def _inspect(service: Service, field: str, inspection: Inspection) -> Contents:
    """What the data set contains. Raises Refused, naming the field that it came in."""
    settings = service.settings
    most_bytes = MOST_UNPACKED * settings.upload_limit_bytes
    try:
        return inspect(replace(inspection, most_bytes=most_bytes, is_boxed=settings.box))
    except BadDataSet as error:
        raise Refused(field, str(error)) from error


def _row(fields: FolderCreate | ArchiveCreate, data: Contents, owner: str) -> models.Dataset:
    return models.Dataset(
        name=fields.name,
        project=fields.project,
        owner=owner,
        about=fields.about,
        manifest_hash=data.hash,
        classes=list(data.classes),
        train_images=data.train_images,
        test_images=data.test_images,
        size_bytes=data.size_bytes,
        annotation=data.annotation,
        samples=data.samples,
    )


def _built_in(data: DataSet | LabData, drawn: models.SampleSheet | None) -> Dataset:
    return Dataset(
        name=data.name,
        task="detection" if isinstance(data, LabData) else "classification",
        kind="built-in",
        about=data.about,
        classes=data.classes,
        class_names=drawn.classes if drawn else None,
        train_images=data.train_images,
        test_images=data.test_images,
        augment="paper" if isinstance(data, LabData) else data.augment,
        project=None,
        owner=None,
        manifest_hash=None,
        size_bytes=None,
        created_at=None,
        sheet=_sheet(data.classes) if drawn or data.name in sheets.BUNDLED else None,
    )


def _own(row: models.Dataset) -> Dataset:
    return Dataset(
        name=row.name,
        task="classification" if row.annotation is None else "detection",
        kind="archive" if row.key else "folder",
        about=row.about,
        classes=len(row.classes),
        class_names=row.classes,
        train_images=row.train_images,
        test_images=row.test_images,
        augment="paper",
        project=row.project,
        owner=row.owner,
        manifest_hash=row.manifest_hash,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        boxes=None if row.annotation is None else Boxes.model_validate(row.annotation),
        sheet=_sheet(len(row.classes)) if row.annotation is None else None,
    )


def _sheet(classes: int) -> Sheet:
    return Sheet(rows=sheet.rows(classes), columns=sheet.SAMPLES, tile_px=sheet.TILE)
