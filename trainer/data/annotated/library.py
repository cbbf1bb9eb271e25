"""Owns the lookup of an annotated data set: a folder or an archive, in VOC's or COCO's layout. Loads no torch."""

from pathlib import Path

from trainer.data.annotated import coco, voc
from trainer.data.annotated.files import Files
from trainer.data.annotated.splits import AnnotatedSplits
from trainer.files.hashes import Hashes
from trainer.manifest import BadDataSet, is_stray

LAYOUTS = (
    "VOC's layout has JPEGImages/, Annotations/ and ImageSets/Main/; COCO's has annotations/instances_train….json and "
    "annotations/instances_val….json with their folders of images"
)


def is_annotated(folder: Path) -> bool:
    """Whether a folder has VOC's or COCO's layout."""
    root = root_of(folder)
    return bool(voc.years(root) or coco.lists(root))


def read(folder: Path, data_folder: Path, *, validation: bool) -> AnnotatedSplits:
    """The data set in `folder`. File hashes are remembered in the data folder.

    Raises BadDataSet if the layout is neither VOC's nor COCO's, or if a file cannot be used.
    """
    if not folder.is_dir():
        raise BadDataSet(f"{folder} is not a folder.")
    root = root_of(folder)
    files = Files(root, Hashes(root, data_folder / "hashes"))
    if voc.years(root):
        return voc.read(root, files, validation=validation)
    if coco.lists(root):
        if validation:
            raise BadDataSet("COCO's val split is the test set (Table 8), so it can't be the validation set.")
        return coco.read(root, files)
    raise BadDataSet(f"{folder.name} is not an annotated data set: {LAYOUTS}.")


def root_of(folder: Path) -> Path:
    """The folder, or the only folder in it, as in an archive."""
    if voc.years(folder) or coco.lists(folder):
        return folder
    inside = [path for path in folder.iterdir() if path.is_dir() and not is_stray(path.name)]
    return inside[0] if len(inside) == 1 else folder
