"""Your own data set on the worker's machine: fetched once, unpacked whole, checked against its registration."""

import hashlib
import shutil
import tarfile
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from store import datasets, logs
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Dataset, Run
from store.db.objects import Objects
from store.runs import attempts, verbs
from store.runs.states import Status
from tests.worker.conftest import NewBench, Submit, claim, worker_row
from trainer.archive import scan
from worker.supervise import supervise
from worker.workdir import sweep


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes, one image each."""
    folder = tmp_path / "pictures"
    for number, split_class in enumerate(("train/cat", "train/dog", "test/cat", "test/dog")):
        (folder / split_class).mkdir(parents=True)
        Image.new("RGB", (32, 32), (number, 0, 0)).save(folder / split_class / "1.png")
    return folder


def register(database: Database, folder: Path, *, path: Path | None = None, archive: Path | None = None) -> None:
    manifest = scan(folder)
    row = Dataset(
        name="pets",
        project="default",
        owner="ada",
        about="",
        manifest_hash=manifest.hash,
        classes=list(manifest.classes),
        train_images=2,
        test_images=2,
        size_bytes=manifest.size_bytes,
        key="datasets/pets.tar.gz" if archive else None,
        sha256=hashlib.sha256(archive.read_bytes()).hexdigest() if archive else None,
        path=str(path) if path else None,
    )
    with database.transaction() as session:
        datasets.register(session, row)


def outcome(database: Database, run_id: UUID) -> tuple[Run, list[str]]:
    with database.transaction() as session:
        return verbs.get(session, run_id), list(logs.lines(session, run_id))


def test_an_archive_is_fetched_and_unpacked_once(
    database: Database, objects: Objects, submit: Submit, new_bench: NewBench, pictures: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "pets.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(pictures, "pets")
    register(database, pictures, archive=archive)
    objects.put("datasets/pets.tar.gz", archive, hashlib.sha256(archive.read_bytes()).hexdigest())
    workbench = new_bench("prints_its_arguments")
    first = submit(dataset="pets", train_images=2, iterations=2)
    supervise(workbench, claim(workbench))
    objects.delete(["datasets/pets.tar.gz"])  # not needed for the second run
    second = submit(dataset="pets", train_images=2, iterations=2)
    supervise(workbench, claim(workbench))
    for run_id in (first, second):
        run, log = outcome(database, run_id)
        assert run.status == Status.succeeded
        (folder,) = [line.removeprefix("--folder ") for line in log if line.startswith("--folder ")]
        assert scan(Path(folder)).hash == scan(pictures).hash
    assert [path.name for path in (workbench.settings.data / "own").iterdir()] == [scan(pictures).hash]


def test_a_registered_folder_is_used_in_place(
    database: Database, submit: Submit, new_bench: NewBench, pictures: Path
) -> None:
    register(database, pictures, path=pictures)
    run_id = submit(dataset="pets", train_images=2, iterations=2)
    workbench = new_bench("prints_its_arguments")
    supervise(workbench, claim(workbench))
    run, log = outcome(database, run_id)
    assert run.status == Status.succeeded
    assert f"--folder {pictures}" in log


def test_a_folder_that_changed_since_it_was_registered_is_refused(
    database: Database, submit: Submit, new_bench: NewBench, pictures: Path
) -> None:
    register(database, pictures, path=pictures)
    run_id = submit(dataset="pets", train_images=2, iterations=2)
    Image.new("RGB", (32, 32), (9, 9, 9)).save(pictures / "train/dog/1.png")
    workbench = new_bench()
    supervise(workbench, claim(workbench))
    run, _ = outcome(database, run_id)
    assert (run.status, run.reason) == (Status.failed, "data")
    assert "has changed since the data set pets was registered" in (run.message or "")


def test_a_run_whose_archive_is_missing_waits_for_another_attempt(
    database: Database, submit: Submit, new_bench: NewBench, pictures: Path, tmp_path: Path
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "pets"), "gztar", pictures))
    register(database, pictures, archive=archive)
    run_id = submit(dataset="pets", train_images=2, iterations=2)
    workbench = new_bench()
    supervise(workbench, claim(workbench))
    run, _ = outcome(database, run_id)
    assert (run.status, run.failures) == (Status.queued, 1)


def test_a_data_set_that_is_no_longer_registered_fails_the_run(
    database: Database, submit: Submit, new_bench: NewBench
) -> None:
    """It was deleted just as the run was accepted. The run used to fail five times and then blame its worker."""
    run_id = submit(dataset="pets", train_images=2, iterations=2)
    workbench = new_bench()
    supervise(workbench, claim(workbench))
    run, _ = outcome(database, run_id)
    assert (run.status, run.reason, run.message) == (Status.failed, "data", "There is no data set pets.")


def test_the_folder_of_a_run_that_went_on_elsewhere_is_removed(new_bench: NewBench, submit: Submit) -> None:
    bench = new_bench()
    trained = submit(iterations=5)
    claim(bench)
    work = bench.settings.work.absolute()
    for name in (str(trained), str(new_id()), "mine"):
        (work / name / "1").mkdir(parents=True)
    sweep(bench)
    assert {path.name for path in work.iterdir()} == {str(trained), "mine"}


def test_a_sweep_leaves_the_folder_of_a_run_that_is_being_claimed(new_bench: NewBench, submit: Submit) -> None:
    """Another worker of this machine made the folder between the sweep's question and its deletion: an evaluation then
    failed as invalid, because its weights were gone."""
    bench = new_bench()
    run = submit(iterations=5)
    folder = bench.settings.work.absolute() / str(run) / "1"
    folder.mkdir(parents=True)
    with bench.database.transaction() as session:
        assert attempts.claim(session, worker_row(bench), bench.settings.lease_s)
        sweep(bench)
    assert folder.exists()


def test_a_run_is_not_claimed_while_its_folder_is_taken_away(new_bench: NewBench, submit: Submit) -> None:
    bench = new_bench()
    run = submit(iterations=5)
    with bench.database.transaction() as session:
        assert attempts.hold_idle(session, [run]) == {run}
        with bench.database.transaction() as another:
            assert attempts.claim(another, worker_row(bench), bench.settings.lease_s) is None
    assert claim(bench).run.id == run
