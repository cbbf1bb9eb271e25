"""Reading PASCAL VOC's layout: splits, boxes, and what is refused or skipped, in a sentence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trainer.data.annotated.layouts import Voc, annotation, voc
from trainer.data.annotated.library import read
from trainer.data.annotated.splits import AnnotatedImage, AnnotatedSplits
from trainer.manifest import BadDataSet

BOMB = """<!DOCTYPE annotation [
<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
]>
"""
FILE = '<!DOCTYPE annotation [<!ENTITY file SYSTEM "file:///etc/passwd">]>\n'


def read_here(folder: Path, *, validation: bool = False) -> AnnotatedSplits:
    return read(folder, folder.parent / "cache", validation=validation)


def names(images: tuple[AnnotatedImage, ...]) -> list[str]:
    return [Path(image.path).stem for image in images]


def test_trainval_is_trained_on_and_test_is_tested_with(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    data = read_here(tmp_path / "set")
    assert data.classes == ("cat", "dog")
    assert (names(data.train), names(data.val), names(data.test)) == (["a", "bb"], [], ["ccc"])
    assert (data.train[0].width, data.train[0].height) == (48, 40)
    assert data.warnings == ()


def test_boxes_are_counted_from_0_and_end_after_their_last_pixel(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    objects = read_here(tmp_path / "set").train[1].objects
    np.testing.assert_array_equal(objects.boxes, [[10, 10, 30, 36], [30, 2, 44, 18]])
    assert objects.labels.tolist() == [2, 1]


def test_a_box_counted_from_0_does_not_wrap_around(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    made.add("zero", split="trainval", xml=annotation(("cat", -1, -1, 20, 20)))
    np.testing.assert_array_equal(read_here(tmp_path / "set").train[-1].objects.boxes, [[0, 0, 20, 20]])


def test_validation_keeps_val_apart(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    data = read_here(tmp_path / "set", validation=True)
    assert (names(data.train), names(data.val), names(data.test)) == (["a"], ["bb"], ["ccc"])


def test_without_a_test_list_val_is_the_test_set_and_is_not_trained_on(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    (tmp_path / "set/ImageSets/Main/test.txt").unlink()
    data = read_here(tmp_path / "set")
    assert (names(data.train), names(data.test)) == (["a"], ["bb"])
    with pytest.raises(BadDataSet, match=r"has no list test\.txt"):
        read_here(tmp_path / "set", validation=True)


def test_two_years_are_trained_on_and_one_is_tested_with(tmp_path: Path) -> None:
    voc(tmp_path / "VOCdevkit" / "VOC2007")
    later = Voc(tmp_path / "VOCdevkit" / "VOC2012")
    later.add("d", ("dog", 4, 4, 20, 20), split="trainval")
    data = read_here(tmp_path / "VOCdevkit")
    assert [image.path for image in data.train] == [
        "VOC2007/JPEGImages/a.jpg",
        "VOC2007/JPEGImages/bb.jpg",
        "VOC2012/JPEGImages/d.jpg",
    ]
    assert names(data.test) == ["ccc"]


def test_difficult_objects_are_read_and_not_trained_on(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    boxes = ("cat", 0, 0, 9, 9), ("cat", 9, 9, 30, 30)
    made.add("hard", *boxes, split="trainval", xml=annotation(*boxes, difficult=(True, False)))
    objects = read_here(tmp_path / "set").train[-1].objects
    assert objects.difficult.tolist() == [True, False]
    assert objects.to_train_on.tolist() == [False, True]


def test_broken_boxes_are_skipped_and_counted(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    broken = ("cat", 9, 9, 9, 30), ("cat", 9, 30, 20, 9), ("cat", 60, 0, 90, 10), ("cat", 1, 1, 60, 60)
    made.add("odd", split="trainval", xml=annotation(*broken))
    data = read_here(tmp_path / "set")
    # What sticks out is cut at the edge.
    np.testing.assert_array_equal(data.train[-1].objects.boxes, [[1, 1, 48, 40]])
    assert data.warnings == (
        "2 boxes were skipped, each of which is empty; the first is cat in Annotations/odd.xml, from (10, 10) to (9, 30).",  # noqa: E501
        "1 box lies outside its image and was skipped: cat in Annotations/odd.xml, from (60, 0) to (90, 10).",
    )


def test_images_without_objects_are_left_out_of_training_and_said_so(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    made.add("empty", split="trainval")
    data = read_here(tmp_path / "set")
    assert names(data.train) == ["a", "bb"]
    assert data.warnings == ("1 image is left out of training: without an object there is nothing to learn from.",)


def test_a_class_that_only_one_split_has_is_named(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    made.add("bird", ("bird", 4, 4, 20, 20), split="test")
    made.add("cow", ("cow", 4, 4, 20, 20), split="trainval")
    assert read_here(tmp_path / "set").warnings == (
        "Class 'bird' has boxes in the test set only, so it can't be learned and counts as an AP of 0.",
        "Class 'cow' has boxes in the training set only, so it has no AP.",
    )


@pytest.mark.parametrize("head", [BOMB, FILE])
def test_xml_that_could_define_entities_is_refused(tmp_path: Path, head: str) -> None:
    made = voc(tmp_path / "set")
    made.add("bad", split="trainval", xml=annotation(("cat", 1, 1, 9, 9), head=head))
    with pytest.raises(BadDataSet, match=r"Annotations/bad\.xml cannot be used: it has a document type"):
        read_here(tmp_path / "set")


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("", r"Annotations/bad\.xml is not valid XML: no element found"),
        ("<annotation>", r"Annotations/bad\.xml is not valid XML"),
        ("<annotation><object/></annotation>", r"Annotations/bad\.xml has an object without a valid name"),
        (
            annotation(("cat", 1, 1, 9, 9)).replace("<xmax>9", "<xmax>wide"),
            "whose xmax is 'wide', which isn't a number",
        ),
        (annotation(("cat", 1, 1, 9, 9)).replace("bndbox", "polygon"), "whose xmin is None, which isn't a number"),
        (annotation(*[("cat", 1, 1, 9, 9)] * 10_001), "has 10,001 boxes; at most 10,000 are allowed"),
        (" " * (4 << 20) + annotation(), "bytes; at most 4,194,304 are allowed"),
    ],
)
def test_a_bad_annotation_is_refused_by_name(tmp_path: Path, xml: str, message: str) -> None:
    voc(tmp_path / "set").add("bad", split="trainval", xml=xml)
    with pytest.raises(BadDataSet, match=message):
        read_here(tmp_path / "set")


def test_a_missing_or_unfit_file_is_refused_by_name(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    path = made.add("bad", ("cat", 1, 1, 9, 9), split="trainval")
    path.rename(tmp_path / "elsewhere.xml")
    with pytest.raises(BadDataSet, match=r"Annotations/bad\.xml is missing"):
        read_here(tmp_path / "set")
    path.symlink_to(tmp_path / "elsewhere.xml")
    with pytest.raises(BadDataSet, match=r"Annotations/bad\.xml is a link"):
        read_here(tmp_path / "set")
    picture = tmp_path / "set/JPEGImages/bad.jpg"
    picture.write_bytes(b"not a picture")
    with pytest.raises(BadDataSet, match=r"JPEGImages/bad\.jpg is not an image"):
        read_here(tmp_path / "set")
    picture.unlink()
    with pytest.raises(BadDataSet, match="JPEGImages has no image bad"):
        read_here(tmp_path / "set")


def test_an_image_of_100_megapixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "set/JPEGImages/a.png")
    (tmp_path / "set/JPEGImages/a.jpg").unlink()
    with pytest.raises(BadDataSet, match=r"JPEGImages/a\.png is too large"):
        read_here(tmp_path / "set")


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", ".."])
def test_a_list_names_only_files_of_the_data_set(tmp_path: Path, name: str) -> None:
    voc(tmp_path / "set")
    (tmp_path / "set/ImageSets/Main/trainval.txt").write_text(f"a\n{name}\n")
    with pytest.raises(BadDataSet, match="Only a file name without a folder is allowed"):
        read_here(tmp_path / "set")


def test_an_image_in_both_sets_is_refused(tmp_path: Path) -> None:
    voc(tmp_path / "set")
    (tmp_path / "set/ImageSets/Main/test.txt").write_text("a\nccc\n")
    with pytest.raises(BadDataSet, match=r"JPEGImages/a\.jpg is in the training set and in the test set"):
        read_here(tmp_path / "set")


def test_another_box_list_or_picture_is_another_data_set(tmp_path: Path) -> None:
    made = voc(tmp_path / "set")
    first = read_here(tmp_path / "set").hash
    assert read_here(tmp_path / "set").hash == first
    made.add("d", ("dog", 4, 4, 20, 20), split="trainval")
    second = read_here(tmp_path / "set").hash
    path = tmp_path / "set/Annotations/d.xml"
    path.write_text(path.read_text().replace("<xmax>20", "<xmax>21"))
    assert len({first, second, read_here(tmp_path / "set").hash}) == 3


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set/train/cat").mkdir(parents=True)
    with pytest.raises(BadDataSet, match=r"set is not an annotated data set: VOC's layout has JPEGImages/"):
        read_here(tmp_path / "set")
