"""Your own images: decoded, resized, stored; refused by name if they cannot be used."""

import io
import re
from pathlib import Path

import pytest
import torch
from PIL import Image

from trainer.data import own
from trainer.manifest import BadDataSet, scan


def png(colour: int | tuple[int, ...] = (1, 2, 3), size: tuple[int, int] = (32, 32), mode: str = "RGB") -> bytes:
    content = io.BytesIO()
    Image.new(mode, size, colour).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes, two training images and one test image each."""
    for split, count in (("train", 2), ("test", 1)):
        for value, name in enumerate(("cat", "dog")):
            class_folder = tmp_path / "mine" / split / name
            class_folder.mkdir(parents=True)
            for number in range(count):
                (class_folder / f"{number}.png").write_bytes(png((10 * value + number, 20, 30)))
    return tmp_path / "mine"


def test_pixels_and_labels_are_those_of_the_files(folder: Path, tmp_path: Path) -> None:
    decoded = own.load(folder, tmp_path / "data")
    assert decoded.classes == ("cat", "dog")
    assert decoded.train.labels.tolist() == [0, 0, 1, 1]
    assert decoded.train.pixels[:, 0, 5, 5].tolist() == [0, 1, 10, 11]
    assert decoded.train.pixels[0, :, 0, 0].tolist() == [0, 20, 30]
    assert decoded.warnings == ()


def test_decoded_images_are_stored_by_manifest_hash(folder: Path, tmp_path: Path) -> None:
    first = own.load(folder, tmp_path / "data")
    cache = tmp_path / "data/decoded" / f"{scan(folder).hash}.safetensors"
    assert cache.is_file()
    again = own.load(folder, tmp_path / "data")
    assert torch.equal(first.train.pixels, again.train.pixels)
    cache.write_bytes(cache.read_bytes()[:-1])
    assert torch.equal(first.train.pixels, own.load(folder, tmp_path / "data").train.pixels)


def test_other_sizes_are_resized_with_a_warning(folder: Path, tmp_path: Path) -> None:
    (folder / "train/cat/0.png").write_bytes(png((7, 7, 7), size=(50, 20)))
    decoded = own.load(folder, tmp_path / "data")
    assert (decoded.train.pixels[0] == 7).all()
    assert "1 image was resized to 32×32" in decoded.warnings[0]
    assert "train/cat/0.png, 50×20" in decoded.warnings[0]
    assert own.load(folder, tmp_path / "data").warnings == decoded.warnings


def test_grey_images_fill_three_channels(folder: Path, tmp_path: Path) -> None:
    (folder / "train/cat/0.png").write_bytes(png(77, mode="L"))
    assert own.load(folder, tmp_path / "data").train.pixels[0, :, 0, 0].tolist() == [77, 77, 77]


def _animated() -> bytes:
    content = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), (shade, 0, 0)) for shade in (0, 250)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    return content.getvalue()


def _cmyk() -> bytes:
    content = io.BytesIO()
    Image.new("CMYK", (32, 32)).save(content, "JPEG")
    return content.getvalue()


UNFIT = {
    "text": (b"this is not an image", "is not an image in a supported format"),
    "empty": (b"", "is not an image in a supported format"),
    "truncated": (png((1, 2, 3), size=(300, 300))[:120], "cannot be decoded"),
    "animated": (_animated(), "is animated"),
    "cmyk": (_cmyk(), "is a CMYK image"),
    "16-bit": (png(1000, mode="I;16"), "is a I;16 image"),
    # 157 bytes that would have been resized to 256 × 5,120,000 pixels.
    "elongated": (png(0, size=(1, 20_000), mode="1"), "1 × 20,000 pixels"),
    "100 megapixels": (png(0, size=(10_000, 10_000), mode="1"), "is too large"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_an_unfit_image_is_refused_by_name(kind: str, folder: Path, tmp_path: Path) -> None:
    content, words = UNFIT[kind]
    (folder / "test/dog/0.png").write_bytes(content)
    with pytest.raises(BadDataSet, match=f"test/dog/0.png .*{re.escape(words.removeprefix('is '))}"):
        own.load(folder, tmp_path / "data")


def test_an_archive_is_unpacked_once_and_read(folder: Path, tmp_path: Path) -> None:
    import shutil

    archive = Path(shutil.make_archive(str(tmp_path / "mine-archive"), "zip", tmp_path, "mine"))
    decoded = own.load(archive, tmp_path / "data")
    assert torch.equal(decoded.train.pixels, own.load(folder, tmp_path / "elsewhere").train.pixels)
    unpacked = list((tmp_path / "data/unpacked").iterdir())
    assert len(unpacked) == 1
    assert torch.equal(own.load(archive, tmp_path / "data").train.pixels, decoded.train.pixels)


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataSet, match="does not exist"):
        own.load(tmp_path / "nowhere", tmp_path / "data")
