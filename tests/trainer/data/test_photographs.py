"""Photographs against sec. 3.4, and against the promise that neither processes nor restarts move a batch."""

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

from trainer.data import library, photographs, statistics
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
    given = {"depth": 18, "shortcut": "A", "dataset": "pictures", "family": "imagenet", "batch_size": 10}
    return RunSpec.model_validate(given | {"iterations": 20} | fields)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def two_processes() -> Iterator[Loaders]:
    with closing(Loaders(2)) as loaders:
        yield loaders


@pytest.fixture
def load(photographs: Path, data_folder: Path) -> Load:
    def prepared(spec: RunSpec, loaders: Loaders | None = None) -> PhotographData:
        data = library.prepare(spec, data_folder, photographs, CPU, loaders or Loaders(0))
        assert isinstance(data, PhotographData)
        return data

    return prepared


def batches(spec: RunSpec, data: PhotographData, first: int, count: int) -> list[tuple[Tensor, Tensor]]:
    crops = Crops(spec, data)
    return [crops.at(iteration) for iteration in range(first, first + count)]


def same(ones: list[tuple[Tensor, Tensor]], others: list[tuple[Tensor, Tensor]]) -> bool:
    pairs = zip(ones, others, strict=True)
    return all(torch.equal(a, b) and torch.equal(x, y) for (a, x), (b, y) in pairs)


def test_the_number_of_loader_processes_changes_no_batch(load: Load, two_processes: Loaders) -> None:
    spec = photo_spec()
    here = batches(spec, load(spec), 1, 3)
    assert same(here, batches(spec, load(spec, two_processes), 1, 3))
    with closing(Loaders(1)) as one_process:
        assert same(here, batches(spec, load(spec, one_process), 1, 3))
    assert here[0][0].shape == (10, 3, CROP, CROP)
    assert here[0][0].dtype == torch.float32


def test_an_iteration_is_the_same_whatever_came_before_it(load: Load) -> None:
    spec = photo_spec()
    data = load(spec)
    assert same(batches(spec, data, 1, 4)[2:], batches(spec, data, 3, 2))


def test_devices_share_the_batch_that_one_would_see(load: Load) -> None:
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
    drawn = choices(photo_spec(batch_size=8192), 1)
    assert set(drawn.sides.tolist()) == set(range(256, 481))
    assert ((drawn.top >= 0) & (drawn.top < 1)).all()
    assert float(drawn.left.mean()) == pytest.approx(0.5, abs=0.02)
    assert 0.47 < drawn.mirrored.float().mean() < 0.53
    assert float(drawn.colour.std()) == pytest.approx(0.1, rel=0.03)
    assert drawn.colour.shape == (8192, 3)


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


def test_a_batch_is_the_slow_one_image_by_image(load: Load) -> None:
    spec = photo_spec()
    data = load(spec)
    inputs, labels = Crops(spec, data).at(1)
    drawn = choices(spec, 1)
    order = torch.cat([Crops(spec, data)._order.at(1)])
    for place in range(spec.batch_size):
        path = data.train.paths[int(order[place])]
        with Image.open(data.train.root / path) as file:
            side = int(drawn.sides[place])
            scale = side / min(file.size)
            image = file.convert("RGB").resize(
                (max(side, round(file.width * scale)), max(side, round(file.height * scale))), Image.Resampling.BILINEAR
            )
        top = int(float(drawn.top[place]) * (image.height - CROP + 1))
        left = int(float(drawn.left[place]) * (image.width - CROP + 1))
        crop = torch.from_numpy(np.array(image)[top : top + CROP, left : left + CROP]).permute(2, 0, 1).float()
        crop = crop.flip(2) if drawn.mirrored[place] else crop
        crop = crop + (drawn.colour[place] @ data.colours)[:, None, None] - data.mean
        assert torch.allclose(inputs[place], crop, atol=1e-3)
        assert labels[place] == (0 if "n01" in path else 1)


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
    measured = statistics._measure(data.train.root, data.train.paths, two_processes)
    assert torch.equal(measured.mean, data.mean)
    assert torch.equal(measured.colours, data.colours)


def test_what_was_measured_is_kept_and_a_torn_file_measured_again(load: Load, data_folder: Path) -> None:
    first = load(photo_spec(train_images=20))
    (kept,) = (
        path
        for path in (data_folder / "statistics" / first.hash).iterdir()
        if torch.equal(sealed.read(path)[0]["mean"], first.mean)
    )
    kept.write_bytes(kept.read_bytes()[:-9])
    assert torch.equal(load(photo_spec(train_images=20)).mean, first.mean)


def test_judged_are_centre_crops_in_order(load: Load, two_processes: Loaders) -> None:
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
def spoiled(photographs: Path, tmp_path: Path) -> Path:
    shutil.copytree(photographs, tmp_path / "spoiled")
    return tmp_path / "spoiled"


@pytest.mark.parametrize("count", [0, 1])
def test_an_image_that_cannot_be_decoded_is_named_from_any_process(count: int, spoiled: Path, tmp_path: Path) -> None:
    bad = spoiled / "train/n01/3.JPEG"
    bad.write_bytes(bad.read_bytes()[:200])
    with closing(Loaders(count)) as loaders, pytest.raises(BadDataSet, match=r"train/n01/3\.JPEG cannot be decoded"):
        photographs.load(photo_spec(), spoiled, tmp_path / "data", CPU, loaders)


def test_files_are_hashed_once_and_again_when_they_change(spoiled: Path, tmp_path: Path) -> None:
    file = spoiled / "val/n02/1.JPEG"
    first = photographs.read("pictures", spoiled, tmp_path / "data")
    assert first.hash == scan(spoiled).hash
    # Other bytes of the same size and time go unseen: so nothing was read again.
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert photographs.read("pictures", spoiled, tmp_path / "data").hash == first.hash
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert photographs.read("pictures", spoiled, tmp_path / "data").hash == scan(spoiled).hash != first.hash


def test_imagenet_that_is_not_there_says_where_it_belongs(tmp_path: Path, photographs: Path) -> None:
    spec = photo_spec(dataset="imagenet")
    with pytest.raises(Failure, match=r"put it into .*imagenet as train/<class>/… and val/<class>/…"):
        library.prepare(spec, tmp_path, None, CPU, Loaders(0))
    with pytest.raises(Failure, match=r"imagenet has 1000 classes, .* has 2"):
        library.prepare(spec, tmp_path, photographs, CPU, Loaders(0))
