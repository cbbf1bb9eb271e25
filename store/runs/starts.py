"""The weights that a detector starts from: those of a run of this service, named by their hash.

They are a run's own, or a copy with exact batch norm statistics that an examination made. The file stays its run's, so
that run can't be deleted before the detector has ended.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.errors import Conflict, Refused
from store.db.models import Artifact, Run
from store.runs.states import TERMINAL
from trainer.detection.origin import refusal
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec
from trainer.tasks import Spec

_OTHER_STATISTICS: Final = {
    "moving_average": "The batch norm statistics of these weights are moving averages of their training. Name the file "
    "of an examination of the kind statistics, or set start.statistics to moving_average.",
    "training_set": "The batch norm statistics of these weights were computed over the training set. Set "
    "start.statistics to training_set.",
}


def check(session: Session, spec: Spec) -> None:
    """Raises Refused if no run here has the weights that the specification starts from, or another network has."""
    if not isinstance(spec, DetectionSpec) or spec.start is None:
        return
    file = weights(session, spec)
    run = session.get_one(Run, file.run_id)
    if run.task == "detection":
        raise Refused("spec.start", f"{run.name} is a detector. A detector starts from a classifier's weights.")
    if reason := refusal(spec, RunSpec.model_validate(run.spec)):
        raise Refused("spec.start", reason)
    actual = "moving_average" if run.examination is None else "training_set"
    if spec.start.statistics != actual:
        raise Refused("spec.start.statistics", _OTHER_STATISTICS[actual])


def weights(session: Session, spec: DetectionSpec) -> Artifact:
    """The file of the start weights. Raises Refused if no run here has it."""
    digest = spec.start.sha256 if spec.start else ""
    query = select(Artifact).where(Artifact.sha256 == digest, Artifact.role == "weights")
    file = session.scalar(query.order_by(Artifact.missing_at.is_not(None), Artifact.created_at).limit(1))
    if file is None:
        raise Refused(
            "spec.start",
            f"No run here has weights with the SHA-256 {digest[:12]}…. Take the hash of a .safetensors file from a "
            "run's list of files, or import the weights first.",
        )
    if file.format != "safetensors":
        raise Refused("spec.start", "start must name a .safetensors file, not a .pt file.")
    return file


def refuse_needed(session: Session, run_ids: Sequence[UUID]) -> None:
    """Raises Conflict if a detector that hasn't ended starts from these runs' weights."""
    hashes = select(Artifact.sha256).where(Artifact.run_id.in_(run_ids), Artifact.role == "weights")
    needing = select(Run.id).where(Run.status.not_in(TERMINAL), Run.spec["start"]["sha256"].astext.in_(hashes))
    if (run_id := session.scalar(needing.limit(1))) is not None:
        raise Conflict(f"Run {run_id} starts from this run's weights. Wait until it has ended, or cancel it.")
