"""The folder that a trainer works in: its specification, what it starts from or examines, its data set's place."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from store import artifacts, datasets
from store.db.errors import NotFound, StoreError
from store.db.models import Dataset
from store.examinations import Asked
from store.runs.attempts import Claim
from trainer import archive
from trainer.catalog import BUILT_IN
from trainer.spec import RunSpec
from worker import subjects
from worker.recorder import Recorder
from worker.workbench import Workbench


@dataclass(frozen=True)
class Workdir:
    """`folder` is the attempt's alone. `own_data` is a folder of images where the data set is a user's own."""

    folder: Path
    spec: Path
    own_data: Path | None


class BadCheckpoint(Exception):
    """The checkpoint's object is gone or altered, in words."""


def prepare(workbench: Workbench, claim: Claim, recorder: Recorder) -> Workdir:
    """Makes the folder. Raises BadCheckpoint, BadDataSet, BadSubject, StoreError, obstore's errors and OSError."""
    of_run = workbench.settings.work.absolute() / str(claim.run.id)
    shutil.rmtree(of_run, ignore_errors=True)  # what killed attempts left
    folder = of_run / str(claim.attempt)
    folder.mkdir(parents=True)
    spec = folder / "spec.json"
    spec.write_text(RunSpec.model_validate(claim.run.spec).canonical_json())
    if checkpoint := claim.checkpoint:
        file = checkpoint.key.removeprefix(artifacts.key(claim.run.id, checkpoint.attempt, ""))
        recorder.say("INFO", f"fetching the checkpoint of iteration {checkpoint.iteration}")
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        try:
            workbench.objects.fetch(checkpoint.key, folder / file, checkpoint.sha256)
        except StoreError as error:
            raise BadCheckpoint(f"the checkpoint of iteration {checkpoint.iteration} is lost: {error}") from error
    if claim.run.examination is not None:
        asked = Asked.model_validate(claim.run.examination)
        subjects.fetch(workbench, claim.run.id, asked, folder, recorder)
        if asked.kind == "predict":
            return Workdir(folder, spec, own_data=None)
    return Workdir(folder, spec, _own_data(workbench, claim, recorder))


def remove(workdir: Workdir) -> None:
    shutil.rmtree(workdir.folder, ignore_errors=True)


def _own_data(workbench: Workbench, claim: Claim, recorder: Recorder) -> Path | None:
    if claim.run.dataset in BUILT_IN:
        return None
    try:
        dataset = recorder.persist(lambda session: datasets.get(session, claim.run.dataset))
    except NotFound as error:  # deleted while the run was being accepted: another attempt would find it no more
        raise archive.BadDataSet(str(error)) from error
    if dataset.path is not None:
        return _unchanged(Path(dataset.path), dataset)
    place = workbench.settings.data.absolute() / "own" / dataset.manifest_hash
    if not place.exists():
        recorder.say("INFO", f"fetching the data set {dataset.name}, {dataset.size_bytes} bytes")
        _unpack(workbench, dataset, place)
    return place


def _unpack(workbench: Workbench, dataset: Dataset, place: Path) -> None:
    """Fetches and unpacks aside, then renames: workers that share the folder may do this at the same time."""
    assert dataset.key is not None  # noqa: S101 (the table's check: a path or an archive)
    assert dataset.sha256 is not None  # noqa: S101
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".unpacking-") as aside:
        packed = Path(aside) / Path(dataset.key).name
        workbench.objects.fetch(dataset.key, packed, dataset.sha256)
        unpacked = _unchanged(archive.unpack(packed, Path(aside) / "images"), dataset)
        packed.unlink()
        try:
            unpacked.rename(place)
        except OSError:  # another worker was faster
            if not place.exists():
                raise


def _unchanged(folder: Path, dataset: Dataset) -> Path:
    """The folder, where it still holds what was registered under the name. Raises BadDataSet where not."""
    found = archive.scan(folder).hash
    if found != dataset.manifest_hash:
        raise archive.BadDataSet(
            f"the data set {dataset.name} was registered with manifest {dataset.manifest_hash[:12]}…,"
            f" but {folder} now holds {found[:12]}…"
        )
    return folder
