"""Reading COCO's layout: gaps in ids, crowds, and what is refused in a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.data.annotated.layouts import coco
from trainer.data.annotated import coco as reader
from trainer.data.annotated.library import read
from trainer.data.annotated.splits import AnnotatedSplits
from trainer.manifest import BadDataSet

BOX = {"id": 1, "image_id": 10, "category_id": 3, "bbox": [4, 5, 20, 20], "iscrowd": 0}


def read_here(folder: Path, *, validation: bool = False) -> AnnotatedSplits:
    return read(folder, folder.parent / "cache", validation=validation)


def test_train_is_trained_on_and_val_is_tested_with(tmp_path: Path) -> None:
    coco(tmp_path / "set")
    data = read_here(tmp_path / "set")
    assert [image.path for image in (*data.train, *data.test)] == ["train2017/10.jpg", "val2017/20.jpg"]
    assert data.val == ()
    with pytest.raises(BadDataSet, match="val split is the test set"):
        read_here(tmp_path / "set", validation=True)


def test_categories_are_numbered_in_the_order_of_their_ids_without_the_gaps(tmp_path: Path) -> None:
    coco(tmp_path / "set")
    data = read_here(tmp_path / "set")
    assert data.classes == ("cat", "dog")
    np.testing.assert_array_equal(data.train[0].objects.boxes, [[4, 5, 24, 25], [25, 5, 45.5, 25]])
    assert data.train[0].objects.labels.tolist() == [1, 2]


def test_a_crowd_is_read_and_not_trained_on(tmp_path: Path) -> None:
    coco(tmp_path / "set")
    objects = read_here(tmp_path / "set").train[0].objects
    assert objects.crowd.tolist() == [False, True]
    assert objects.to_train_on.tolist() == [True, False]


def test_images_may_be_in_a_folder_of_that_name(tmp_path: Path) -> None:
    coco(tmp_path / "set")
    (tmp_path / "set/images").mkdir()
    for split in ("train2017", "val2017"):
        (tmp_path / "set" / split).rename(tmp_path / "set/images" / split)
    assert read_here(tmp_path / "set").train[0].path == "images/train2017/10.jpg"


def test_a_broken_box_is_skipped_and_counted(tmp_path: Path) -> None:
    coco(tmp_path / "set", annotations=[BOX, BOX | {"bbox": [4, 5, 0, 20]}])
    data = read_here(tmp_path / "set")
    assert len(data.train[0].objects) == 1
    assert "1 box is empty and was skipped: cat in train2017/10.jpg, from (4, 5) to (4, 25)." in data.warnings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": [BOX | {"bbox": [1, 2, 3]}]}, r"annotations\.0\.bbox"),
        ({"annotations": [BOX | {"bbox": ["wide", 2, 3, 4]}]}, r"annotations\.0\.bbox\.0"),
        ({"annotations": [BOX | {"category_id": 5}]}, "a box of category 5, which it doesn't list"),
        ({"annotations": [BOX | {"image_id": 11}]}, "a box of image 11, which it doesn't list"),
        ({"annotations": [BOX | {"iscrowd": 1}]}, "no boxes to learn from"),
        ({"images": [], "annotations": []}, "lists no images"),
        ({"images": [{"id": 10, "file_name": "../10.jpg"}]}, "Only a file name without a folder"),
        ({"images": [{"id": 10, "file_name": "11.jpg"}]}, r"train2017/11\.jpg is missing"),
        ({"categories": []}, "has no categories"),
        ({"categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "cat"}]}, "two with one id or name"),
        ({"categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "cow"}]}, "list different categories"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    coco(tmp_path / "set", **changes)
    with pytest.raises(BadDataSet, match=message):
        read_here(tmp_path / "set")


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    coco(tmp_path / "set").write_text("not json")
    with pytest.raises(BadDataSet, match=r"annotations/instances_train2017\.json is not in COCO's format"):
        read_here(tmp_path / "set")


def test_more_boxes_than_are_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coco(tmp_path / "set", annotations=[BOX] * 3)
    monkeypatch.setattr(reader, "MOST_BOXES", 2)
    with pytest.raises(BadDataSet, match=r"instances_train2017\.json has 3 boxes; at most 2 are allowed\."):
        read_here(tmp_path / "set")


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coco(tmp_path / "set")
    monkeypatch.setattr(reader, "MOST_JSON_BYTES", 100)
    with pytest.raises(BadDataSet, match="at most 100 are allowed"):
        read_here(tmp_path / "set")


def test_a_split_without_annotations_is_named(tmp_path: Path) -> None:
    coco(tmp_path / "set")
    (tmp_path / "set/annotations/instances_val2017.json").unlink()
    with pytest.raises(BadDataSet, match=r"no file instances_val….json"):
        read_here(tmp_path / "set")
