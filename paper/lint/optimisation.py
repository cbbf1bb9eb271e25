"""Stochastic gradient descent: batch, rate, momentum, weight decay (sec. 3.4, 4.2)."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import Asked, ByFamily, Said, rule

REGULARISATION: ByFamily = {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"}


@rule(
    "batch-size",
    "departure",
    {"cifar": "cifar-batch", "imagenet": "imagenet-batch"},
    Casualty(
        text="A rate of 0.1 kept with a batch of 64: 27.4 % in place of 24.0 %.",
        issue="facebookarchive/fb.resnet.torch#201",
    ),
)
def batch_size(asked: Asked) -> Iterator[Said]:
    """A mini-batch is 128 images on CIFAR-10, 256 on ImageNet, over all devices."""
    yield from _other(asked, "batch_size")


@rule("learning-rate", "departure", {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"})
def learning_rate(asked: Asked) -> Iterator[Said]:
    """The rate starts from 0.1."""
    yield from _other(asked, "lr")


@rule("momentum", "departure", REGULARISATION)
def momentum(asked: Asked) -> Iterator[Said]:
    """Momentum is 0.9."""
    yield from _other(asked, "momentum")


@rule(
    "nesterov",
    "departure",
    REGULARISATION,
    Casualty(
        text="Listed there among what mattered to a reproduction; fb.resnet.torch and its copies use it.",
        issue="apache/mxnet#2046",
    ),
)
def nesterov(asked: Asked) -> Iterator[Said]:
    """Momentum is plain."""
    if asked.spec.nesterov:
        yield "nesterov", "the paper says momentum and no more: plain"


@rule(
    "weight-decay",
    "departure",
    REGULARISATION,
    Casualty(
        text="Keras' l2(1e-4) adds 2e-4 w to the gradient: twice the paper's decay.", issue="keras-team/keras#8231"
    ),
)
def weight_decay(asked: Asked) -> Iterator[Said]:
    """Weight decay is 0.0001, added to the gradient as decay · w."""
    if asked.spec.weight_decay != 0:
        yield from _other(asked, "weight_decay")


@rule(
    "decay-off",
    "departure",
    REGULARISATION,
    Casualty(text="Trained without decay, and not where the paper is.", issue="raghakot/keras-resnet#25"),
)
def decay_off(asked: Asked) -> Iterator[Said]:
    """Weight decay is on: with BN it is what keeps the effective rate up."""
    if asked.spec.weight_decay == 0:
        yield "weight_decay", f"it is off; the paper uses {asked.paper.weight_decay:g}"


@rule(
    "decay-batch-norm",
    "info",
    REGULARISATION,
    Casualty(text="Decay on BN's γ and β, or not: frameworks differ and seldom say.", issue="tensorflow/models#2755"),
)
def decay_batch_norm(asked: Asked) -> Iterator[Said]:
    """Whether γ and β of BN decay as well the paper does not say; here they do, unless asked otherwise."""
    if not asked.spec.decay_batch_norm:
        yield "decay_batch_norm", "γ and β are not decayed; the paper does not say whether they are"


RULES = (batch_size, learning_rate, momentum, nesterov, weight_decay, decay_off, decay_batch_norm)


def _other(asked: Asked, field: str) -> Iterator[Said]:
    given, wanted = getattr(asked.spec, field), getattr(asked.paper, field)
    if given != wanted:
        yield field, f"the paper uses {wanted:g}, this is {given:g}"
