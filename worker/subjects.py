"""An examination's inputs, fetched into the attempt's folder: the weights of its runs, and its picture."""

from pathlib import Path
from uuid import UUID

from store import artifacts, examinations
from store.db.errors import StoreError
from store.examinations import ExaminationSpec
from worker.recorder import Records
from worker.workbench import Workbench

PICTURE_FILE = "picture"


class BadSubject(Exception):
    """The object of some weights, or of the picture, is missing or altered. Its text says which."""


def weights_file(run_id: UUID) -> str:
    """Named after the run, because the report names the file of each result."""
    return f"{run_id}.safetensors"


def fetch(
    workbench: Workbench, examination_id: UUID, question: ExaminationSpec, folder: Path, recorder: Records
) -> None:
    """Fetches the weights and the picture, verified by hash. Raises BadSubject, obstore's errors and OSError."""
    try:
        weights = recorder.persist(lambda session: examinations.weights(session, question))
        for run_id, file in weights.items():
            recorder.say("INFO", f"fetching the weights of run {run_id}, iteration {file.iteration}")
            workbench.objects.fetch(file.key, folder / weights_file(run_id), file.sha256)
        if question.picture:
            key = artifacts.key(examination_id, None, PICTURE_FILE)
            workbench.objects.fetch(key, folder / PICTURE_FILE, question.picture)
    except StoreError as error:
        raise BadSubject(f"an input is missing or altered: {error}") from error
