"""Data sets over HTTP: registered from an archive or an allowed folder, refused with the reason, deleted."""

import io
import json
import secrets
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from store import datasets
from store.datasets import SHEET
from store.db.database import Database
from store.db.settings import Settings
from tests.api.conftest import SPEC
from tests.disk import small_disk
from trainer.data import digits
from trainer.data.sheet import png as png_of
from trainer.data.sheet import tile

Post = Callable[..., dict[str, Any]]
DATASETS = "/api/v1/datasets"


def png(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def flowers() -> dict[str, bytes]:
    """Two classes, two images each in train, one in test."""
    return {
        f"flowers/{split}/{name}/{number}.png": png(10 * number + shade)
        for split, count in (("train", 2), ("test", 1))
        for shade, name in enumerate(("rose", "tulip"))
        for number in range(count)
    }


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def upload(client: httpx.Client, content: bytes, name: str = "flowers") -> httpx.Response:
    return client.post(DATASETS, data={"name": name}, files={"archive": ("flowers.zip", content)})


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[], int]:
    """Counts the archives of data sets, without their sheets."""
    files = (tmp_path / "objects").rglob
    return lambda: len([path for path in files("*") if path.is_file() and not path.name.endswith(SHEET)])


def test_an_archive_becomes_a_data_set_that_runs_may_name(
    client: httpx.Client, post: Post, stored: Callable[[], int]
) -> None:
    answer = upload(client, zipped(flowers()))
    dataset = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{DATASETS}/flowers")
    assert (dataset["kind"], dataset["classes"], dataset["class_names"]) == ("archive", 2, ["rose", "tulip"])
    assert (dataset["train_images"], dataset["test_images"], dataset["owner"]) == (4, 2, "ann")
    assert client.get(f"{DATASETS}/flowers").json() == dataset
    assert client.get(DATASETS).json()["items"][-1] == dataset
    assert stored() == 1
    run = post({"dataset": "flowers"})
    assert run["parameters"] < 269_722  # two classes


def test_registering_the_same_content_again_is_safe_in_any_archive_format(
    client: httpx.Client, stored: Callable[[], int]
) -> None:
    first, again = upload(client, zipped(flowers())), upload(client, tarred(flowers()))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert stored() == 1


def test_a_name_belongs_to_one_content(client: httpx.Client, stored: Callable[[], int]) -> None:
    upload(client, zipped(flowers()))
    other = upload(client, zipped(flowers() | {"flowers/train/rose/9.png": png(99)}))
    assert other.status_code == 409
    assert "There is already another data set named" in other.json()["detail"]
    assert stored() == 1


NO_IMAGES = dict.fromkeys(("train/a/x.txt", "train/b/x.txt", "test/a/x.txt", "test/b/x.txt"), b"x")
NO_TEST_TULIPS = {name: content for name, content in flowers().items() if "test/tulip" not in name}
# What is wrong with an archive → the words of its refusal.
BAD: dict[str, tuple[bytes, str]] = {
    "no archive": (b"not packed at all", ""),
    "climbs out": (zipped(flowers() | {"../out.png": png(1)}), "points outside the archive's folder"),
    "absolute": (tarred(flowers() | {"/etc/out.png": png(1)}), "not a relative path"),
    "no images": (zipped(NO_IMAGES), "has no images"),
    "class missing in test": (zipped(NO_TEST_TULIPS), "Class 'tulip' is missing in test/"),
    "no train folder": (zipped({"a.png": png(1)}), "has no train/ folder"),
}


def test_a_bad_archive_is_refused_with_the_reason(client: httpx.Client, stored: Callable[[], int]) -> None:
    for what, (content, words) in BAD.items():
        answer = upload(client, content)
        assert answer.status_code == 422, what
        assert answer.json()["errors"][0]["field"] == "archive", what
        assert words in answer.json()["detail"], what
    assert stored() == 0


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[None]:
    with small_disk(tmp_path / "objects", "1m"):
        yield


