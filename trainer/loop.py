"""The story of a run: from a specification to trained weights, told as events while it happens."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import torch

from trainer.data.batches import Batches
from trainer.data.images import Data, Images
from trainer.evaluation import Result, evaluate
from trainer.events import Evaluated, Event, Finished, Saved, Split, Started, Stopped, Warned
from trainer.failure import Failure, is_out_of_memory
from trainer.files import checkpoint, weights
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
class Place:
    """Where a run happens: its folder, its device, the ear for a request to stop, and who shares the work.

    `forked_at` is the iteration of the checkpoint that a fork was given of its parent.
    """

    workdir: Path
    device: torch.device
    stop: Stop
    ranks: Ranks = field(default_factory=Ranks)
    forked_at: int | None = None


def train(spec: RunSpec, data: Data | PhotographData, place: Place) -> Iterator[Event]:
    """Train from the folder's newest good checkpoint, or from the seed, to the end or until a stop is asked.

    The last event is Finished or Stopped. Raises Failure; what was saved before it stays good.
    """
    started = monotonic()
    training = begin(spec, len(data.classes), data.hash, place.device)
    training.ranks = place.ranks
    passed_over = checkpoint.resume(training, place.workdir, place.forked_at)
    if place.ranks.agree([training.iteration]) != [training.iteration]:
        raise Failure("internal", f"device {place.ranks.rank} read another checkpoint than device 0")
    yield _started(training, data, place)
    yield from [*(Warned(message=message) for message in data.warnings), *passed_over]

    batches = _batches(spec, data, place)
    metrics = Metrics(spec, place.device, training.iteration)
    saved = (training.iteration, training.evaluated_at)  # what is safe on disk; before the first iteration, nothing
    while True:
        here = training.iteration
        if metrics.is_due or training.rate.needs_errors_at(here) or training.evaluation_is_due:
            yield from _points(training, metrics)
        is_best = False
        if training.evaluation_is_due:
            yield from _judgements(training, data, place)
            is_best = training.best_at == here
            metrics.restart_clock()
        # A stop during the evaluation leaves it undone: the checkpoint says so, and the next process makes up for it.
        leaving = training.is_complete or _is_asked_to_stop(place)
        saving = (leaving or here % spec.checkpoint_every == 0) and saved != (here, training.evaluated_at)
        if saving or is_best:
            yield from _points(training, metrics)
            yield from _weights(training, data, place.workdir, as_pt=leaving or is_best)
            metrics.restart_clock()
        if saving and place.ranks.is_first:
            # The checkpoint comes last, so that whoever has it has everything that came before it.
            yield checkpoint.save(training, place.workdir)
        if saving:
            saved = (here, training.evaluated_at)
        if leaving and training.is_complete and not training.evaluation_is_due:
            yield Finished(iteration=here, seconds=monotonic() - started)
            return
        if leaving:
            yield Stopped(iteration=here)
            return

        rate = training.rate.at(here + 1)
        with _memory_counted(training):
            loss, wrong = step(training, *batches.at(here + 1), rate)
        metrics.add(loss, wrong, rate, batches.waited_s)


def _batches(spec: RunSpec, data: Data | PhotographData, place: Place) -> Batches | Crops:
    if isinstance(data, Data):
        return Batches(spec, data, place.ranks)
    from trainer.data.crops import Crops

    return Crops(spec, data, place.ranks)


def _is_asked_to_stop(place: Place) -> bool:
    """Rank 0 is asked, and all ranks leave after the same iteration."""
    (asked,) = place.ranks.agree([place.stop.asked])
    return bool(asked)


def _started(training: Training, data: Data | PhotographData, place: Place) -> Started:
    spec = training.spec
    log.info("%s on %s, %s, from iteration %d", spec.name, spec.dataset, place.device, training.iteration)
    return Started(
        device=machine.name(place.device, place.ranks.count),
        device_kind="gpu" if place.device.type == "cuda" else "cpu",
        threads=torch.get_num_threads(),
        versions=machine.versions(),
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


def _judgements(training: Training, data: Data | PhotographData, place: Place) -> Iterator[Event]:
    """Evaluate on validation and test; all of it or, where a stop comes between, nothing."""
    splits: dict[Split, Images | Photographs] = (
        {"val": data.val, "test": data.test} if data.val else {"test": data.test}
    )
    results: dict[Split, Result] = {}
    for split, images in splits.items() if place.ranks.is_first else ():
        with _memory_counted(training):
            result = evaluate(training.network, images, data.mean, place.stop)
        if result is None:
            results.clear()
            break
        results[split] = result
    # Rank 0 judges by its own BN statistics; the others wait for what it found: no errors where a stop came between.
    errors = place.ranks.agree([results[split].error if results else math.nan for split in splits])
    if any(math.isnan(error) for error in errors):
        return
    training.evaluated_at = training.iteration
    training.errors = dict(zip(splits, errors, strict=True))
    for split, result in results.items():
        yield _evaluated(training.iteration, split, result)
    val_error = training.errors.get("val")
    training.rate.evaluated(val_error)
    if val_error is not None and (training.best_val_error is None or val_error < training.best_val_error):
        training.best_val_error, training.best_at = val_error, training.iteration


def _evaluated(iteration: int, split: Split, result: Result) -> Evaluated:
    if not math.isfinite(result.loss):
        raise Failure("diverged", f"{split} loss is {result.loss} at iteration {iteration}", iteration)
    log.info("iteration %d: %s error %.2f %%, loss %.4f", iteration, split, result.error, result.loss)
    return Evaluated(
        iteration=iteration,
        split=split,
        error=result.error,
        top5_error=result.top5_error,
        loss=result.loss,
        images=result.images,
    )


def _weights(training: Training, data: Data | PhotographData, workdir: Path, *, as_pt: bool) -> Iterator[Saved]:
    """The weights of this iteration. Nothing is saved of a network that has left the finite numbers."""
    if not all(bool(tensor.isfinite().all()) for tensor in training.network.state_dict().values()):
        at = training.iteration
        raise Failure("diverged", f"the weights are not finite after iteration {at}", at)
    if not training.ranks.is_first:
        return
    for suffix in (".safetensors", ".pt") if as_pt else (".safetensors",):
        yield weights.save(training, data, weights_path(workdir, training.iteration, suffix))


@contextmanager
def _memory_counted(training: Training) -> Iterator[None]:
    """An out-of-memory error becomes a Failure that says how much the run needs, and what would fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        at = training.iteration + 1
        device = next(training.network.parameters()).device
        told = advice(training.spec, training.classes, machine.memory_bytes(device))
        raise Failure("out_of_memory", f"out of memory at iteration {at}: {told}", at) from error
