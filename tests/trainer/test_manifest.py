"""The layout of your own data sets."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.manifest import BadDataSet, scan

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """A folder with these files, each containing its own name."""

    def files(*names: str) -> Path:
        for name in names:
            path = tmp_path / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        return tmp_path / "set"

    return files


GOOD = ("train/cat/1.jpg", "train/cat/2.jpg", "train/dog/1.PNG", "test/cat/1.jpg", "test/dog/deep/er/1.jpg")


def test_classes_counts_and_labels_are_those_of_the_folders(lay: Lay) -> None:
    manifest = scan(lay(*GOOD))
    assert manifest.classes == ("cat", "dog")
    assert manifest.counts == {"train": {"cat": 2, "dog": 1}, "test": {"cat": 1, "dog": 1}}
    assert (manifest.train_images, manifest.test_images) == (3, 2)
    assert [image.path for image in manifest.images] == sorted(GOOD)
    assert {image.path: image.label for image in manifest.images}["test/dog/deep/er/1.jpg"] == 1
    assert manifest.size_bytes == sum(len(name) for name in GOOD)


def test_the_hash_is_of_paths_and_contents_and_not_of_their_location(lay: Lay, tmp_path: Path) -> None:
    folder = lay(*GOOD)
    first = scan(folder).hash
    enclosing = tmp_path / "outer"
    enclosing.mkdir()
    folder.rename(enclosing / "inner")
    assert scan(enclosing).hash == first
    (enclosing / "inner/train/cat/1.jpg").write_text("altered")
    assert scan(enclosing).hash != first


def test_stray_files_change_nothing_and_other_files_are_counted(lay: Lay) -> None:
    first = scan(lay(*GOOD))
    strays = (".DS_Store", "train/.DS_Store", "train/cat/._1.jpg", "train/dog/Thumbs.db", "__MACOSX/train/x/1.jpg")
    again = scan(lay(*strays, "README.txt", "train/cat/notes.txt"))
    assert again.hash == first.hash
    assert again.ignored == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (("cat/1.jpg",), "has no train/ folder"),
        (("train/cat/1.jpg", "train/dog/1.jpg"), "has no test/ folder"),
        (("train/a.txt", "test/cat/1.jpg"), "train/ has no class folders"),
        (("train/1.jpg", "test/cat/1.jpg"), "train/1.jpg is not in a class folder"),
        (("train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg"), "Class 'dog' is missing in test/"),
        (("train/cat/1.jpg", "test/cat/1.jpg", "test/emu/1.jpg"), "Class 'emu' is in test/ but not in train/"),
        (("train/cat/1.jpg", "test/cat/1.jpg"), r"only one class \('cat'\)"),
        ((*GOOD, "train/emu/a.txt", "test/emu/1.jpg"), "Class 'emu' has no images in train/"),
        (("train/cat/a.txt", "train/dog/a.txt", "test/cat/a.txt", "test/dog/a.txt"), "has no images"),
    ],
)
def test_another_layout_is_refused_with_a_message(files: tuple[str, ...], words: str, lay: Lay) -> None:
    with pytest.raises(BadDataSet, match=words):
        scan(lay(*files))


@pytest.mark.parametrize("path", ["train/cat/link.jpg", "train/emu", "test/dog/deep/link"])
def test_links_are_refused(path: str, lay: Lay) -> None:
    folder = lay(*GOOD)
    (folder / path).symlink_to("/etc")
    with pytest.raises(BadDataSet, match=f"{path} is a link"):
        scan(folder)


def test_a_name_that_is_not_text_is_refused(lay: Lay) -> None:
    folder = lay(*GOOD)
    (folder / "train/cat" / os.fsdecode(b"\xff.jpg")).write_text("x")
    with pytest.raises(BadDataSet, match=r"udcff.jpg' is not a valid name"):
        scan(folder)


def test_a_file_is_not_a_folder(lay: Lay) -> None:
    with pytest.raises(BadDataSet, match="is not a folder"):
        scan(lay(*GOOD) / "train/cat/1.jpg")