@pytest.mark.usefixtures("small_store")
def test_a_full_disk_is_said_in_words(client: httpx.Client, stored: Callable[[], int]) -> None:
    """It was a 500 with a traceback, or a 503 that promised an end within seconds."""
    noise = {f"flowers/train/rose/{number}.png": secrets.token_bytes(400_000) for number in range(4)}
    answer = upload(client, zipped(flowers() | noise))
    assert (answer.status_code, answer.json()["title"]) == (507, "Insufficient Storage")
    assert answer.json()["detail"].startswith("The service's disk is full, so nothing was stored.")
    assert stored() == 0
    assert upload(client, zipped(flowers())).status_code == 201


@pytest.mark.usefixtures("small_store")
def test_a_disk_that_fills_up_at_the_last_step_is_said_in_words(
    client: httpx.Client, stored: Callable[[], int]
) -> None:
    """The archive and its images fit on the disk, but not a second copy: the object store reports it."""
    noise = {"flowers/train/rose/9.png": secrets.token_bytes(400_000)}
    answer = upload(client, zipped(flowers() | noise))
    assert answer.status_code == 507
    assert stored() == 0


def test_a_bad_name_is_refused_before_anything_is_unpacked(client: httpx.Client) -> None:
    for name in ("cifar10", "imagenet", "Flowers", "../x", "", "a" * 65, "a\0"):
        answer = upload(client, b"", name)
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["field"] == "name", name


def test_a_body_without_its_parts_is_refused(client: httpx.Client) -> None:
    missing = client.post(DATASETS, data={"name": "flowers"}, files={"other": b"x"})
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "archive")
    assert client.post(DATASETS, content=b"x", headers={"Content-Type": "application/zip"}).status_code == 415
    broken = client.post(DATASETS, content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 400


def test_folders_are_refused_unless_the_operator_allows_some(client: httpx.Client) -> None:
    answer = client.post(DATASETS, json={"name": "flowers", "path": "/etc"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "path")
    assert "accepts archives only" in answer.json()["detail"]


def test_a_data_set_that_a_run_needs_is_not_deleted(
    client: httpx.Client, post: Post, stored: Callable[[], int]
) -> None:
    upload(client, zipped(flowers()))
    run = post({"dataset": "flowers"})
    assert client.delete(f"{DATASETS}/flowers").status_code == 409
    client.post(f"/api/v1/runs/{run['id']}/cancel")
    assert client.delete(f"{DATASETS}/flowers").status_code == 204
    assert (client.get(f"{DATASETS}/flowers").status_code, stored()) == (404, 0)


def test_a_run_on_your_own_data_cannot_use_more_images_than_it_has(client: httpx.Client) -> None:
    upload(client, zipped(flowers()))
    answer = client.post("/api/v1/runs", json={"spec": SPEC | {"dataset": "flowers", "train_images": 5}})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "field": "spec.train_images",
            "message": "train_images must be at most 4: flowers has 4 training images.",
            "allowed": None,
        }
    ]


def test_built_in_data_sets_are_listed_and_cannot_be_deleted(client: httpx.Client) -> None:
    body = client.get(f"{DATASETS}/digits").json()
    assert (body["kind"], body["classes"], body["train_images"], body["augment"]) == ("built-in", 10, 1437, "crop")
    assert client.delete(f"{DATASETS}/digits").status_code == 404


