"""Detection over HTTP: a small data set with boxes, and its upload."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.datasets.test_routes import zipped
from tests.trainer.data.annotated.layouts import Voc, voc


@pytest.fixture
def shapes(tmp_path: Path) -> Voc:
    """Cats and dogs, and a box that lies outside its image."""
    made = voc(tmp_path / "shapes")
    made.add("dddd", ("cat", 4, 4, 20, 30), ("dog", 500, 4, 520, 30), split="trainval")
    return made


@pytest.fixture
def register(client: httpx.Client) -> Callable[[Voc, str], httpx.Response]:
    def upload(made: Voc, name: str = "shapes") -> httpx.Response:
        files = {
            path.relative_to(made.folder.parent).as_posix(): path.read_bytes()
            for path in made.folder.rglob("*")
            if path.is_file()
        }
        archive = {"archive": ("shapes.zip", zipped(files))}
        return client.post("/api/v1/datasets", data={"name": name}, files=archive)

    return upload
