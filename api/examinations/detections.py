"""The test images of a detector's test: each with its detections, right or false, and its objects, found or missed."""

import base64
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.http.problems import responses
from api.http.schema import Request, Response
from api.service import Here, Service
from store import artifacts, datasets, examinations
from store.db import images
from store.db.errors import NotFound
from trainer.archive import BadDataSet
from trainer.detection.catalog import LAB_DATA
from trainer.inspection import pictures
from trainer.inspection.pictures import Picture

if TYPE_CHECKING:  # numpy, which an idle API does not need
    import numpy as np

Tensors: TypeAlias = "dict[str, np.ndarray[Any, Any]]"
router = APIRouter(prefix="/api/v1", tags=["examinations"])

SIDE: Final = 480  # of a picture's longer side, in pixels
LENGTH_BYTES: Final = 8
# The values of `outcomes` and `object_kinds` (trainer/detection/finished/).
OUTCOMES: Final = ("false", "right", "neither")
COUNTS: Final = 0
TYPES: Final = {"F32": "<f4", "I64": "<i8", "I32": "<i4", "I16": "<i2", "U8": "u1"}


class ImagesQuery(Request):
    """Which test images."""

    label: str | None = Field(default=None, max_length=200, description="Only images with objects or detections of it.")
    first: int = Field(default=0, ge=0, le=10_000_000, description="How many images to skip.")
    limit: int = Field(default=12, ge=1, le=24)


class Detection(Response):
    box: list[float] = Field(description="Left, top, right, bottom in pixels of the picture.")
    label: str
    score: float
    outcome: Literal["right", "false", "neither"] = Field(
        description="At IoU 0.5. neither: of a difficult object or in a crowd, so it doesn't count."
    )
    object: int | None = Field(description="The index of the image's object that it belongs to.")


class AnnotatedObject(Response):
    box: list[float]
    label: str
    counts: bool = Field(description="false for a difficult object and for a crowd.")


class TestImage(Response):
    path: str
    width: int
    height: int
    picture: str = Field(description="A JPEG as a `data:` address.")
    detections: list[Detection]
    objects: list[AnnotatedObject]


class TestImages(Response):
    total: int = Field(description="The images that match, on all pages.")
    items: list[TestImage]


@router.get("/examinations/{examination_id}/images", operation_id="list_test_images", responses=responses(404, 422))
def list_test_images(examination_id: UUID, query: Annotated[ImagesQuery, Query()], service: Here) -> TestImages:
    """Test images with the detections of a detector's test and the annotated objects."""
    with service.database.transaction() as session:
        row = examinations.get(session, examination_id).row
        file = artifacts.latest(session, examination_id, "detections")
        dataset = None if row.dataset in LAB_DATA else datasets.get(session, row.dataset)
    if file is None:
        raise NotFound(f"Examination {examination_id} has no detections yet.")
    tensors, metadata = _read(b"".join(service.objects.read(file.key)))
    names, listed = json.loads(metadata["classes"]), json.loads(metadata["images"])
    is_chosen = _filter(tensors, names, query.label)
    chosen = [number for number in range(len(listed)) if is_chosen(number)]
    root = service.settings.data.absolute() / row.dataset if dataset is None else _folder(service, dataset)
    page = chosen[query.first : query.first + query.limit]
    drawn = _pictures(root, [listed[at] for at in page], is_boxed=service.settings.box)
    items = [_image(picture, listed[at], tensors, names, at) for picture, at in zip(drawn, page, strict=True)]
    return TestImages(total=len(chosen), items=items)


def _folder(service: Service, dataset: Any) -> Path:
    """Raises NotFound if the images aren't what was registered."""
    from trainer.data.annotated.library import root_of

    try:
        return root_of(images.folder(service.objects, service.settings.data, dataset, is_boxed=service.settings.box))
    except BadDataSet as error:
        raise NotFound(str(error)) from error


def _read(content: bytes) -> tuple[Tensors, dict[str, str]]:
    """A safetensors file: the header's length, the header as JSON, the numbers."""
    import numpy as np

    (length,) = struct.unpack("<Q", content[:LENGTH_BYTES])
    header = json.loads(content[LENGTH_BYTES : LENGTH_BYTES + length])
    metadata: dict[str, str] = header.pop("__metadata__")
    start = LENGTH_BYTES + length
    tensors = {}
    for name, each in header.items():
        first, end = each["data_offsets"]
        numbers = np.frombuffer(content[start + first : start + end], TYPES[each["dtype"]])
        tensors[name] = numbers.reshape(each["shape"])
    return tensors, metadata


def _filter(tensors: Tensors, names: list[str], label: str | None) -> Callable[[int], bool]:
    """Whether an image has objects or detections of a class; with None, every image is chosen."""
    if label is None:
        return lambda _: True
    code = names.index(label) + 1 if label in names else 0
    starts = tensors["first_detection"], tensors["first_object"]
    labels = tensors["labels"], tensors["object_labels"]
    return lambda number: any(
        bool((own[_rows(start, number)] == code).any()) for start, own in zip(starts, labels, strict=True)
    )


def _rows(starts: "np.ndarray[Any, Any]", number: int) -> slice:
    return slice(int(starts[number]), int(starts[number + 1]))


def _image(picture: str, listed: list[Any], tensors: Tensors, names: list[str], number: int) -> TestImage:
    path, width, height = listed
    scale = min(SIDE / max(width, height), 1.0)
    size = _size(width, height)
    own, objects = _rows(tensors["first_detection"], number), _rows(tensors["first_object"], number)
    detections = zip(
        *(tensors[name][own].tolist() for name in ("boxes", "labels", "scores", "outcomes", "objects")), strict=True
    )
    annotated = zip(
        *(tensors[name][objects].tolist() for name in ("object_boxes", "object_labels", "object_kinds")), strict=True
    )
    return TestImage(
        path=path,
        width=size[0],
        height=size[1],
        picture=picture,
        detections=[
            Detection(
                box=_scaled(box, scale),
                label=names[label - 1],
                score=round(score, 4),
                outcome=OUTCOMES[outcome],
                object=None if row < 0 else row - objects.start,
            )
            for box, label, score, outcome, row in detections
        ],
        objects=[
            AnnotatedObject(box=_scaled(box, scale), label=names[label - 1], counts=kind == COUNTS)
            for box, label, kind in annotated
        ],
    )


def _scaled(box: list[float], scale: float) -> list[float]:
    return [round(side * scale, 1) for side in box]


def _pictures(root: Path, listed: list[list[Any]], *, is_boxed: bool) -> list[str]:
    """The pictures of these images, each as a `data:` address. Raises NotFound if one can't be decoded."""
    try:
        drawn = pictures.draw(
            root, [Picture(path, *_size(width, height)) for path, width, height in listed], is_boxed=is_boxed
        )
    except BadDataSet as error:
        raise NotFound(str(error)) from error
    return [f"data:image/jpeg;base64,{base64.b64encode(content).decode()}" for content in drawn]


def _size(width: int, height: int) -> tuple[int, int]:
    scale = min(SIDE / max(width, height), 1.0)
    return max(round(width * scale), 1), max(round(height * scale), 1)
