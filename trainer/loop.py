"""The story of a run, from a specification to trained weights, as events while it happens."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import torch

from trainer import identity
from trainer.data.batches import Batches
from trainer.data.images import Data, Images
from trainer.evaluation import Evaluation, evaluate
from trainer.events import Evaluated, Event, Finished, Saved, Split, Started, Stopped, Warned
from trainer.failure import Failure, is_out_of_memory
from trainer.files import checkpoint, weights
from trainer.files.space import wait_for_space
from trainer.metrics import Metrics
from trainer.process import device as machine
from trainer.process.fit import advice
from trainer.process.ranks import Ranks
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import Training, begin, step
from trainer.workdir import weights_path

if TYPE_CHECKING:
    from trainer.data.crops import Crops
    from trainer.data.photographs import PhotographData, Photographs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Environment:
    """What a run needs besides its specification and data: a folder, a device, the stop signal, and its ranks.

    `forked_at` is the iteration of the parent's checkpoint from which a fork starts. The run stops after the iteration
    `until`, as if a stop had been requested then. A supervisor deletes each file itself, once it has stored it.
    """

    workdir: Path
    device: torch.device
    stop: Stop
    ranks: Ranks = field(default_factory=Ranks)
    forked_at: int | None = None
    until: int | None = None
    is_supervised: bool = False


def train(spec: RunSpec, data: Data | PhotographData, environment: Environment) -> Iterator[Event]:
    """Train from the folder's newest good checkpoint, or from the seed, to the end or until a stop is requested.

    The last event is Finished or Stopped. Raises Failure; files saved before it remain valid.
    """
    start_s = monotonic()
    training = begin(spec, len(data.classes), data.hash, environment.device)
    training.ranks = environment.ranks
    warnings = checkpoint.resume(training, environment.workdir, environment.forked_at)
    if environment.ranks.agree([training.iteration]) != [training.iteration]:
        raise Failure("internal", f"Device {environment.ranks.rank} resumed from another checkpoint than device 0.")
    yield _start_event(training, data, environment)
    yield from [*(Warned(message=message) for message in data.warnings), *warnings]

    batches = _batches(spec, data, environment)
    metrics = Metrics(spec, environment.device, training.iteration)
    on_disk = (training.iteration, training.evaluated_at)  # the newest checkpoint; none before the first iteration
    while True:
        here = training.iteration
        if metrics.is_due or training.rate.needs_errors_at(here) or training.evaluation_is_due:
            yield from _points(training, metrics)
        is_best = False
        if training.evaluation_is_due:
            yield from _evaluations(training, data, environment)
            is_best = training.best_at == here
            metrics.restart_clock()
        # A stop during an evaluation discards it; the checkpoint says so, and the next process repeats the evaluation.
        leaving = training.is_complete or _is_stop_requested(environment, here)
        saving = (leaving or here % spec.checkpoint_every == 0) and on_disk != (here, training.evaluated_at)
        if saving or is_best:
            yield from _points(training, metrics)
            yield from _weights(training, data, environment, as_pt=leaving or is_best)
            metrics.restart_clock()
        if saving and environment.ranks.is_first:
            # The checkpoint comes last: once it exists, so does everything that precedes it.
            yield from _checkpoint(training, environment)
        if saving:
            on_disk = (here, training.evaluated_at)
        if leaving and training.is_complete and not training.evaluation_is_due:
            yield Finished(iteration=here, seconds=monotonic() - start_s)
            return
        if leaving:
            yield Stopped(iteration=here)
            return

        rate = training.rate.at(here + 1)
        with _explain_out_of_memory(training):
            loss, wrong = step(training, *batches.at(here + 1), rate)
        metrics.add(loss, wrong, rate, batches.waited_s)


def _batches(spec: RunSpec, data: Data | PhotographData, environment: Environment) -> Batches | Crops:
    if isinstance(data, Data):
        return Batches(spec, data, environment.ranks)
    from trainer.data.crops import Crops

    return Crops(spec, data, environment.ranks)


def _is_stop_requested(environment: Environment, here: int) -> bool:
    """Whether to stop after the iteration `here`. If rank 0 must, all ranks leave after the same iteration."""
    if environment.until is not None and here >= environment.until:
        return True
    (is_requested,) = environment.ranks.agree([environment.stop.is_requested])
    return bool(is_requested)


def _start_event(training: Training, data: Data | PhotographData, environment: Environment) -> Started:
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
        train_images=len(data.train),
        val_images=len(data.val) if data.val else 0,
        test_images=len(data.test),
        data_hash=data.hash,
    )


def _points(training: Training, metrics: Metrics) -> Iterator[Event]:
    if not metrics.count:
        return
    images = metrics.count * training.spec.batch_size
    for steps in metrics.drain():
        yield steps
        if metrics.log_is_due():
            log.info(
                "iteration %d of %d: loss %.4f, training error %.2f %%, lr %g, %.0f images/s",
                *(training.iteration, training.spec.iterations),
                *(steps.loss[-1], steps.error[-1], steps.lr[-1], steps.images_per_s),
            )
    training.rate.learn(training.iteration, metrics.wrong, images)


def _evaluations(training: Training, data: Data | PhotographData, environment: Environment) -> Iterator[Event]:
    """Evaluate on validation and test; nothing if a stop is requested meanwhile."""
    splits: dict[Split, Images | Photographs] = (
        {"val": data.val, "test": data.test} if data.val else {"test": data.test}
    )
    evaluations: dict[Split, Evaluation] = {}
    for split, images in splits.items() if environment.ranks.is_first else ():
        with _explain_out_of_memory(training):
            evaluation = evaluate(training.network, images, data.mean, environment.stop)
        if evaluation is None:
            evaluations.clear()
            break
        evaluations[split] = evaluation
    # Rank 0 evaluates with its own BN statistics, and the other ranks wait for its errors: nan after a stop.
    errors = environment.ranks.agree([evaluations[split].error if evaluations else math.nan for split in splits])
    if any(math.isnan(error) for error in errors):
        return
    training.evaluated_at = training.iteration
    training.errors = dict(zip(splits, errors, strict=True))
    for split, evaluation in evaluations.items():
        yield _evaluation_event(training.iteration, split, evaluation)
    val_error = training.errors.get("val")
    training.rate.observe(val_error)
    if val_error is not None and (training.best_val_error is None or val_error < training.best_val_error):
        training.best_val_error, training.best_at = val_error, training.iteration


def _evaluation_event(iteration: int, split: Split, evaluation: Evaluation) -> Evaluated:
    if not math.isfinite(evaluation.loss):
        raise Failure("diverged", f"{split} loss is {evaluation.loss} at iteration {iteration}", iteration)
    log.info("iteration %d: %s error %.2f %%, loss %.4f", iteration, split, evaluation.error, evaluation.loss)
    return Evaluated(
        iteration=iteration,
        split=split,
        error=evaluation.error,
        top5_error=evaluation.top5_error,
        loss=evaluation.loss,
        images=evaluation.images,
    )


def _weights(
    training: Training, data: Data | PhotographData, environment: Environment, *, as_pt: bool
) -> Iterator[Saved | Warned]:
    """Save the weights of this iteration. Raises Failure(`diverged`) if any value is not finite."""
    if not all(bool(tensor.isfinite().all()) for tensor in training.network.state_dict().values()):
        at = training.iteration
        raise Failure("diverged", f"the weights are not finite after iteration {at}", at)
    if not training.ranks.is_first:
        return
    for suffix in (".safetensors", ".pt") if as_pt else (".safetensors",):
        path = weights_path(environment.workdir, training.iteration, suffix)
        yield from wait_for_space(partial(weights.save, training, data, path), environment.stop)


def _checkpoint(training: Training, environment: Environment) -> Iterator[Saved | Warned]:
    yield from wait_for_space(partial(checkpoint.save, training, environment.workdir), environment.stop)
    if not environment.is_supervised:
        checkpoint.prune(environment.workdir)


@contextmanager
def _explain_out_of_memory(training: Training) -> Iterator[None]:
    """Turn an out-of-memory error into a Failure that says how much memory the run needs, and what would fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        at = training.iteration + 1
        device = next(training.network.parameters()).device
        sentence = advice(training.spec, training.classes, machine.memory_bytes(device))
        raise Failure("out_of_memory", f"Out of memory at iteration {at}: {sentence}", at) from error
