"""Owns the checkpoint: all state of a run in one file, from which it goes on as if it had never stopped.

Weights, BN statistics and momentum are tensors; the rest is JSON in the file's metadata. Nothing is a pickle.
There is no state of a random generator in it, because there is none: see trainer/chance.py.
"""

import json
import logging
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from trainer.events import Saved, Warned
from trainer.failure import Failure
from trainer.files import sealed
from trainer.schedule import RateState
from trainer.spec import CHANGEABLE, RunSpec
from trainer.training import Training
from trainer.workdir import checkpoint_path, checkpoints

KEEP = 2  # the newest, and the one before it in case the newest turns out torn
log = logging.getLogger(__name__)


class _State(BaseModel):
    """What is not a tensor."""

    model_config = ConfigDict(extra="forbid")

    spec_hash: str
    data_hash: str
    iteration: int
    evaluated_at: int
    best_val_error: float | None
    best_at: int | None
    errors: dict[str, float]
    rate: RateState


def save(training: Training, workdir: Path) -> Saved:
    """Write the checkpoint of this iteration, then let go of all but the last two."""
    state = _State(
        spec_hash=training.spec.hash(),
        data_hash=training.data_hash,
        iteration=training.iteration,
        evaluated_at=training.evaluated_at,
        best_val_error=training.best_val_error,
        best_at=training.best_at,
        errors=training.errors,
        rate=training.rate.state,
    )
    path = checkpoint_path(workdir, training.iteration)
    story = {"kind": "checkpoint", "state": state.model_dump_json(), "spec": training.spec.canonical_json()}
    written = sealed.write(path, _tensors(training), story)
    for _, old in checkpoints(workdir)[KEEP:]:
        old.unlink(missing_ok=True)
    return Saved(
        iteration=training.iteration,
        role="checkpoint",
        format="safetensors",
        file=path.name,
        sha256=written.sha256,
        size_bytes=written.size_bytes,
    )


def resume(training: Training, workdir: Path, forked_at: int | None = None) -> list[Warned]:
    """Bring `training` to the newest good checkpoint of the folder, and warn of each that had to be passed over.

    The checkpoint of iteration `forked_at` is another run's: its specification may differ in what `CHANGEABLE` lists,
    and its best error is not this run's.

    Raises Failure(`invalid`) at a checkpoint of another specification, Failure(`data`) at one of other images.
    """
    warnings = []
    for _, path in checkpoints(workdir):
        try:
            tensors, state, spec = _read(path)
        except sealed.Torn as torn:
            log.warning("%s", torn)
            warnings.append(Warned(message=f"{torn}; trying the checkpoint before it"))
            continue
        is_parents = state.iteration == forked_at
        _refuse_another_run(state, spec, training, path, CHANGEABLE if is_parents else ())
        _restore(training, tensors, state)
        if is_parents:
            training.best_val_error = training.best_at = None
        break
    return warnings


def _read(path: Path) -> tuple[dict[str, Tensor], _State, str]:
    tensors, metadata = sealed.read(path)
    try:
        return tensors, _State.model_validate_json(metadata.get("state", "")), metadata.get("spec", "{}")
    except ValidationError as error:
        raise sealed.Torn(f"{path.name} does not hold the state of a run") from error


def _refuse_another_run(state: _State, spec: str, training: Training, path: Path, changeable: tuple[str, ...]) -> None:
    # Also where every key and shape fits, as those of a plain net and option A do, or of v1 and v1.5.
    if state.spec_hash != training.spec.hash() and (told := _differences(spec, training.spec, changeable)):
        raise Failure("invalid", f"{path.name} belongs to another specification ({told}): use another working folder")
    if state.data_hash != training.data_hash:
        raise Failure(
            "data",
            f"{path.name} was trained on other images ({state.data_hash[:12]}, "
            f"these are {training.data_hash[:12]}): the data set changed since",
        )


def _differences(spec: str, wanted: RunSpec, changeable: tuple[str, ...]) -> str:
    """The fields that differ and must not, in words: "depth 20, not 32"."""
    theirs, ours = json.loads(spec), json.loads(wanted.canonical_json())
    fields = [f for f in theirs | ours if theirs.get(f) != ours.get(f) and f not in changeable]
    return "; ".join(f"{f} {json.dumps(theirs.get(f))}, not {json.dumps(ours.get(f))}" for f in fields)


def _restore(training: Training, tensors: dict[str, Tensor], state: _State) -> None:
    with torch.no_grad():
        for name, tensor in _tensors(training).items():
            # Copied into place: strides decide which kernels run, and so the last bits of the result.
            tensor.copy_(tensors[name])
    training.iteration = state.iteration
    training.evaluated_at = state.evaluated_at
    training.best_val_error = state.best_val_error
    training.best_at = state.best_at
    training.errors = state.errors
    training.rate.state = state.rate


def _tensors(training: Training) -> dict[str, Tensor]:
    network = {f"network.{name}": tensor for name, tensor in training.network.state_dict().items()}
    momentum = {f"momentum.{name}": tensor for name, tensor in training.sgd.velocity.items()}
    return network | momentum
