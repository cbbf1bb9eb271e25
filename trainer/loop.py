"""The story of a run, from a specification to trained weights, as events while it happens."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from trainer import identity
from trainer.classification import Classification
from trainer.data.images import Data
from trainer.environment import Environment
from trainer.events import Event, Finished, Points, Saved, Scores, Split, Started, Stopped, Warned
from trainer.failure import Failure, is_out_of_memory
from trainer.files import checkpoint
from trainer.files.draft import Draft, copies
from trainer.files.writer import Writer
from trainer.metrics import Chunk, Metrics
from trainer.process import device as machine
from trainer.spec import RunSpec
from trainer.training import AnyTraining
from trainer.workdir import checkpoint_path, weights_path

if TYPE_CHECKING:
    from trainer.data.photographs import PhotographData

__all__ = ["Environment", "Task", "run", "train"]

log = logging.getLogger(__name__)


class Task(Protocol):
    """What a run trains: trainer/classification.py, trainer/detection/task.py."""

    @property
    def training(self) -> AnyTraining: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...
    @property
    def train_images(self) -> int: ...
    @property
    def images(self) -> Mapping[Split, Sized]:
        """What is evaluated, validation first."""

    def step(self, rate: float) -> None:
        """Train one iteration and add its values to the metrics."""

    def points(self, chunk: Chunk) -> Points:
        """A chunk of the metrics as points of the curves."""

    def describe(self, chunk: Chunk) -> str:
        """A chunk's last point, for the log."""

    def learn(self) -> None:
        """Tell the rate what was trained since the last chunk."""

    def evaluate(self, split: Split) -> tuple[float, Scores] | None:
        """The error that chooses the best weights, percent, and the event. None after a request to stop.

        The ranks of a run share the images, and all return the same.
        """

    def draft_weights(self) -> Draft:
        """The weights of this iteration as they are saved."""

    def memory_advice(self, device_bytes: int) -> str:
        """What to change so that the run fits into a device's memory."""


def train(spec: RunSpec, data: Data | PhotographData, environment: Environment) -> Iterator[Event]:
    """Train a classifier; see `run`."""
    yield from run(Classification(spec, data, environment), environment)


def run(task: Task, environment: Environment) -> Iterator[Event]:
    """Train from the folder's newest good checkpoint, or from the seed, to the end or until a stop is requested.

    The last event is Finished or Stopped. Raises Failure; files saved before it remain valid.
    """
    start_s = monotonic()
    training = task.training
    training.share_with(environment.ranks, environment.stop)
    warnings = checkpoint.resume(training, environment.workdir, environment.forked_at)
    if environment.ranks.agree([training.iteration]) != [training.iteration]:
        raise Failure("internal", f"Device {environment.ranks.rank} resumed from another checkpoint than device 0.")
    yield _start_event(task, environment)
    yield from [*(Warned(message=message) for message in task.warnings), *warnings]

    writer = Writer(environment.stop)
    try:
        yield from _iterations(task, environment, writer)
        yield from _announce(environment, writer, wait=True)
    except Exception:
        # The files of earlier iterations are good, whatever ended the run.
        yield from _announce(environment, writer, wait=True)
        raise
    finally:
        writer.close()
    if training.is_complete and not training.evaluation_is_due:
        yield Finished(iteration=training.iteration, seconds=monotonic() - start_s)
    else:
        yield Stopped(iteration=training.iteration)


def _iterations(task: Task, environment: Environment, writer: Writer) -> Iterator[Event]:
    """Train until the run is complete or a stop is requested. The last files may still be being written."""
    training, metrics = task.training, task.metrics
    metrics.begin(training.iteration)
    on_disk = (training.iteration, training.evaluated_at)  # the newest checkpoint; none before the first iteration
    is_pause = True  # before the first iteration, and after an evaluation
    while True:
        here = training.iteration
        yield from _announce(environment, writer, wait=False)
        if _is_chunk_due(task) or training.rate.needs_errors_at(here) or training.evaluation_is_due:
            yield from _points(task)
        is_best = False
        if training.evaluation_is_due:
            yield from _evaluations(task, environment)
            is_pause = True
            is_best = training.best_at == here
            metrics.restart_clock()
        # A stop during an evaluation discards it; the checkpoint says so, and the next process repeats the evaluation.
        leaving = (
            training.is_complete
            or training.evaluation_is_due
            or _is_stop_requested(task, environment, is_pause=is_pause)
        )
        saving = (leaving or here % training.spec.checkpoint_every == 0) and on_disk != (here, training.evaluated_at)
        if saving or is_best:
            yield from _points(task)
            yield from _save(task, environment, writer, as_pt=leaving or is_best, as_checkpoint=saving)
            metrics.restart_clock()
        if saving:
            on_disk = (here, training.evaluated_at)
        if leaving:
            return
        with _explain_out_of_memory(task):
            task.step(training.rate.at(here + 1))
        is_pause = False


