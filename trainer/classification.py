"""Owns classification as the loop sees it: a step, its points, evaluations by error, weights."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

from trainer.data.batches import Batches
from trainer.data.images import Data, Images
from trainer.environment import Environment
from trainer.evaluation import evaluate
from trainer.events import Evaluated, Split, Steps
from trainer.failure import Failure
from trainer.files import weights
from trainer.files.draft import Draft
from trainer.metrics import Chunk, Metrics
from trainer.process.fit import advice
from trainer.process.iteration import Iteration
from trainer.spec import RunSpec
from trainer.training import begin, step

if TYPE_CHECKING:
    from trainer.data.crops import Crops
    from trainer.data.photographs import PhotographData, Photographs

log = logging.getLogger(__name__)


class Classification:
    """A classifier in training; trainer/loop.py's `Task` says what each member is for."""

    def __init__(self, spec: RunSpec, data: Data | PhotographData, environment: Environment) -> None:
        self._spec = spec
        self._data = data
        self._environment = environment
        self._batches = _batches(spec, data, environment)
        self.training = begin(spec, len(data.classes), data.hash, environment.device)
        self._iteration = None
        if isinstance(self._batches, Batches):
            # Not with several devices, whose sums over the ranks would have to be part of the graph.
            self._iteration = Iteration(self.training, self._batches, is_captured=environment.ranks.count == 1)
        self.metrics = Metrics(spec, environment.device, columns=2)
        self.warnings = data.warnings
        self.images: dict[Split, Images | Photographs] = (
            {"val": data.val, "test": data.test} if data.val else {"test": data.test}
        )
        self.train_images = len(data.train)

    def step(self, rate: float) -> None:
        if self._iteration:
            values = self._iteration.run(rate)
        else:
            values = step(self.training, *self._batches.at(self.training.iteration + 1), rate)
        self.metrics.add(values, rate, self._batches.waited_s)

    def points(self, chunk: Chunk) -> Steps:
        loss, wrong = chunk.columns
        images = self._spec.batch_size
        return Steps(
            first=chunk.first,
            every=chunk.every,
            loss=loss,
            error=[100 * count / images for count in wrong],
            lr=chunk.lr,
            images_per_s=chunk.images_per_s,
            waiting=chunk.waiting,
        )

    def describe(self, chunk: Chunk) -> str:
        loss, wrong = chunk.columns
        return f"loss {loss[-1]:.4f}, training error {100 * wrong[-1] / self._spec.batch_size:.2f} %"

    def learn(self) -> None:
        """The training errors decide when a warm-up ends, and when a plateau without validation images is reached."""
        _, wrong = self.metrics.sums
        images = self.metrics.drained * self._spec.batch_size
        self.training.rate.learn(self.training.iteration, int(wrong), images)

    def evaluate(self, split: Split) -> tuple[float, Evaluated] | None:
        iteration = self.training.iteration
        evaluation = evaluate(self.training, self.images[split], self._data.mean, self._environment.stop)
        if evaluation is None:
            return None
        if not math.isfinite(evaluation.loss):
            raise Failure("diverged", f"{split} loss is {evaluation.loss} at iteration {iteration}", iteration)
        log.info("iteration %d: %s error %.2f %%, loss %.4f", iteration, split, evaluation.error, evaluation.loss)
        event = Evaluated(
            iteration=iteration,
            split=split,
            error=evaluation.error,
            top5_error=evaluation.top5_error,
            loss=evaluation.loss,
            images=evaluation.images,
        )
        return evaluation.error, event

    def draft_weights(self) -> Draft:
        return weights.draft(self.training, self._data)

    def memory_advice(self, device_bytes: int) -> str:
        return advice(self._spec, self.training.classes, device_bytes)


def _batches(spec: RunSpec, data: Data | PhotographData, environment: Environment) -> Batches | Crops:
    if isinstance(data, Data):
        return Batches(spec, data, environment.ranks)
    from trainer.data.crops import Crops

    return Crops(spec, data, environment.ranks)
