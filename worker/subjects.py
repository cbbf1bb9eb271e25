"""What an examination is about, brought into the attempt's folder: the weights of its runs, and its picture."""

from pathlib import Path
from uuid import UUID

from store import artifacts, examinations
from store.db.errors import StoreError
from store.examinations import Asked
from worker.recorder import Recorder
from worker.workbench import Workbench

PICTURE_FILE = "picture"


class BadSubject(Exception):
    """Weights or a picture whose object is gone or altered, in words."""


def weights_file(run_id: UUID) -> str:
    """By the run, as the report says which file was which."""
    return f"{run_id}.safetensors"


def fetch(workbench: Workbench, examination_id: UUID, asked: Asked, folder: Path, recorder: Recorder) -> None:
    """Verified by their hashes. Raises BadSubject, obstore's errors and OSError."""
    try:
        found = recorder.persist(lambda session: examinations.weights(session, asked))
        for run_id, file in found.items():
            recorder.say("INFO", f"fetching the weights of run {run_id}, iteration {file.iteration}")
            workbench.objects.fetch(file.key, folder / weights_file(run_id), file.sha256)
        if asked.picture:
            key = artifacts.key(examination_id, None, PICTURE_FILE)
            workbench.objects.fetch(key, folder / PICTURE_FILE, asked.picture)
    except StoreError as error:
        raise BadSubject(f"what was to be examined is lost: {error}") from error
