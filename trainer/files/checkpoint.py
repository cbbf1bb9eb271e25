"""Owns the checkpoint: a run's whole state in one file, from which it continues as if it had never stopped.

Weights, BN statistics and momentum are tensors; the rest is JSON in the file's metadata. Nothing is a pickle.
It contains no random generator's state, because there is none: see trainer/chance.py.
"""

import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from trainer.events import Warned
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.draft import Draft
from trainer.schedule import RateState
from trainer.spec import CHANGEABLE
from trainer.tasks import Spec
from trainer.training import AnyTraining
from trainer.workdir import checkpoints

KEEP = 2  # the newest, and the previous one in case the newest is damaged
log = logging.getLogger(__name__)


class _CheckpointState(BaseModel):
    """The state that is not in tensors."""

    model_config = ConfigDict(extra="forbid")

    spec_hash: str
    data_hash: str
    iteration: int
    evaluated_at: int
    best_val_error: float | None
    best_at: int | None
    errors: dict[str, float]
    rate: RateState


def draft(training: AnyTraining) -> Draft:
    """The checkpoint of this iteration."""
    state = _CheckpointState(
        spec_hash=training.spec.hash(),
        data_hash=training.data_hash,
        iteration=training.iteration,
        evaluated_at=training.evaluated_at,
        best_val_error=training.best_val_error,
        best_at=training.best_at,
        errors=training.errors,
        rate=training.rate.state,
    )
    metadata = {"kind": "checkpoint", "state": state.model_dump_json(), "spec": training.spec.canonical_json()}
    return Draft("checkpoint", training.iteration, _tensors(training), metadata)


def prune(workdir: Path) -> None:
    """Delete all but the last two."""
    for _, outdated in checkpoints(workdir)[KEEP:]:
        with suppress(OSError):  # one that can't be deleted must not end the run
            outdated.unlink()


def resume(training: AnyTraining, workdir: Path, forked_at: int | None = None) -> list[Warned]:
    """Restore the folder's newest valid checkpoint into `training`. Returns a warning for each damaged one.

    The checkpoint of iteration `forked_at` is the parent run's: its specification may differ in the fields of
    `CHANGEABLE`, and its best error does not count for this run.

    Raises Failure(`invalid`) if a checkpoint has another specification, Failure(`data`) if it has other images, and
    OSError if one can't be read and no other is valid: the run must not start from iteration 0 because of a bad disk.
    """
    warnings, unreadable = [], list[tuple[Path, OSError]]()
    for _, path in checkpoints(workdir):
        try:
            tensors, state, spec = _read(path)
        except (sealed.DamagedFile, OSError) as error:
            why = str(error)
            if isinstance(error, OSError):
                unreadable.append((path, error))
                why = f"{path.name} cannot be read: {error.strerror}"
            log.warning("%s", why)
            warnings.append(Warned(message=f"{why}. The previous checkpoint is used instead."))
            continue
        is_parents = state.iteration == forked_at
        _refuse_another_run(state, spec, training, path, CHANGEABLE if is_parents else ())
        _restore(training, tensors, state)
        if is_parents:
            training.best_val_error = training.best_at = None
        _put_aside([path for path, _ in unreadable])
        return warnings
    if unreadable:
        raise unreadable[0][1]
    return warnings


def _put_aside(unreadable: Iterable[Path]) -> None:
    """Rename them, or they would stand in the way of the new checkpoints of the same iterations."""
    for path in unreadable:
        with suppress(OSError):  # another rank was faster
            path.rename(path.with_name(f"unreadable-{path.name}"))


def _read(path: Path) -> tuple[dict[str, Tensor], _CheckpointState, str]:
    tensors, metadata = sealed.read(path)
    try:
        return tensors, _CheckpointState.model_validate_json(metadata.get("state", "")), metadata.get("spec", "{}")
    except ValidationError as error:
        raise sealed.DamagedFile(f"{path.name} does not contain a run's state") from error


def _refuse_another_run(
    state: _CheckpointState, spec: str, training: AnyTraining, path: Path, changeable: tuple[str, ...]
) -> None:
    # Matching keys and shapes are not enough: a plain net shares them with option A, and v1 with v1.5.
    if state.spec_hash != training.spec.hash() and (differences := _differences(spec, training.spec, changeable)):
        raise Failure(
            "invalid", f"{path.name} belongs to another specification ({differences}). Use another working folder."
        )
    if state.data_hash != training.data_hash:
        raise Failure(
            "data",
            f"{path.name} was trained on other images: the data set has changed since then "
            f"(its hash was {state.data_hash[:12]} and is {training.data_hash[:12]}).",
        )


def _differences(checkpoint_spec: str, spec: Spec, changeable: tuple[str, ...]) -> str:
    """The fields that must not differ but do, in words: "depth 20, not 32"."""
    theirs, ours = json.loads(checkpoint_spec), json.loads(spec.canonical_json())
    fields = [f for f in theirs | ours if theirs.get(f) != ours.get(f) and f not in changeable]
    return "; ".join(f"{f} {json.dumps(theirs.get(f))}, not {json.dumps(ours.get(f))}" for f in fields)


def _restore(training: AnyTraining, tensors: dict[str, Tensor], state: _CheckpointState) -> None:
    with torch.no_grad():
        for name, tensor in _tensors(training).items():
            # Copied in place to keep the strides, which decide which kernels run and so the result's last bits.
            tensor.copy_(tensors[name])
    training.iteration = state.iteration
    training.evaluated_at = state.evaluated_at
    training.best_val_error = state.best_val_error
    training.best_at = state.best_at
    training.errors = state.errors
    training.rate.state = state.rate


def _tensors(training: AnyTraining) -> dict[str, Tensor]:
    network = {f"network.{name}": tensor for name, tensor in training.network.state_dict().items()}
    momentum = {f"momentum.{name}": tensor for name, tensor in training.sgd.velocity.items()}
    return network | momentum
