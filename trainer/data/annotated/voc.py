"""Reads PASCAL VOC's layout: JPEGImages, Annotations and ImageSets/Main, of one year or several. Loads no torch.

With several years (VOC2007 beside VOC2012), a run trains on all of them and is tested on those with a test list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from trainer.data.annotated.checks import RawBox, Remarks, checked
from trainer.data.annotated.files import Files, plain_name
from trainer.data.annotated.splits import (
    AnnotatedImage,
    AnnotatedSplits,
    refuse_shared_images,
    split_warnings,
    trainable,
)
from trainer.manifest import SUFFIXES, BadDataSet, is_stray

MOST_ANNOTATION_BYTES = 4 << 20
MOST_LIST_BYTES = 64 << 20
LISTS = Path("ImageSets", "Main")


@dataclass(frozen=True)
class _Raw:
    """An annotated image before the classes are known."""

    path: str
    size: tuple[int, int]
    source: str
    boxes: list[RawBox]


def years(root: Path) -> list[Path]:
    """The folders with ImageSets/Main: the root itself, or folders in it. Empty if this is another layout."""
    if (root / LISTS).is_dir():
        return [root]
    return sorted(path for path in root.iterdir() if (path / LISTS).is_dir() and not is_stray(path.name))


def read(root: Path, files: Files, *, validation: bool) -> AnnotatedSplits:
    """The data set in `root`; `validation` keeps the list `val` apart from the training images.

    Without a test list, `val` is the test set and `train` is trained on. Raises BadDataSet, naming the file.
    """
    folders = [_Year(folder, files) for folder in years(root)]
    tested = [year for year in folders if year.has("test")]
    if validation and not tested:
        raise BadDataSet(
            "The data set has no list test.txt, so val.txt is the test set: it can't be the validation set."
        )
    train = [raw for year in folders for raw in year.read(year.training_lists(whole=bool(tested) and not validation))]
    val = [raw for year in folders if validation for raw in year.read(("val",))]
    test = [raw for year in tested or folders for raw in year.read(("test",) if tested else ("val",))]
    classes = tuple(sorted({box.name for raw in (*train, *val, *test) for box in raw.boxes}))
    labels, remarks = {name: label for label, name in enumerate(classes, 1)}, Remarks()
    splits = [
        tuple(
            AnnotatedImage(raw.path, *raw.size, checked(raw.boxes, raw.size, raw.source, labels, remarks))
            for raw in part
        )
        for part in (train, val, test)
    ]
    refuse_shared_images(splits[0], (*splits[1], *splits[2]))
    warnings = (*remarks.sentences(), *split_warnings(classes, splits[0], splits[2]))
    return AnnotatedSplits(root, classes, trainable(splits[0]), splits[1], splits[2], files.hash(), warnings)


class _Year:
    """One folder with JPEGImages, Annotations and ImageSets."""

    def __init__(self, folder: Path, files: Files) -> None:
        self._folder = folder
        self._files = files
        pictures = folder / "JPEGImages"
        if not pictures.is_dir():
            raise BadDataSet(f"{folder.name} has ImageSets/Main but no folder JPEGImages.")
        self._pictures = {path.stem: path for path in pictures.iterdir() if path.suffix.lower() in SUFFIXES}

    def has(self, split: str) -> bool:
        return self._list(split).is_file()

    def training_lists(self, *, whole: bool) -> tuple[str, ...]:
        """The lists to train on: train and val together if the `whole` is meant, as in the paper's 07+12."""
        if not whole:
            return ("train",)
        return ("trainval",) if self.has("trainval") else ("train", "val")

    def read(self, splits: Sequence[str]) -> list[_Raw]:
        """The images of lists, each once. In VOC's lists of single classes a flag follows the name."""
        names: dict[str, None] = {}
        for split in splits:
            text = self._files.open(self._list(split), MOST_LIST_BYTES).decode(errors="replace")
            names |= dict.fromkeys(line.split()[0] for line in text.splitlines() if line.strip())
        if not names:
            raise BadDataSet(f"{self._list(splits[0]).name} lists no images.")
        return [self._image(plain_name(name, f"{splits[0]}.txt")) for name in names]

    def _list(self, split: str) -> Path:
        return self._folder / LISTS / f"{split}.txt"

    def _image(self, name: str) -> _Raw:
        picture = self._pictures.get(name)
        if picture is None:
            raise BadDataSet(f"JPEGImages has no image {name}, which is listed in ImageSets/Main.")
        source = f"Annotations/{name}.xml"
        path, size = self._files.image(picture)
        annotation = self._files.open(self._folder / source, MOST_ANNOTATION_BYTES)
        return _Raw(
            path, size, source, [_box(element, source) for element in _parse(annotation, source).iter("object")]
        )


class _NoDocumentType(TreeBuilder):
    """Refuses the only place where XML can define entities, which grow without bound or name other files."""

    def doctype(self, name: str, pubid: str, system: str) -> None:  # called before anything inside is read
        del name, pubid, system
        raise BadDataSet("it has a document type, which could define entities. Remove it")


def _parse(annotation: bytes, source: str) -> Element:
    parser = XMLParser(target=_NoDocumentType())  # noqa: S314 (a document type is refused, and the size is bounded)
    try:
        # Line by line, so that nothing after a refused document type is read.
        for line in annotation.splitlines(keepends=True):
            parser.feed(line)
        element: Element = parser.close()
    except BadDataSet as error:
        raise BadDataSet(f"{source} cannot be used: {error}.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadDataSet(f"{source} is not valid XML: {error}.") from error
    return element


def _box(element: Element, source: str) -> RawBox:
    name = (element.findtext("name") or "").strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise BadDataSet(f"{source} has an object without a valid name (1 to 200 printable characters).")
    left, top, right, bottom = (_number(element, f"bndbox/{side}", source) for side in ("xmin", "ymin", "xmax", "ymax"))
    if right <= left or bottom <= top:
        return RawBox(name, (left, top, right, bottom))
    # VOC counts pixels from 1 and includes the last one. Floating point: an unsigned 0 - 1 would become 65,535.
    return RawBox(
        name, (left - 1, top - 1, right, bottom), is_difficult=element.findtext("difficult", "0").strip() == "1"
    )


def _number(element: Element, path: str, source: str) -> float:
    text = element.findtext(path)
    try:
        return float(text or "")
    except ValueError as error:
        side = path.partition("/")[2]
        raise BadDataSet(f"{source} has an object whose {side} is {text!r}, which isn't a number.") from error
