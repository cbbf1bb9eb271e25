"""Root's trainers have a user of their own: an uploaded data set is unpacked, and a run trained on it, as that user."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

from store import datasets, logs, workers
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Dataset
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import verbs
from store.runs.states import Status
from tests.worker.conftest import Submit, claim, worker_row
from trainer.archive import scan
from trainer.box import walls
from trainer.box.privileges import TRAINER_USER
from worker.device import Device
from worker.supervise import supervise
from worker.workbench import Workbench

# With this Python in a folder of root's, its trainers stay root. Here others may pass to it, in a namespace of mounts.
OPENED = """
mount --bind "$2" "$3" && mount -t tmpfs -o mode=711 tmpfs "$1" && mkdir -p "$2" && mount --bind "$3" "$2" || exit 99
exec "$4" -m pytest -n 0 -q -p no:cacheprovider -k as_another_user "$5"
"""
CANNOT_MOUNT = 99
ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.usefixtures("warm"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user"),
]


@pytest.fixture
def home() -> Iterator[Path]:
    """As `reslab up` makes it for root: its data is the trainers'. Pytest's own folders are closed to other users."""
    with TemporaryDirectory(dir="/tmp", prefix="reslab-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        for part in ("data", "work"):
            (folder / part).mkdir(mode=0o711)
        os.chown(folder / "data", TRAINER_USER, TRAINER_USER)
        yield folder


@pytest.fixture
def bench(home: Path, settings: Settings, database: Database, objects: Objects) -> Workbench:
    if not walls.has_own_user(home):
        pytest.skip("Python is in a folder that is closed to other users")
    own = settings.model_copy(update={"data": home / "data", "work": home / "work"})
    bench = Workbench(own, database, objects, Device("cpu", "a CPU", "cpu"), new_id(), "one", threads=1)
    with database.transaction() as session:
        workers.register(session, worker_row(bench))
    return bench


def test_an_upload_is_unpacked_and_trained_on_as_another_user(
    bench: Workbench, database: Database, objects: Objects, submit: Submit, tmp_path: Path
) -> None:
    upload(database, objects, tmp_path)
    run_id = submit(dataset="pets", train_images=4, batch_size=2, iterations=2, evaluate_every=2, checkpoint_every=1)
    supervise(bench, claim(bench))
    with database.transaction() as session:
        run, log = verbs.get(session, run_id), "\n".join(logs.lines(session, run_id))
    assert run.status == Status.succeeded, log
    assert f"; user {TRAINER_USER}; Landlock" in log
    (unpacked,) = (bench.settings.data / "own").iterdir()
    assert {path.stat().st_uid for path in unpacked.rglob("*")} == {TRAINER_USER}
    assert not [path for path in bench.settings.work.rglob("*") if path.is_file()], "root removes what it wrote"


@pytest.mark.long
@pytest.mark.skipif(walls.has_own_user(Path("/tmp")), reason="the test above has run")
def test_the_same_where_python_is_in_a_folder_of_roots(tmp_path: Path) -> None:
    python = Path(sys.base_prefix).resolve()
    closed = [folder for folder in python.parents if not folder.stat().st_mode & 0o001]
    if len(closed) != 1:
        pytest.skip(f"Python is in {len(closed)} folders that are closed to other users")
    below = closed[0] / python.relative_to(closed[0]).parts[0]
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        OPENED,
        "sh",
        *map(str, (closed[0], below, tmp_path, sys.executable, __file__)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    if done.returncode == CANNOT_MOUNT:
        pytest.skip("root may not mount here")
    assert "1 passed" in done.stdout, done.stdout[-3000:] + done.stderr[-1000:]


def upload(database: Database, objects: Objects, folder: Path) -> None:
    """Registers two classes of two training images and one test image each, as the API does."""
    pictures = folder / "pictures"
    for number, name in enumerate(
        ("train/cat/1", "train/cat/2", "train/dog/1", "train/dog/2", "test/cat/1", "test/dog/1")
    ):
        (pictures / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (40 * number, 0, 0)).save(pictures / f"{name}.png")
    archive, manifest = Path(shutil.make_archive(str(folder / "pets"), "zip", pictures)), scan(pictures)
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    objects.put("datasets/pets", archive, sha256)
    row = Dataset(
        name="pets", project="default", owner="ada", about="", manifest_hash=manifest.hash, train_images=4,
        test_images=2, classes=list(manifest.classes), size_bytes=manifest.size_bytes, key="datasets/pets",
        sha256=sha256,
    )  # fmt: skip
    with database.transaction() as session:
        datasets.register(session, row)
