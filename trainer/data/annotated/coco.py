"""Reads COCO's layout: annotations/instances_SPLIT.json beside the folder SPLIT of images. Loads no torch."""

from collections import defaultdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from trainer.data.annotated.checks import MOST_BOXES, RawBox, Remarks, checked
from trainer.data.annotated.files import Files, plain_name
from trainer.data.annotated.splits import (
    AnnotatedImage,
    AnnotatedSplits,
    refuse_shared_images,
    split_warnings,
    trainable,
)
from trainer.manifest import BadDataSet

# instances_train2014.json, with its polygons, has 333 MB.
MOST_JSON_BYTES = 1 << 30
PREFIX = "instances_"


class _Part(BaseModel):
    """Fields that aren't listed, such as `segmentation` and `license`, are ignored."""

    model_config = ConfigDict(frozen=True)


class _Image(_Part):
    id: int
    file_name: str


class _Annotation(_Part):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]  # left, top, width, height
    iscrowd: int = 0


class _Category(_Part):
    id: int
    name: str = Field(min_length=1, max_length=200)


class _Instances(_Part):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


_INSTANCES = TypeAdapter(_Instances)


def lists(root: Path) -> dict[str, Path]:
    """The annotation files of the splits "train" and "val". Empty if this is another layout."""
    folder = root / "annotations"
    paths = sorted(folder.glob(f"{PREFIX}*.json")) if folder.is_dir() else []
    return {split: path for split in ("train", "val") for path in paths if _split(path).startswith(split)}


def read(root: Path, files: Files) -> AnnotatedSplits:
    """The data set in `root`: trained on its `train` split, tested with `val`, as in Table 8.

    Raises BadDataSet, naming the file.
    """
    paths = lists(root)
    if missing := [split for split in ("train", "val") if split not in paths]:
        raise BadDataSet(f"annotations/ has no file {PREFIX}{missing[0]}….json.")
    train, test = (_Reader(root, paths[split], files) for split in ("train", "val"))
    if train.names != test.names:
        raise BadDataSet(f"{paths['train'].name} and {paths['val'].name} list different categories.")
    remarks = Remarks()
    trained, tested = train.images(remarks), test.images(remarks)
    refuse_shared_images(trained, tested)
    classes = tuple(train.names.values())
    warnings = (*remarks.sentences(), *split_warnings(classes, trained, tested))
    return AnnotatedSplits(root, classes, trainable(trained), (), tested, files.hash(), warnings)


class _Reader:
    """One annotation file. Categories are numbered in the order of their ids, which have gaps: 80 classes, 1 to 90."""

    def __init__(self, root: Path, path: Path, files: Files) -> None:
        self._root = root
        self._path = path
        self._files = files
        try:
            self._instances = _INSTANCES.validate_json(files.open(path, MOST_JSON_BYTES))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise BadDataSet(f"annotations/{path.name} is not in COCO's format: {where}: {first['msg']}.") from error
        if (count := len(self._instances.annotations)) > MOST_BOXES:
            raise BadDataSet(f"annotations/{path.name} has {count:,} boxes; at most {MOST_BOXES:,} are allowed.")
        categories = sorted(self._instances.categories, key=lambda category: category.id)
        self.names = {category.id: category.name for category in categories}
        if not categories or len(set(self.names.values())) != len(categories):
            raise BadDataSet(f"annotations/{path.name} has no categories, or two with one id or name.")

    def images(self, remarks: Remarks) -> tuple[AnnotatedImage, ...]:
        """The images with their boxes, in the order of the file."""
        boxes = self._boxes()
        labels = {name: label for label, name in enumerate(self.names.values(), 1)}
        images = []
        for image in self._instances.images:
            name, size = self._files.image(self._picture(plain_name(image.file_name, self._path.name)))
            objects = checked(boxes.pop(image.id, []), size, name, labels, remarks)
            images.append(AnnotatedImage(name, *size, objects))
        if boxes:
            unlisted = f"image {next(iter(boxes))}, which it doesn't list"
            raise BadDataSet(f"annotations/{self._path.name} has a box of {unlisted}.")
        if not images:
            raise BadDataSet(f"annotations/{self._path.name} lists no images.")
        return tuple(images)

    def _boxes(self) -> dict[int, list[RawBox]]:
        boxes = defaultdict(list)
        for annotation in self._instances.annotations:
            name = self.names.get(annotation.category_id)
            if name is None:
                unlisted = f"category {annotation.category_id}, which it doesn't list"
                raise BadDataSet(f"annotations/{self._path.name} has a box of {unlisted}.")
            left, top, width, height = annotation.bbox
            sides = (left, top, left + width, top + height)
            boxes[annotation.image_id].append(RawBox(name, sides, is_crowd=bool(annotation.iscrowd)))
        return boxes

    def _picture(self, name: str) -> Path:
        split = _split(self._path)
        folder = self._root / split
        return (folder if folder.is_dir() else self._root / "images" / split) / name


def _split(path: Path) -> str:
    """train2017 of annotations/instances_train2017.json: also the name of the folder with the images."""
    return path.stem.removeprefix(PREFIX)
