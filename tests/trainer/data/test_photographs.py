"""Photographs against sec. 3.4, and against the promise that batches depend neither on processes nor on restarts."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from trainer.data import library, photographs, samples, sheet, statistics
from trainer.data.crops import Crops, choices
from trainer.data.decoding import CROP, View, centre, cut, resized
from trainer.data.loaders import Loaders
from trainer.data.photographs import PhotographData
from trainer.failure import Failure
from trainer.files import sealed
from trainer.manifest import BadDataSet, scan
from trainer.process.ranks import Ranks
from trainer.spec import RunSpec

CPU = torch.device("cpu")
Load = Callable[..., PhotographData]


def photo_spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    fields_of_18 = {"depth": 18, "shortcut": "A", "dataset": "pictures", "family": "imagenet", "batch_size": 10}
    return RunSpec.model_validate(fields_of_18 | {"iterations": 20} | fields)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def two_processes() -> Iterator[Loaders]:
    with closing(Loaders(2)) as loaders:
        yield loaders


@pytest.fixture
def load(photographs: Path, data_folder: Path) -> Load:
    def prepare(spec: RunSpec, loaders: Loaders | None = None) -> PhotographData:
        data = library.prepare(spec, data_folder, photographs, CPU, loaders or Loaders(0))
        assert isinstance(data, PhotographData)
        return data

    return prepare


def batches(spec: RunSpec, data: PhotographData, first: int, count: int) -> list[tuple[Tensor, Tensor]]:
    crops = Crops(spec, data)
    return [crops.at(iteration) for iteration in range(first, first + count)]


def same(batches_a: list[tuple[Tensor, Tensor]], batches_b: list[tuple[Tensor, Tensor]]) -> bool:
    pairs = zip(batches_a, batches_b, strict=True)
    return all(torch.equal(a, b) and torch.equal(x, y) for (a, x), (b, y) in pairs)


def test_the_number_of_loader_processes_changes_no_batch(load: Load, two_processes: Loaders) -> None:
    spec = photo_spec()
    here = batches(spec, load(spec), 1, 3)
    assert same(here, batches(spec, load(spec, two_processes), 1, 3))
    with closing(Loaders(1)) as single:
        assert same(here, batches(spec, load(spec, single), 1, 3))
    assert here[0][0].shape == (10, 3, CROP, CROP)
    assert here[0][0].dtype == torch.float32


def test_a_run_leaves_sample_images_of_each_class(load: Load, tmp_path: Path) -> None:
    data = load(photo_spec())
    assert samples.draw(data, tmp_path / "sheet.png").classes == list(data.classes)
    with Image.open(tmp_path / "sheet.png") as drawn:
        assert drawn.size == (sheet.SAMPLES * sheet.TILE, len(data.classes) * sheet.TILE)
        assert np.asarray(drawn)[32, 32, 3] == 255


def test_an_iteration_is_the_same_whatever_came_before_it(load: Load) -> None:
    spec = photo_spec()
    data = load(spec)
    assert same(batches(spec, data, 1, 4)[2:], batches(spec, data, 3, 2))


def test_devices_share_the_batch_that_a_single_device_sees(load: Load) -> None:
    spec = photo_spec()
    data = load(spec)
    inputs, labels = Crops(spec, data).at(2)
    shares = [Crops(spec, data, Ranks(rank, 2)).at(2) for rank in (0, 1)]
    assert torch.equal(inputs, torch.cat([share for share, _ in shares]))
    assert torch.equal(labels, torch.cat([share for _, share in shares]))


def test_another_seed_sees_other_crops() -> None:
    first, other = (choices(photo_spec(seed=seed), 1) for seed in (1, 2))
    assert not torch.equal(first.top, other.top)


def test_scales_are_256_to_480_crops_uniform_half_mirrored_and_colours_of_a_tenth() -> None:
    choice = choices(photo_spec(batch_size=8192), 1)
    assert set(choice.sides.tolist()) == set(range(256, 481))
    assert ((choice.top >= 0) & (choice.top < 1)).all()
    assert float(choice.left.mean()) == pytest.approx(0.5, abs=0.02)
    assert 0.47 < choice.mirrored.float().mean() < 0.53
    assert float(choice.colour.std()) == pytest.approx(0.1, rel=0.03)
    assert choice.colour.shape == (8192, 3)


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 50), (512, 256)), ((50, 101), (256, 517)), ((300, 300), (256,) * 2)]
)
def test_the_shorter_side_is_resized_and_the_aspect_kept(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert resized(Image.new("RGB", size), 256).size == expected


def test_a_crop_can_lie_at_either_end_and_the_middle_is_the_middle(tmp_path: Path) -> None:
    # 256 columns of another red each, and a shorter side that is the image's own: nothing is resized.
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (256, 1, 3))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    ends = [View("ramp.png", 256, 0.0, 0.0), View("ramp.png", 256, 0.0, 1 - 2**-53), centre("ramp.png")]
    assert [int(pixels[0, 0, 0]) for pixels in cut(tmp_path, ends)] == [0, 32, 16]


def test_a_batch_equals_the_slow_way_image_by_image(load: Load) -> None:
    spec = photo_spec()
    data = load(spec)
    inputs, labels = Crops(spec, data).at(1)
    choice = choices(spec, 1)
    order = torch.cat([Crops(spec, data)._order.at(1)])
    for index in range(spec.batch_size):
        path = data.train.paths[int(order[index])]
        with Image.open(data.train.root / path) as file:
            side = int(choice.sides[index])
            scale = side / min(file.size)
            image = file.convert("RGB").resize(
                (max(side, round(file.width * scale)), max(side, round(file.height * scale))), Image.Resampling.BILINEAR
            )
        top = int(float(choice.top[index]) * (image.height - CROP + 1))
        left = int(float(choice.left[index]) * (image.width - CROP + 1))
        crop = torch.from_numpy(np.array(image)[top : top + CROP, left : left + CROP]).permute(2, 0, 1).float()
        crop = crop.flip(2) if choice.mirrored[index] else crop
        crop = crop + (choice.colour[index] @ data.colours)[:, None, None] - data.mean
        assert torch.allclose(inputs[index], crop, atol=1e-3)
        assert labels[index] == (0 if "n01" in path else 1)


def test_less_augmentation_is_less(load: Load) -> None:
    flat, crop = photo_spec(augment="none"), photo_spec(augment="crop")
    data = load(flat)
    inputs, _ = Crops(flat, data).at(1)
    views = [centre(data.train.paths[i]) for i in Crops(flat, data)._order.at(1).tolist()]
    expected = torch.from_numpy(cut(data.train.root, views)).permute(0, 3, 1, 2).float() - data.mean
    assert torch.equal(inputs, expected)
    cropped = Crops(crop, data).at(1)[0] + data.mean
    assert torch.equal(cropped, cropped.round())  # whole numbers: no colour was added


def test_the_mean_and_the_colours_are_of_the_training_images_alone(load: Load, two_processes: Loaders) -> None:
    data = load(photo_spec(train_images=16))
    assert (len(data.train), len(data.val) if data.val else 0, len(data.test)) == (16, 8, 8)
    pixels = cut(data.train.root, [centre(path) for path in data.train.paths]).astype(np.float64)
    assert torch.allclose(data.mean, torch.from_numpy(pixels.mean(axis=0)).permute(2, 0, 1).float())
    covariance = torch.from_numpy(np.cov(pixels.reshape(-1, 3), rowvar=False, ddof=0))
    # Rows are components times standard deviations: their outer products add up to the covariance.
    assert torch.allclose((data.colours.T @ data.colours).double(), covariance, rtol=1e-3, atol=1e-2)
    measurement = statistics._measure(data.train.root, data.train.paths, two_processes)
    assert torch.equal(measurement.mean, data.mean)
    assert torch.equal(measurement.colours, data.colours)


def test_statistics_are_stored_and_a_damaged_file_is_computed_again(load: Load, data_folder: Path) -> None:
    first = load(photo_spec(train_images=20))
    (cache,) = (
        path
        for path in (data_folder / "statistics" / first.hash).iterdir()
        if torch.equal(sealed.read(path)[0]["mean"], first.mean)
    )
    cache.write_bytes(cache.read_bytes()[:-9])
    assert torch.equal(load(photo_spec(train_images=20)).mean, first.mean)


def test_evaluation_sees_centre_crops_in_order(load: Load, two_processes: Loaders) -> None:
    data = load(photo_spec(), two_processes)
    views = list(data.test.views(data.mean))
    expected = torch.from_numpy(cut(data.test.root, list(map(centre, data.test.paths)))).permute(0, 3, 1, 2)
    assert torch.equal(torch.cat([inputs for inputs, _ in views]) + data.mean, expected.float())
    assert torch.cat([labels for _, labels in views]).tolist() == [0] * 4 + [1] * 4


def test_imagenets_val_folder_is_the_test_split_and_the_hash_is_the_manifests(load: Load, photographs: Path) -> None:
    data = load(photo_spec())
    assert all(path.startswith("val/") for path in data.test.paths)
    assert data.hash == scan(photographs).hash


@pytest.fixture
def copy(photographs: Path, tmp_path: Path) -> Path:
    shutil.copytree(photographs, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("count", [0, 1])
def test_an_image_that_cannot_be_decoded_is_named_from_any_process(count: int, copy: Path, tmp_path: Path) -> None:
    bad = copy / "train/n01/3.JPEG"
    bad.write_bytes(bad.read_bytes()[:200])
    with closing(Loaders(count)) as loaders, pytest.raises(BadDataSet, match=r"train/n01/3\.JPEG cannot be decoded"):
        photographs.load(photo_spec(), copy, tmp_path / "data", CPU, loaders)


def test_files_are_hashed_once_and_again_when_they_change(copy: Path, tmp_path: Path) -> None:
    file = copy / "val/n02/1.JPEG"
    first = photographs.read("pictures", copy, tmp_path / "data")
    assert first.hash == scan(copy).hash
    # Other bytes with the same size and time go unnoticed, so the file was not read again.
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert photographs.read("pictures", copy, tmp_path / "data").hash == first.hash
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert photographs.read("pictures", copy, tmp_path / "data").hash == scan(copy).hash != first.hash


def test_a_missing_imagenet_says_where_it_belongs(tmp_path: Path, photographs: Path) -> None:
    spec = photo_spec(dataset="imagenet")
    with pytest.raises(Failure, match=r"Put it at .*imagenet as train/<class>/… and val/<class>/…"):
        library.prepare(spec, tmp_path, None, CPU, Loaders(0))
    with pytest.raises(Failure, match=r"imagenet has 1,000 classes, but .* has 2"):
        library.prepare(spec, tmp_path, photographs, CPU, Loaders(0))
