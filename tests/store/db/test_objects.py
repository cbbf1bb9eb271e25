"""The object store: the same behaviour with a folder and with a real S3 server over HTTP."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest

from reslab.stack.seaweed import s3_server
from store.db.errors import NotFound, StoreError
from store.db.objects import READ_BYTES, Objects

# obstore uploads a file in parts from 5 MiB on, and `read` asks for 1 MiB at a time: neither divides this.
LARGE_BYTES = 12 * READ_BYTES + 12345


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3_server(tmp_path_factory.mktemp("s3")) as variables:
        yield variables


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folder":
        return f"file://{tmp_path}/a folder of objects".replace(" ", "%20")
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    return f"s3://reslab/{tmp_path.name}"  # a prefix of this test's own


@pytest.fixture
def objects(url: str) -> Objects:
    return Objects(url)


def file_of(folder: Path, content: bytes, name: str = "weights.safetensors") -> tuple[Path, str]:
    path = folder / name
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def random_bytes(count: int) -> bytes:
    return b"".join(hashlib.sha256(number.to_bytes(8)).digest() for number in range(count // 32 + 1))[:count]


def test_an_uploaded_object_reads_back_whole_and_in_ranges(objects: Objects, tmp_path: Path) -> None:
    content = random_bytes(LARGE_BYTES)
    path, sha256 = file_of(tmp_path, content)
    objects.put("runs/a/1/weights.safetensors", path, sha256)
    assert objects.size("runs/a/1/weights.safetensors") == LARGE_BYTES
    assert b"".join(objects.read("runs/a/1/weights.safetensors")) == content
    across = slice(READ_BYTES - 3, 2 * READ_BYTES + 5)
    assert b"".join(objects.read("runs/a/1/weights.safetensors", across.start, across.stop)) == content[across]
    assert b"".join(objects.read("runs/a/1/weights.safetensors", LARGE_BYTES - 7)) == content[-7:]
    assert b"".join(objects.read("runs/a/1/weights.safetensors", LARGE_BYTES - 7, LARGE_BYTES + 9)) == content[-7:]


def test_a_large_file_reaches_s3_in_parts(s3: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    objects = Objects(s3["RESLAB_STORAGE_URL"])
    objects.put("runs/large", *file_of(tmp_path, random_bytes(LARGE_BYTES)))
    e_tag = obstore.head(objects._store, "runs/large")["e_tag"]
    assert e_tag is not None
    assert e_tag.strip('"').endswith("-3")  # S3 marks an object that came in three parts


def test_an_empty_file_becomes_an_object_too(objects: Objects, tmp_path: Path) -> None:
    objects.put("runs/a/1/empty", *file_of(tmp_path, b""))
    assert objects.size("runs/a/1/empty") == 0
    assert list(objects.read("runs/a/1/empty")) == []


def test_an_object_that_reads_back_differently_is_refused(objects: Objects, tmp_path: Path) -> None:
    path, _ = file_of(tmp_path, b"what the disk gave us")
    with pytest.raises(StoreError, match="reads back with"):
        objects.put("runs/a/1/weights", path, hashlib.sha256(b"what the trainer wrote").hexdigest())


def test_fetch_leaves_no_file_whose_hash_differs_from_its_row(objects: Objects, tmp_path: Path) -> None:
    path, sha256 = file_of(tmp_path, random_bytes(READ_BYTES + 1))
    objects.put("runs/a/1/checkpoint", path, sha256)
    objects.fetch("runs/a/1/checkpoint", tmp_path / "fetched", sha256)
    assert (tmp_path / "fetched").read_bytes() == path.read_bytes()
    with pytest.raises(StoreError, match="its row says"):
        objects.fetch("runs/a/1/checkpoint", tmp_path / "other", "0" * 64)
    assert not list(tmp_path.glob("other*"))


def test_a_missing_object_is_named_in_the_error(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="runs/a/1/nothing is missing"):
        objects.size("runs/a/1/nothing")
    with pytest.raises(NotFound):
        next(objects.read("runs/a/1/nothing"))
    with pytest.raises(NotFound):
        objects.fetch("runs/a/1/nothing", tmp_path / "fetched", "0" * 64)
    assert not list(tmp_path.glob("fetched*"))


def test_delete_ignores_missing_objects(objects: Objects, tmp_path: Path) -> None:
    objects.put("runs/a/1/one", *file_of(tmp_path, b"one"))
    objects.delete(["runs/a/1/nothing", "runs/a/1/one"])
    with pytest.raises(NotFound):
        objects.size("runs/a/1/one")


def test_deleting_a_prefix_deletes_no_neighbour(objects: Objects, tmp_path: Path) -> None:
    small = file_of(tmp_path, b"small")
    for number in range(60):  # more than one page of obstore's list
        objects.put(f"runs/a/{number}", *small)
    objects.put("runs/ab/1", *small)
    objects.delete_prefix("runs/a/")
    objects.delete_prefix("runs/never/")
    assert [entry["path"] for page in obstore.list(objects._store) for entry in page] == ["runs/ab/1"]


def test_an_empty_store_passes_the_check(objects: Objects) -> None:
    objects.check()
