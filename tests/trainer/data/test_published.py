"""CIFAR and MNIST files: downloaded once from a real server, checked by hash, refused if they differ."""

import gzip
import hashlib
import http.server
import io
import pickle
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from trainer.data import cifar, mnist, samples
from trainer.data.download import PublishedFile, fetch
from trainer.data.images import arrange
from trainer.events import Sampled
from trainer.failure import Failure


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Server:
    url: str
    folder: Path
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serves the files of `folder` on a free port, and remembers the requested paths."""
    folder = tmp_path / "served"
    folder.mkdir()
    requests: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            requests.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Server(f"http://127.0.0.1:{listening.server_port}/", folder, requests)
        listening.shutdown()
        thread.join()


def test_a_file_is_downloaded_once(server: Server, tmp_path: Path) -> None:
    (server.folder / "a.bin").write_bytes(b"content")
    published = PublishedFile("a.bin", md5(b"content"), (server.url + "a.bin",))
    for _ in range(2):
        assert fetch(published, tmp_path / "data").read_bytes() == b"content"
    assert server.requests == ["/a.bin"]


def test_a_file_that_is_not_the_published_one_is_deleted(server: Server, tmp_path: Path) -> None:
    (server.folder / "a.bin").write_bytes(b"altered")
    published = PublishedFile("a.bin", md5(b"content"), (server.url + "a.bin",))
    with pytest.raises(Failure, match="not the published file"):
        fetch(published, tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_without_a_network_the_failure_says_which_file_goes_where(tmp_path: Path) -> None:
    published = PublishedFile("a.bin", "0" * 32, ("http://127.0.0.1:9/a.bin",))
    with pytest.raises(Failure) as failed:
        fetch(published, tmp_path)
    assert failed.value.reason == "data"
    assert f"Put a.bin (MD5 {'0' * 32}) at {tmp_path / 'a.bin'}" in failed.value.message


def _batch(count: int, first: int) -> bytes:
    """A batch file as the publisher wrote it: protocol 2, one row per image."""
    data = (np.arange(count * 3072, dtype=np.int64) + first).astype(np.uint8).reshape(count, 3072)
    return pickle.dumps({"data": data, "labels": [i % 2 for i in range(count)]}, protocol=2)


@pytest.fixture
def release(server: Server) -> cifar.CifarRelease:
    """A small CIFAR-10 release in the publisher's form, on the server."""
    files = {"data_batch_1": _batch(4, 0), "data_batch_2": _batch(4, 7), "test_batch": _batch(3, 9)}
    files["batches.meta"] = pickle.dumps({"label_names": ["cat", "dog"]}, protocol=2)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, part in files.items():
            member = tarfile.TarInfo(f"small/{name}")
            member.size = len(part)
            archive.addfile(member, io.BytesIO(part))
    (server.folder / "small.tar.gz").write_bytes(content.getvalue())
    hashes = {name: md5(part) for name, part in files.items()}
    return replace(
        cifar.CIFAR10,
        archive=PublishedFile("small.tar.gz", md5(content.getvalue()), (server.url + "small.tar.gz",)),
        folder="small",
        train={name: hashes[name] for name in ("data_batch_1", "data_batch_2")},
        test={"test_batch": hashes["test_batch"]},
        meta=("batches.meta", hashes["batches.meta"]),
    )


def test_cifar_is_fetched_unpacked_and_read(release: cifar.CifarRelease, tmp_path: Path) -> None:
    decoded = cifar.load(release, tmp_path / "data")
    assert decoded.classes == ("cat", "dog")
    assert decoded.train.pixels.shape == (8, 3, 32, 32)
    assert decoded.test.labels.tolist() == [0, 1, 0]
    # The first row: red runs first, row by row.
    assert decoded.train.pixels[0, 0, 0, :3].tolist() == [0, 1, 2]
    assert decoded.train.pixels[0, 0, 1, 0] == 32
    assert decoded.train.pixels[4, 0, 0, 0] == 7


def test_a_run_on_it_leaves_sample_images_of_each_class(release: cifar.CifarRelease, tmp_path: Path) -> None:
    data = arrange(cifar.load(release, tmp_path / "data"), None, 0, torch.device("cpu"))
    assert samples.draw(data, tmp_path / "sheet.png") == Sampled(file="sheet.png", classes=["cat", "dog"])
    drawn = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert drawn.shape == (2 * 64, 8 * 64, 4)
    second_dog = data.train.pixels[3].permute(1, 2, 0).numpy()
    assert np.array_equal(drawn[64::2, 64:128:2, :3], second_dog)  # a pixel of the image is four of the sheet
    assert not drawn[:, 4 * 64 :, 3].any()  # a class has four images