def _is_stop_requested(task: Task, environment: Environment, *, is_pause: bool) -> bool:
    """Whether to stop here. If rank 0 must, all ranks leave after the same iteration.

    In a pause they agree on it now. Else the request comes with the totals of an iteration, and nobody waits for it.
    """
    training = task.training
    if environment.until is not None and training.iteration >= environment.until:
        return True
    if training.exchange and not is_pause:
        return training.exchange.is_stop_agreed()
    (is_requested,) = environment.ranks.agree([environment.stop.is_requested])
    return bool(is_requested)


def _start_event(task: Task, environment: Environment) -> Started:
    training, images = task.training, task.images
    spec = training.spec
    log.info("%s on %s, %s, from iteration %d", spec.name, spec.dataset, environment.device, training.iteration)
    return Started(
        device=machine.name(environment.device, environment.ranks.count),
        processor=machine.processor(),
        device_kind="gpu" if environment.device.type == "cuda" else "cpu",
        threads=torch.get_num_threads(),
        versions=identity.versions(),
        source=identity.source_digest(),
        resumed_from=training.iteration,
        train_images=task.train_images,
        val_images=len(images.get("val", ())),
        test_images=len(images["test"]),
        data_hash=training.data_hash,
    )


def _is_chunk_due(task: Task) -> bool:
    """The other ranks show nothing. Rank 0 must find a loss that isn't finite first: it shows the points before it."""
    return task.metrics.is_due if task.training.ranks.is_first else task.metrics.is_full


def _points(task: Task) -> Iterator[Event]:
    training, metrics = task.training, task.metrics
    if not metrics.count:
        return
    if training.exchange:
        training.exchange.settle()
    for chunk in metrics.drain():
        yield task.points(chunk)
        if metrics.log_is_due():
            log.info(
                "iteration %d of %d: %s, lr %g, %.0f images/s",
                *(training.iteration, training.spec.iterations),
                *(task.describe(chunk), chunk.lr[-1], chunk.images_per_s),
            )
    task.learn()


def _evaluations(task: Task, environment: Environment) -> Iterator[Event]:
    """Evaluate on validation and test; nothing if a stop is requested meanwhile."""
    training, splits = task.training, list(task.images)
    evaluations: dict[Split, tuple[float, Scores]] = {}
    environment.ranks.spread(training.network.buffers())  # rank 0's BN statistics are the run's
    for split in splits:
        with _explain_out_of_memory(task):
            evaluation = task.evaluate(split)
        if evaluation is None:
            return
        evaluations[split] = evaluation
    # On machines of different kinds, what the ranks compute from their common counts may differ in the last digit.
    errors = environment.ranks.agree([error for error, _ in evaluations.values()])
    training.evaluated_at = training.iteration
    training.errors = dict(zip(splits, errors, strict=True))
    yield from (event for _, event in evaluations.values())
    val_error = training.errors.get("val")
    training.rate.observe(val_error)
    if val_error is not None and (training.best_val_error is None or val_error < training.best_val_error):
        training.best_val_error, training.best_at = val_error, training.iteration


def _save(
    task: Task, environment: Environment, writer: Writer, *, as_pt: bool, as_checkpoint: bool
) -> Iterator[Saved | Warned]:
    """Begin to save this iteration, once the files of the one before are safe.

    Raises Failure(`diverged`) if any weight is not finite.
    """
    training, workdir = task.training, environment.workdir
    here = training.iteration
    if not are_finite(training.network.state_dict().values()):
        raise Failure("diverged", f"the weights are not finite after iteration {here}", here)
    if not training.ranks.is_first:
        return
    yield from _announce(environment, writer, wait=True)
    with _explain_out_of_memory(task):
        weights, state = copies([task.draft_weights(), checkpoint.draft(training)])
    files = [partial(weights.write, weights_path(workdir, here, ".safetensors"))]
    if as_pt:
        files.append(partial(weights.write, weights_path(workdir, here, ".pt")))
    if as_checkpoint:
        # The checkpoint comes last: once it exists, so does everything that precedes it.
        files.append(partial(state.write, checkpoint_path(workdir, here)))
    writer.start(files)


def _announce(environment: Environment, writer: Writer, *, wait: bool) -> Iterator[Saved | Warned]:
    for event in writer.announce(wait=wait):
        yield event
        if isinstance(event, Saved) and event.role == "checkpoint" and not environment.is_supervised:
            checkpoint.prune(environment.workdir)


def are_finite(tensors: Iterable[Tensor]) -> bool:
    """One synchronisation for all of them: the largest magnitude of a tensor is finite if all its values are."""
    values = [tensor for tensor in tensors if tensor.is_floating_point()]
    norms = torch._foreach_norm(values, math.inf)  # noqa: SLF001 -- its only name
    return bool(torch.stack(norms).isfinite().all())


@contextmanager
def _explain_out_of_memory(task: Task) -> Iterator[None]:
    """Turn an out-of-memory error into a Failure that says how much memory the run needs, and what would fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        at = task.training.iteration + 1
        device = next(task.training.network.parameters()).device
        sentence = task.memory_advice(machine.memory_bytes(device))
        raise Failure("out_of_memory", f"Out of memory at iteration {at}: {sentence}", at) from error
