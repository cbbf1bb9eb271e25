"""A trainer in its box tries to get out, by every way that we know."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trainer.box import landlock

ESCAPES = Path(__file__).with_name("escapes.py")
ALLOWED = {
    *("use its own folder", "read its images", "store in the data folder's caches", "start another trainer"),
    "use the GPU's Multi-Process Service",
}
# What a process outside a box can do, as any user, and that harms nobody here.
POSSIBLE = {
    *("read the secrets", "list the home", "read the secrets by a link", "take the secrets in as a hard link"),
    *("cut the secrets short", "move the secrets in", "change the images", "change another data set"),
    *("write beside its folder", "read the supervisor's environment", "signal the supervisor"),
    *("connect to the database", "send a datagram", "listen", "connect to an abstract socket"),
}
# Only root has a network of its own.
OPEN = set() if os.geteuid() == 0 else {"send a datagram"}


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A home with secrets and a database, and a supervisor: this process."""
    home, images, workdir = tmp_path / "home", tmp_path / "data" / "images", tmp_path / "home" / "work" / "1"
    for folder in (images, images.with_name("decoded"), workdir):
        folder.mkdir(parents=True)
    (home / "secrets.json").write_text("{}")
    (images / "image").write_text("pixels")
    service = tmp_path / "mps"
    service.mkdir()
    os.mkfifo(service / "control")
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(service))
    abstract = f"reslab-{secrets.token_hex(8)}"
    with socket.create_server(("127.0.0.1", 0)) as database, socket.socket(socket.AF_UNIX) as abstract_server:
        abstract_server.bind(f"\0{abstract}")
        abstract_server.listen()
        yield {
            "box": "on",
            "workdir": str(workdir),
            "data": str(tmp_path / "data"),
            "images": str(images),
            "mps": str(service),
            "secret": str(home / "secrets.json"),
            "victim": str(os.getpid()),
            "port": str(database.getsockname()[1]),
            "abstract": abstract,
        }


@pytest.mark.skipif(landlock.abi() < 6, reason="this kernel's Landlock closes less than is tested")
def test_a_trainer_does_not_get_out_of_its_box(orders: dict[str, Any]) -> None:
    assert _succeeding(orders) == ALLOWED | OPEN
    assert Path(orders["secret"]).read_text() == "{}"


def test_without_a_box_a_trainer_gets_out(orders: dict[str, Any]) -> None:
    """The test above does not pass for another reason."""
    assert _succeeding(orders | {"box": "off", "only": [*POSSIBLE, *ALLOWED]}) == POSSIBLE | ALLOWED


def _succeeding(orders: dict[str, Any]) -> set[str]:
    """What a trainer does of all that it tries."""
    command: list[str | Path] = [sys.executable, ESCAPES, json.dumps(orders)]
    trainer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert trainer.returncode == 0, trainer.stderr
    return {name for name, outcome in json.loads(trainer.stdout).items() if outcome == "done"}