def test_an_existing_cifar_folder_is_used(release: cifar.CifarRelease, server: Server, tmp_path: Path) -> None:
    cifar.load(release, tmp_path / "data")
    (tmp_path / "data" / "small.tar.gz").unlink()
    server.requests.clear()
    assert len(cifar.load(release, tmp_path / "data").train) == 8
    assert server.requests == []


def test_an_altered_batch_is_refused_before_it_is_unpickled(release: cifar.CifarRelease, tmp_path: Path) -> None:
    cifar.load(release, tmp_path / "data")
    (tmp_path / "data/small/data_batch_2").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(Failure, match="data_batch_2 is not the published file"):
        cifar.load(release, tmp_path / "data")


def test_a_pickle_that_calls_is_refused_even_with_the_right_hash(release: cifar.CifarRelease, tmp_path: Path) -> None:
    cifar.load(release, tmp_path / "data")
    evil = b"cos\nsystem\n(S'false'\ntR."
    (tmp_path / "data/small/batches.meta").write_bytes(evil)
    with pytest.raises(pickle.UnpicklingError, match=r"os\.system is not allowed"):
        cifar.load(replace(release, meta=("batches.meta", md5(evil))), tmp_path / "data")


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_without_a_class_is_refused_by_file(label: int, release: cifar.CifarRelease, tmp_path: Path) -> None:
    cifar.load(release, tmp_path / "data")
    stray = pickle.dumps({"data": np.zeros((1, 3072), dtype=np.uint8), "labels": [label]}, protocol=2)
    (tmp_path / "data/small/test_batch").write_bytes(stray)
    with pytest.raises(
        Failure, match=rf"test_batch has the label {label}\. With 2 classes, labels are 0 to 1"
    ) as failed:
        cifar.load(replace(release, test={"test_batch": md5(stray)}), tmp_path / "data")
    assert failed.value.reason == "data"


def _idx(values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    shape = b"".join(length.to_bytes(4) for length in values.shape)
    return gzip.compress(bytes([0, 0, 8, values.ndim]) + shape + values.tobytes(), mtime=0)


def test_mnist_is_padded_to_32_and_grey_in_three_channels(server: Server, tmp_path: Path) -> None:
    pixels = np.full((5, 28, 28), 200, dtype=np.uint8)
    files = {"images.gz": _idx(pixels), "labels.gz": _idx(np.arange(5, dtype=np.uint8))}
    for name, content in files.items():
        (server.folder / name).write_bytes(content)
    images, labels = (PublishedFile(name, md5(content), (server.url + name,)) for name, content in files.items())
    decoded = mnist.load(replace(mnist.MNIST, train=(images, labels), test=(images, labels)), tmp_path / "data")
    image = decoded.train.pixels[0]
    assert image.shape == (3, 32, 32)
    assert torch.equal(image[0], image[1])
    assert (image[:, 2:30, 2:30] == 200).all()
    assert image.sum(dtype=torch.int64) == 3 * 28 * 28 * 200
    assert decoded.train.labels.tolist() == [0, 1, 2, 3, 4]
    assert (tmp_path / "data/MNIST/raw/images.gz").is_file()


def test_an_idx_file_with_a_label_without_a_class_is_refused(server: Server, tmp_path: Path) -> None:
    files = {
        "images.gz": _idx(np.zeros((2, 28, 28), dtype=np.uint8)),
        "labels.gz": _idx(np.array([9, 10], dtype=np.uint8)),
    }
    for name, content in files.items():
        (server.folder / name).write_bytes(content)
    images, labels = (PublishedFile(name, md5(content), (server.url + name,)) for name, content in files.items())
    with pytest.raises(Failure, match=r"labels\.gz has the label 10\. With 10 classes, labels are 0 to 9"):
        mnist.load(replace(mnist.MNIST, train=(images, labels)), tmp_path / "data")


def test_another_file_format_than_idx_is_refused(server: Server, tmp_path: Path) -> None:
    content = gzip.compress(b"\0\0\x08\x01\0\0\0\x09abc", mtime=0)
    (server.folder / "x.gz").write_bytes(content)
    file = PublishedFile("x.gz", md5(content), (server.url + "x.gz",))
    with pytest.raises(Failure, match="not an IDX file"):
        mnist.load(replace(mnist.MNIST, train=(file, file)), tmp_path / "data")
