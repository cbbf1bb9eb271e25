"""A run's checkpoints, and the weights: whole, in ranges, and only when they changed."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from store.db.database import Database
from store.db.objects import Objects
from tests.api import progress

Post = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Trained:
    path: str
    content: bytes
    sha256: str

    @property
    def weights(self) -> str:
        return f"{self.path}/weights"


@pytest.fixture
def trained(post: Post, database: Database, objects: Objects, tmp_path: Path) -> Trained:
    """A run with 3 MiB of weights at iteration 400, others at 200, and a checkpoint."""
    run = post()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.steps(1, 400), progress.evaluated(200, 5.0, "val"))
    content = os.urandom(3 * 1024 * 1024 + 17)
    progress.save(database, objects, claim, b"earlier", tmp_path, iteration=200)
    progress.save(database, objects, claim, b"state", tmp_path, role="checkpoint")
    sha256 = progress.save(database, objects, claim, content, tmp_path)
    return Trained(f"/api/v1/runs/{run['id']}", content, sha256)


def test_weights_arrive_whole_with_a_telling_file_name(client: httpx.Client, trained: Trained) -> None:
    answer = client.get(trained.weights)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == trained.sha256
    assert answer.headers["ETag"] == f'"{trained.sha256}"'
    assert answer.headers["Content-Length"] == str(len(trained.content))
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="resnet-20-a_digits_seed-0_iteration-400.safetensors"'
    )


def test_earlier_weights_can_be_downloaded(client: httpx.Client, trained: Trained) -> None:
    assert client.get(trained.weights, params={"at": "best"}).content == b"earlier"
    assert client.get(trained.weights, params={"at": "200"}).content == b"earlier"


def test_head_has_the_headers_of_get(client: httpx.Client, trained: Trained) -> None:
    head = client.head(trained.weights)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", f'"{trained.sha256}"')
    assert head.headers["Content-Length"] == str(len(trained.content))


RANGES = {
    "bytes=0-0": (0, 0),
    "bytes=1048570-1048586": (1048570, 1048586),
    "bytes=3145728-": (3145728, 3145744),
    "bytes=-17": (3145728, 3145744),
    "bytes=10-99999999": (10, 3145744),
}


def test_a_range_is_answered_in_part(client: httpx.Client, trained: Trained) -> None:
    for header, (first, last) in RANGES.items():
        answer = client.get(trained.weights, headers={"Range": header})
        assert answer.status_code == 206, header
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(trained.content)}"
        assert answer.content == trained.content[first : last + 1]


def test_a_range_after_the_end_is_416(client: httpx.Client, trained: Trained) -> None:
    answer = client.get(trained.weights, headers={"Range": "bytes=3145745-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */3145745")


def test_anything_but_a_single_range_gets_the_whole_file(client: httpx.Client, trained: Trained) -> None:
    for header in ("bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=9-3", "bytes=a-b"):
        answer = client.get(trained.weights, headers={"Range": header})
        assert (answer.status_code, len(answer.content)) == (200, len(trained.content)), header


def test_an_interrupted_download_resumes_only_if_the_file_is_the_same(client: httpx.Client, trained: Trained) -> None:
    same = client.get(trained.weights, headers={"Range": "bytes=5-", "If-Range": f'"{trained.sha256}"'})
    other = client.get(trained.weights, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert other.content == trained.content


def test_a_file_with_a_known_etag_is_not_sent_again(client: httpx.Client, trained: Trained) -> None:
    answer = client.get(trained.weights, headers={"If-None-Match": f'"x", W/"{trained.sha256}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_missing_weights_are_a_404_that_lists_the_kept_ones(client: httpx.Client, trained: Trained) -> None:
    answer = client.get(trained.weights, params={"at": "300"})
    assert answer.status_code == 404
    assert "Choose one of 200, 400." in answer.json()["detail"]
    assert client.get(trained.weights, params={"format": "pt"}).status_code == 404


def test_best_without_validation_says_why(client: httpx.Client, post: Post) -> None:
    answer = client.get(f"/api/v1/runs/{post()['id']}/weights", params={"at": "best"})
    assert answer.status_code == 404
    assert "no validation error" in answer.json()["detail"]


def test_a_missing_object_is_a_404_and_not_a_broken_stream(
    client: httpx.Client, trained: Trained, objects: Objects
) -> None:
    objects.delete_prefix("runs/")
    assert client.get(trained.weights).status_code == 404


def test_every_file_is_listed_with_its_hash(client: httpx.Client, trained: Trained) -> None:
    files = client.get(f"{trained.path}/checkpoints").json()["items"]
    assert [(file["iteration"], file["role"]) for file in files] == [
        (400, "checkpoint"), (400, "weights"), (200, "weights")
    ]  # fmt: skip
    assert files[1]["sha256"] == trained.sha256
