"""The requests and responses about data sets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.http.schema import Request, Response
from store.db.text import ShortText, Text
from trainer.catalog import Augment
from trainer.detection.spec import DATASET_PATTERN
from trainer.tasks import Task

DatasetName = Annotated[str, Field(pattern=DATASET_PATTERN, examples=["flowers"])]


class Boxes(Response):
    """What is known of a data set with boxes. Counts are by class; sides are the root of a box's area, in pixels."""

    train_boxes: dict[str, int]
    test_boxes: dict[str, int]
    median_side: dict[str, float | None]
    largest_image: list[int] = Field(description="Width and height.")
    warnings: list[str] = Field(description="What was skipped, and which classes can't be learned or tested.")


class Sheet(Response):
    """The layout of `GET /datasets/{name}/sheet`: a row of small images for each of the first classes."""

    rows: int
    columns: int = Field(description="The most images in a row; a row may have fewer.")
    tile_px: int = Field(description="Width and height of each image.")


class Dataset(Response):
    name: str
    task: Task = Field(description="What can be trained on it: with boxes detection, otherwise classification.")
    kind: Literal["built-in", "archive", "folder"]
    about: str
    classes: int
    class_names: list[str] | None = Field(description="null for a built-in data set before its first run.")
    train_images: int
    test_images: int
    augment: Augment = Field(description="The default augmentation of a spec.")
    project: str | None = Field(description="null for a built-in data set, which everybody sees.")
    owner: str | None
    manifest_hash: str | None = Field(description="SHA-256 of the list of files and their contents.")
    size_bytes: int | None
    created_at: datetime | None
    boxes: Boxes | None = Field(default=None, description="For a data set with boxes that was registered here.")
    sheet: Sheet | None = Field(
        description="null for a data set with boxes, and for a built-in one before its first run."
    )


class Datasets(Response):
    items: list[Dataset]


class FolderCreate(Request):
    """A data set in a folder that the API and all workers can read and the operator allows."""

    name: DatasetName
    path: ShortText = Field(max_length=4096, description="An absolute path inside one of the allowed folders.")
    about: Text = ""
    project: ShortText = Field(default="default", description="Who may see the data set is decided there.")


class ArchiveCreate(Request):
    """The fields of an upload besides its file."""

    name: DatasetName
    about: Text = ""
    project: ShortText = Field(default="default", description="Who may see the data set is decided there.")