class TestAllowedFolders:
    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        for name, content in flowers().items():
            file = tmp_path / "allowed" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return settings.model_copy(update={"dataset_folders": (tmp_path / "allowed",)})

    def test_a_folder_below_one_is_registered(self, client: httpx.Client, tmp_path: Path) -> None:
        path = str(tmp_path / "allowed" / "flowers")
        answer = client.post(DATASETS, json={"name": "flowers", "path": path, "about": "Mine."})
        body = answer.json()
        assert (answer.status_code, body["kind"], body["train_images"], body["about"]) == (201, "folder", 4, "Mine.")
        assert upload(client, zipped(flowers())).json()["kind"] == "folder"  # the same content

    def test_a_way_out_of_it_is_refused(self, client: httpx.Client, tmp_path: Path) -> None:
        (tmp_path / "allowed" / "link").symlink_to("/etc")
        for path in ("/etc", f"{tmp_path}/allowed/../objects", f"{tmp_path}/allowed/link", "allowed", "."):
            answer = client.post(DATASETS, json={"name": "flowers", "path": path})
            assert answer.status_code == 422, path
            assert "path must be inside one of these folders" in answer.json()["detail"]

    def test_a_folder_that_is_none_is_refused(self, client: httpx.Client, tmp_path: Path) -> None:
        answer = client.post(DATASETS, content=json.dumps({"name": "x", "path": f"{tmp_path}/allowed/nothing"}),
                             headers={"Content-Type": "application/json; charset=utf-8"})  # fmt: skip
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "path")


def sheet_of(answer: httpx.Response) -> Image.Image:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return Image.open(io.BytesIO(answer.content))


def test_a_data_set_shows_sample_images_of_each_class(client: httpx.Client, tmp_path: Path) -> None:
    broken = {"flowers/train/rose/00.png": b"not an image"}  # registering hashes files, but doesn't decode them
    layout = upload(client, zipped(flowers() | broken)).json()["sheet"]
    assert layout == {"rows": 2, "columns": 8, "tile_px": 64}
    answer = client.get(f"{DATASETS}/flowers/sheet")
    sheet = sheet_of(answer)
    assert sheet.size == (8 * 64, 2 * 64)
    assert sheet.getpixel((2 * 64 + 32, 32)) == (0, 0, 0, 0)  # a class has two images
    shades = [[sheet.getpixel((64 * column + 32, 64 * row + 32)) for column in (0, 1)] for row in (0, 1)]
    assert shades == [[(0, 0, 0, 255), (10, 0, 0, 255)], [(1, 0, 0, 255), (11, 0, 0, 255)]]
    again = client.get(f"{DATASETS}/flowers/sheet", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    [stored] = (tmp_path / "objects" / "datasets").glob("*.sheet.png")
    stored.unlink()  # as for an archive from before sheets were drawn
    assert client.get(f"{DATASETS}/flowers/sheet").content == answer.content
    assert client.delete(f"{DATASETS}/flowers").status_code == 204
    assert list((tmp_path / "objects" / "datasets").iterdir()) == []


def test_a_bundled_sheet_shows_the_images_that_are_trained_on(client: httpx.Client) -> None:
    train = digits.load().train
    seven = [Image.fromarray(pixels.permute(1, 2, 0).numpy()) for pixels in train.pixels[train.labels == 7][:8]]
    expected = Image.open(io.BytesIO(png_of([[tile(image) for image in seven]], 8)))
    shown = sheet_of(client.get(f"{DATASETS}/digits/sheet"))
    assert shown.crop((0, 7 * 64, shown.width, 8 * 64)).tobytes() == expected.tobytes()


def test_a_built_in_data_set_shows_what_the_first_run_on_it_left(client: httpx.Client, database: Database) -> None:
    refused = client.get(f"{DATASETS}/mnist/sheet")
    assert (refused.status_code, client.get(f"{DATASETS}/mnist").json()["sheet"]) == (404, None)
    assert "The first run on mnist shows some here." in refused.json()["detail"]
    for content in (png(1), png(2)):  # a second run changes nothing
        with database.transaction() as session:
            datasets.keep_sheet(session, "mnist", list("0123456789"), content)
    answer = client.get(f"{DATASETS}/mnist/sheet")
    assert answer.content == png(1)
    again = client.get(f"{DATASETS}/mnist/sheet", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    shown = client.get(f"{DATASETS}/mnist").json()
    assert (shown["sheet"]["rows"], shown["class_names"]) == (10, list("0123456789"))
    assert shown in client.get(DATASETS).json()["items"]
