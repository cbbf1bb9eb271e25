"""Owns detection as the loop sees it: a step, its points, evaluations by mAP, weights."""

import base64
import json
import logging
from dataclasses import replace
from pathlib import Path
from time import monotonic

from trainer.data.annotated.splits import AnnotatedImage
from trainer.detection import start
from trainer.detection.batches import DetectionBatches
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import detect, event, score
from trainer.detection.plan import advice
from trainer.detection.spec import DetectionSpec
from trainer.detection.training import COLUMNS, begin, step
from trainer.environment import Environment
from trainer.events import DetectionEvaluated, DetectionSteps, Split
from trainer.failure import Failure
from trainer.files.draft import Draft
from trainer.identity import versions
from trainer.metrics import Chunk, Metrics

log = logging.getLogger(__name__)


class Detection:
    """A detector in training; trainer/loop.py's `Task` says what each member is for."""

    def __init__(
        self, spec: DetectionSpec, data: DetectionData, environment: Environment, start_weights: Path | None = None
    ) -> None:
        """`start_weights` is the file that the specification's `start` names. Raises Failure(`invalid`)."""
        self._spec = spec
        self._environment = environment
        self.training = begin(spec, len(data.classes), data.hash, environment.device)
        if spec.start:
            if start_weights is None:
                raise Failure("invalid", "The specification has start weights. Pass their file with --start.")
            mean = start.load(self.training.network, spec, start_weights)
            data = replace(data, mean=mean.to(environment.device))
        self._data = data
        self._batches = DetectionBatches(spec, data, environment.ranks)
        self.metrics = Metrics(spec, environment.device, columns=len(COLUMNS))
        self.warnings = data.splits.warnings
        test, val = data.splits.test, data.splits.val
        self.images: dict[Split, tuple[AnnotatedImage, ...]] = {"val": val, "test": test} if val else {"test": test}
        self.train_images = len(data.splits.train)

    def step(self, rate: float) -> None:
        inputs = self._batches.at(self.training.iteration + 1)
        self.metrics.add(step(self.training, inputs, self._batches.first, rate), rate, self._batches.waited_s)

    def points(self, chunk: Chunk) -> DetectionSteps:
        loss, rpn_class_loss, rpn_box_loss, class_loss, box_loss, foreground = chunk.columns
        return DetectionSteps(
            first=chunk.first,
            every=chunk.every,
            loss=loss,
            rpn_class_loss=rpn_class_loss,
            rpn_box_loss=rpn_box_loss,
            class_loss=class_loss,
            box_loss=box_loss,
            foreground=foreground,
            lr=chunk.lr,
            images_per_s=chunk.images_per_s,
            waiting=chunk.waiting,
        )

    def describe(self, chunk: Chunk) -> str:
        return ", ".join(f"{name} {column[-1]:.4f}" for name, column in zip(COLUMNS, chunk.columns, strict=True))

    def learn(self) -> None:
        """A detector's rate depends on the iteration alone."""

    def evaluate(self, split: Split) -> tuple[float, DetectionEvaluated] | None:
        iteration, images = self.training.iteration, self.images[split]
        began = monotonic()
        environment = self._environment
        reported = detect(self.training.network, self._spec, self._data, images, environment.stop, environment.ranks)
        if reported is None:
            return None
        speed = len(images) / max(monotonic() - began, 1e-9)
        scores = score(self._spec.ap, reported, images, self._data.classes)
        log.info("iteration %d: %s mAP %.2f, mAP@[.5,.95] %.2f", iteration, split, scores.map, scores.map_50_95)
        # The loop chooses the lowest error.
        return 100 - scores.map, event(iteration, split, scores, speed)

    def draft_weights(self) -> Draft:
        training = self.training
        return Draft("weights", training.iteration, training.network.plain_state(), self._metadata())

    def memory_advice(self, device_bytes: int) -> str:
        return advice(self._spec, self.training.classes, device_bytes)

    def _metadata(self) -> dict[str, str]:
        training, spec = self.training, self._spec
        mean = self._data.mean.cpu().contiguous().numpy().astype("<f4").tobytes()
        return {
            "task": spec.task,
            "network": spec.network,
            # v1 and v1.5 bottlenecks share every key and shape, so a wrong stride would load silently.
            "stride_in_1x1": str(spec.stride_in_1x1).lower(),
            "classes": json.dumps(self._data.classes, ensure_ascii=False),
            "dataset": spec.dataset,
            "iteration": str(training.iteration),
            "evaluated_at": str(training.evaluated_at),
            **{f"{split}_map": repr(100 - error) for split, error in training.errors.items()},
            "spec": spec.canonical_json(),
            "spec_hash": spec.hash(),
            "data_hash": training.data_hash,
            "input": "float32 (N, 3, H, W) in 0-255, RGB, minus input_mean; H and W multiples of 16",
            "mean": json.dumps(self._data.mean.flatten().tolist()),
            "input_mean": base64.b64encode(mean).decode(),
            "versions": json.dumps(versions(), sort_keys=True),
        }
