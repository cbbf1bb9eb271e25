"""A trainer's working folder: its specification, its checkpoint or the weights to examine, and its data set."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from store import artifacts, datasets
from store.db import images
from store.db.errors import NotFound, StoreError
from store.examinations import ExaminationSpec
from store.runs import attempts
from store.runs.attempts import Claim
from store.weights import starts
from trainer import archive, tasks
from trainer.catalog import BUILT_IN
from trainer.detection.catalog import LAB_DATA
from trainer.detection.spec import DetectionSpec
from worker import subjects
from worker.recorder import Records
from worker.subjects import BadSubject
from worker.workbench import Workbench

START_FILE = "start.safetensors"
# Folders that a sweep has taken away from their runs, and deletes next.
_SWEPT = ".swept-"


@dataclass(frozen=True)
class Workdir:
    """`folder` belongs to one attempt. `own_data` is the folder of images, for a data set of the user's own."""

    folder: Path
    spec: Path
    own_data: Path | None
    start: Path | None = None  # the weights that a detector starts from
    lacks_sheet: bool = False  # no run has left sample images of this built-in data set yet


class BadCheckpoint(Exception):
    """The checkpoint's object is missing or altered. Its text says how."""


def prepare_workdir(workbench: Workbench, claim: Claim, recorder: Records) -> Workdir:
    """Makes the folder. Raises BadCheckpoint, BadDataSet, BadSubject, StoreError, obstore's errors and OSError."""
    # Two machines of a run may be two workers of one computer.
    name = f"{claim.run.id}.{claim.machine}" if claim.machine else str(claim.run.id)
    run_folder = workbench.settings.work.absolute() / name
    shutil.rmtree(run_folder, ignore_errors=True)  # files of attempts that were killed
    folder = run_folder / str(claim.attempt)
    folder.mkdir(parents=True)
    spec = folder / "spec.json"
    spec.write_text(tasks.of(claim.run.spec).canonical_json())
    if checkpoint := claim.checkpoint:
        file = checkpoint.key.removeprefix(artifacts.key(claim.run.id, checkpoint.attempt, ""))
        recorder.say("INFO", f"fetching the checkpoint of iteration {checkpoint.iteration}")
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        try:
            workbench.objects.fetch(checkpoint.key, folder / file, checkpoint.sha256)
        except StoreError as error:
            raise BadCheckpoint(f"the checkpoint of iteration {checkpoint.iteration} is lost: {error}") from error
    if claim.run.examination is not None:
        question = ExaminationSpec.model_validate(claim.run.examination)
        subjects.fetch(workbench, claim.run.id, question, folder, recorder)
        if question.kind == "predict":
            return Workdir(folder, spec, own_data=None)
        return Workdir(folder, spec, _own_data(workbench, claim, recorder))
    start = _start(workbench, claim, folder, recorder)
    lacks_sheet = recorder.persist(partial(datasets.lacks_sheet, name=claim.run.dataset))
    return Workdir(folder, spec, _own_data(workbench, claim, recorder), start, lacks_sheet)


def sweep(workbench: Workbench) -> None:
    """Removes the folders of runs that no worker trains any longer: their workers were killed on this machine.

    A run is locked until its folder has another name: another worker here may claim it, and make its folder, at any
    moment.
    """
    work = workbench.settings.work.absolute()
    if left := list(_folders_of_runs(work)):
        with workbench.database.transaction() as session:
            held = set(attempts.hold_idle(session, {run_id for run_id, _ in left}))
            for folder in (path for run_id, path in left if run_id in held):
                with suppress(OSError):  # another sweep was faster
                    folder.rename(work / f"{_SWEPT}{folder.name}")
    for folder in work.glob(f"{_SWEPT}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _folders_of_runs(work: Path) -> Iterator[tuple[UUID, Path]]:
    for path in work.glob("????????-????-????-????-????????????*"):
        with suppress(ValueError):  # not a run's
            yield UUID(path.name.partition(".")[0]), path


def remove_workdir(workdir: Workdir) -> None:
    shutil.rmtree(workdir.folder, ignore_errors=True)


def _start(workbench: Workbench, claim: Claim, folder: Path, recorder: Records) -> Path | None:
    """Fetches the weights that a detector starts from. A resumed run needs them too: it checks their hash again."""
    spec = tasks.of(claim.run.spec)
    if not isinstance(spec, DetectionSpec) or spec.start is None:
        return None
    recorder.say("INFO", f"fetching the start weights {spec.start.sha256[:12]}…")
    path = folder / START_FILE
    try:
        file = recorder.persist(partial(starts.weights, spec=spec))
        workbench.objects.fetch(file.key, path, spec.start.sha256)
    except StoreError as error:
        raise BadSubject(f"the start weights are missing or altered: {error}") from error
    return path


def _own_data(workbench: Workbench, claim: Claim, recorder: Records) -> Path | None:
    if claim.run.dataset in BUILT_IN or claim.run.dataset in LAB_DATA:
        return None
    try:
        dataset = recorder.persist(lambda session: datasets.get(session, claim.run.dataset))
    except NotFound as error:  # deleted while the run was being accepted: another attempt would not help
        raise archive.BadDataSet(str(error)) from error
    data = workbench.settings.data
    if dataset.path is None and not images.place(data, dataset).exists():
        recorder.say("INFO", f"fetching the data set {dataset.name}, {dataset.size_bytes:,} bytes")
    return images.folder(workbench.objects, data, dataset, is_boxed=workbench.settings.box)
