"""The weights that a detector starts from, named by their hash: a run's, or a file that was uploaded for it.

A run's are its own, or a copy with exact batch norm statistics that an examination made. What a detector starts from
can't be deleted before the detector has ended.
"""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from store.db.errors import Conflict, Refused
from store.db.models import Artifact, Run, StartWeights
from store.runs.states import TERMINAL, Status
from trainer.detection.origin import VGG_POOLED, refusal
from trainer.detection.spec import DetectionNetwork, DetectionSpec, network_name
from trainer.spec import RunSpec
from trainer.tasks import Spec

# A list has the newest ones.
MOST_LISTED: Final = 50
_OTHER_STATISTICS: Final = {
    "moving_average": "The batch norm statistics of these weights are moving averages of their training. Name the file "
    "of an examination of the kind statistics, or set start.statistics to moving_average.",
    "training_set": "The batch norm statistics of these weights were computed over the training set. Set "
    "start.statistics to training_set.",
}


def check(session: Session, spec: Spec) -> None:
    """Raises Refused if nobody has the weights that the specification starts from, or another network has."""
    if not isinstance(spec, DetectionSpec) or spec.start is None:
        return
    file = weights(session, spec)
    if isinstance(file, StartWeights):
        reason, actual = _refusal_of_upload(spec, file), file.statistics
    else:
        run = session.get_one(Run, file.run_id)
        reason, actual = _refusal_of_run(spec, run), statistics_of(run)
    if reason is not None:
        raise Refused("spec.start", reason)
    if spec.start.statistics != actual:
        raise Refused("spec.start.statistics", _OTHER_STATISTICS[actual])


def statistics_of(run: Run) -> Literal["moving_average", "training_set"]:
    """Training leaves moving averages; an examination computes them over the training set."""
    return "moving_average" if run.examination is None else "training_set"


def weights(session: Session, spec: DetectionSpec) -> Artifact | StartWeights:
    """The file of the start weights. Raises Refused if there is none."""
    digest = spec.start.sha256 if spec.start else ""
    if (uploaded := session.get(StartWeights, digest)) is not None:
        return uploaded
    query = select(Artifact).where(Artifact.sha256 == digest, Artifact.role == "weights")
    file = session.scalar(query.order_by(Artifact.missing_at.is_not(None), Artifact.created_at).limit(1))
    if file is None:
        raise Refused(
            "spec.start",
            f"There are no weights with the SHA-256 {digest[:12]}… here. Take the hash of a .safetensors file from a "
            "run's list of files, or upload the start weights first.",
        )
    if file.format != "safetensors":
        raise Refused("spec.start", "start must name a .safetensors file, not a .pt file.")
    return file


def of_runs(
    session: Session, network: DetectionNetwork, readable: ColumnElement[bool]
) -> Sequence[tuple[Artifact, Run]]:
    """Returns the last weights of each run that a detector with this network can start from, the newest run first."""
    if network == "vgg16":
        return []
    last = _last_weights().subquery()
    rows = (
        select(Artifact, Run)
        .select_from(Artifact)
        .join(last, last.c.id == Artifact.id)
        .join(Run, Run.id == Artifact.run_id)
        .where(readable, Run.depth == int(network.removeprefix("resnet")))
        .order_by(Run.created_at.desc())
    )
    return [(file, run) for file, run in session.execute(rows.limit(MOST_LISTED))]


def _last_weights() -> Select[UUID]:
    """Of each finished classifier with option B in the ImageNet family, and of each pass over its training images."""
    kind = Run.examination["kind"].astext
    return (
        select(Artifact.id)
        .join(Run, Run.id == Artifact.run_id)
        .where(
            *(Artifact.role == "weights", Artifact.format == "safetensors", Artifact.missing_at.is_(None)),
            *(Run.status == Status.succeeded, Run.shortcut == "B", Run.task == "classification"),
            Run.spec["family"].astext == "imagenet",
            Run.examination.is_(None) | (kind == "statistics"),
        )
        .ext(distinct_on(Artifact.run_id))
        .order_by(Artifact.run_id, Artifact.iteration.desc())
    )


def refuse_needed(session: Session, run_ids: Sequence[UUID]) -> None:
    """Raises Conflict if a detector that hasn't ended starts from these runs' weights."""
    hashes = select(Artifact.sha256).where(Artifact.run_id.in_(run_ids), Artifact.role == "weights")
    _refuse(session, Run.spec["start"]["sha256"].astext.in_(hashes), "this run's weights")


def refuse_needed_file(session: Session, sha256: str) -> None:
    """Raises Conflict if a detector that hasn't ended starts from this file."""
    _refuse(session, Run.spec["start"]["sha256"].astext == sha256, "these weights")


def _refuse(session: Session, is_needed: ColumnElement[bool], what: str) -> None:
    needing = select(Run.id).where(Run.status.not_in(TERMINAL), is_needed)
    if (run_id := session.scalar(needing.limit(1))) is not None:
        raise Conflict(f"Run {run_id} starts from {what}. Wait until it has ended, or cancel it.")


def _refusal_of_run(spec: DetectionSpec, run: Run) -> str | None:
    if run.task == "detection":
        return f"{run.name} is a detector. A detector starts from a classifier's weights."
    return refusal(spec, RunSpec.model_validate(run.spec))


def _refusal_of_upload(spec: DetectionSpec, file: StartWeights) -> str | None:
    if file.network != spec.network:
        return f"{spec.name} can't start from these weights: they are {_name(file)}'s."
    if file.stride_in_1x1 not in (None, spec.stride_in_1x1):
        layer, value = ("first 1×1", "true") if file.stride_in_1x1 else ("3×3", "false")
        return f"These bottlenecks have their stride in the {layer} layer. Set stride_in_1x1 to {value}."
    if spec.network == "vgg16" and spec.roi.size != VGG_POOLED:
        return f"VGG-16's layers take regions of {VGG_POOLED}×{VGG_POOLED}, so roi.size must be {VGG_POOLED}."
    return None


def _name(file: StartWeights) -> str:
    network: DetectionNetwork = file.network  # type: ignore[assignment]  # one of them was declared
    return network_name(network)
