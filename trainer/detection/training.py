"""Owns the training step of a detector. Its state is trainer/training.py's, as a classifier's is."""

import torch
from torch import Tensor

from trainer.detection.network.detector import Detector, build
from trainer.detection.network.four_step import FourStepDetector
from trainer.detection.network.inputs import Inputs
from trainer.detection.spec import DetectionSpec
from trainer.process.device import autocast
from trainer.schedule import Rate
from trainer.sgd import SGD
from trainer.training import Training

# The columns of a step's values: the sum of the four losses, the losses, and the percentage of the sampled regions that
# are objects.
LOSSES = ("rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss")
COLUMNS = ("loss", *LOSSES, "foreground")


def begin(spec: DetectionSpec, classes: int, data_hash: str, device: torch.device) -> Training[DetectionSpec, Detector]:
    """A detector initialised from the seed, on the device, before its first iteration."""
    kind = FourStepDetector if spec.training == "four_step" else Detector
    detector = build(spec, classes, kind).to(device)
    detector.train()
    trained = ((name, weight) for name, weight in detector.named_parameters() if weight.requires_grad)
    sgd = SGD(trained, spec.momentum, spec.weight_decay)
    return Training(spec, classes, data_hash, detector, sgd, Rate(spec))


def step(training: Training[DetectionSpec, Detector], inputs: Inputs, first: int, rate: float) -> Tensor:
    """Train one iteration. Returns its values (6,), in the order of COLUMNS, on the device.

    `first` is the position of this rank's first image in the global mini-batch.
    """
    detector, spec = training.network, training.spec
    detector.chance.iteration, detector.chance.first = training.iteration + 1, first
    if isinstance(detector, FourStepDetector) and training.iteration in (0, *spec.restarts):
        # The layers that the step does not train normalise with their statistics: rank 0's, as after a resume.
        training.ranks.spread(detector.buffers())
        detector.enter()
        training.sgd.forget()
    with autocast(inputs.images.device, spec):
        _, values = detector(inputs)
    loss = torch.stack([values[name] for name in LOSSES]).sum()
    training.sgd.clear_gradients()
    loss.backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    row = torch.stack([loss, *(values[name] for name in COLUMNS[1:])]).detach()
    # Every column is a mean over the rank's images, so that the mean over ranks is the mini-batch's.
    if training.exchange:
        row = training.exchange.finish(row) / training.ranks.count
    training.sgd.step(rate)
    training.iteration += 1
    return row
