"""Owns the state of a run in progress, and the training step that advances it."""

from dataclasses import dataclass, field
from typing import Generic

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from typing_extensions import TypeVar

from trainer.chance import generator
from trainer.networks import Network, build
from trainer.networks.initialisation import initialise
from trainer.process.device import autocast, memory_format
from trainer.process.exchange import Exchange
from trainer.process.ranks import Ranks
from trainer.process.supervision import Stop
from trainer.schedule import Rate
from trainer.sgd import SGD
from trainer.spec import RunSpec
from trainer.tasks import Spec

# By default a classifier's. Nothing replaces these two members of a Training, so that they may be covariant.
SpecT_co = TypeVar("SpecT_co", bound=Spec, default=RunSpec, covariant=True)
NetworkT_co = TypeVar("NetworkT_co", bound=nn.Module, default=Network, covariant=True)


@dataclass
class Training(Generic[SpecT_co, NetworkT_co]):
    """Everything that a checkpoint holds. `iteration` counts completed mini-batches."""

    spec: SpecT_co
    classes: int
    data_hash: str
    network: NetworkT_co
    sgd: SGD
    rate: Rate
    iteration: int = 0
    evaluated_at: int = 0  # the last iteration that was evaluated
    best_val_error: float | None = None  # validation only: the test error chooses nothing
    best_at: int | None = None  # the iteration of that error
    errors: dict[str, float] = field(default_factory=dict)  # of the last evaluation, by split
    # Not in a checkpoint: the processes that share the work, and what they exchange if there are several.
    ranks: Ranks = field(default_factory=Ranks)
    exchange: Exchange | None = None

    @property
    def is_complete(self) -> bool:
        return self.iteration == self.spec.iterations

    @property
    def evaluation_is_due(self) -> bool:
        on_time = self.is_complete or self.iteration % self.spec.evaluate_every == 0
        return on_time and self.evaluated_at < self.iteration

    def share_with(self, ranks: Ranks, stop: Stop) -> None:
        """Train one part of each mini-batch from now on, as one of the `ranks`."""
        self.ranks = ranks
        if ranks.count > 1:
            self.exchange = Exchange(ranks, self.network.parameters(), stop)


AnyTraining = Training[Spec, nn.Module]


def begin(spec: RunSpec, classes: int, data_hash: str, device: torch.device) -> Training:
    """A network initialised from the seed, on the device, before its first iteration."""
    network = build(spec, classes)
    initialise(network, generator(spec.seed, "initialisation"), spec.init)
    network.to(device=device, memory_format=memory_format(device, spec))  # type: ignore[call-overload]  # torch's stub omits it
    network.train()
    sgd = SGD(
        network.named_parameters(),
        spec.momentum,
        spec.weight_decay,
        nesterov=spec.nesterov,
        undecayed=() if spec.decay_batch_norm else _batch_norm_parameters(network),
    )
    return Training(spec, classes, data_hash, network, sgd, Rate(spec))


def _batch_norm_parameters(network: nn.Module) -> set[str]:
    """The names of every γ and β. Convolutions have no bias, and the fc layer's bias is always decayed."""
    norms = ((name, module) for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d))
    return {f"{name}.{parameter}" for name, norm in norms for parameter, _ in norm.named_parameters()}


def step(training: Training, inputs: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
    """Train one iteration on inputs and labels. Returns what `descend` does."""
    values = descend(training, inputs, labels, rate)
    training.iteration += 1
    return values


def descend(training: Training, inputs: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
    """Change the weights by one mini-batch. Returns its loss and wrong count, scalars on the device.

    Nothing here waits for the device, and only tensors change: trainer/process/iteration.py captures it as a graph.
    """
    spec, device = training.spec, inputs.device
    inputs = inputs.contiguous(memory_format=memory_format(device, spec))
    with autocast(device, spec):
        logits = training.network(inputs)
        loss = F.cross_entropy(logits, labels)
    training.sgd.clear_gradients()
    loss.backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    wrong = (logits.detach().argmax(dim=1) != labels).sum()
    loss = loss.detach()
    if training.exchange:
        # Each rank's loss is a mean over equally many images, so the mean over ranks is the mean over all images.
        loss, wrong = training.exchange.finish(torch.stack((loss.float(), wrong.float())))
        loss = loss / training.ranks.count
    training.sgd.step(rate)
    return loss, wrong
