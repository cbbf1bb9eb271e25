"""What travels over HTTP about data sets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.http.schema import Request, Response
from store.db.text import ShortText, Text
from trainer.catalog import Augment
from trainer.spec import DATASET_PATTERN

DatasetName = Annotated[str, Field(pattern=DATASET_PATTERN, examples=["flowers"])]


class Dataset(Response):
    name: str
    kind: Literal["built-in", "archive", "folder"]
    about: str
    classes: int
    class_names: list[str] | None = Field(description="null for the built-in ones.")
    train_images: int
    test_images: int
    augment: Augment = Field(description="What a spec gets that does not say.")
    owner: str | None
    manifest_hash: str | None = Field(description="SHA-256 of the list of files and their contents.")
    size_bytes: int | None
    created_at: datetime | None


class Datasets(Response):
    items: list[Dataset]


class FolderCreate(Request):
    """A data set that lies in a folder which API and workers see alike, where the operator allows it."""

    name: DatasetName
    path: ShortText = Field(max_length=4096, description="Absolute, below one of the allowed folders.")
    about: Text = ""


class ArchiveCreate(Request):
    """The fields of an upload beside its file."""

    name: DatasetName
    about: Text = ""
