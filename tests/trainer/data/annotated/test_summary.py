"""What is said of an annotated data set."""

from pathlib import Path

from tests.trainer.data.annotated.layouts import voc
from trainer.data.library import annotated_summary


def test_images_boxes_and_sizes_are_counted(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    summary = annotated_summary("pets", tmp_path / "data", tmp_path / "set")
    assert summary is not None
    assert (summary["train_images"], summary["test_images"]) == (2, 1)
    assert summary["train_boxes"] == {"cat": 2, "dog": 1}
    assert summary["test_boxes"] == {"cat": 1, "dog": 1}
    assert summary["median_side"] == {"cat": 20.0, "dog": 19.9}
    assert summary["largest_image"] == (48, 40)


def test_another_layout_has_no_such_summary(tmp_path: Path) -> None:
    (tmp_path / "set/train/cat").mkdir(parents=True)
    assert annotated_summary("pets", tmp_path / "data", tmp_path / "set") is None
