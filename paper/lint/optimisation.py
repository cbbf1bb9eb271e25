"""Rules on stochastic gradient descent: batch size, learning rate, momentum, weight decay (sec. 3.4, 4.2)."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import ByFamily, Remark, Specification, rule

REGULARISATION: ByFamily = {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"}


@rule(
    "batch-size",
    "departure",
    {"cifar": "cifar-batch", "imagenet": "imagenet-batch"},
    Casualty(
        text="A learning rate of 0.1 was kept with a batch of 64: 27.4 % instead of 24.0 %.",
        issue="facebookarchive/fb.resnet.torch#201",
    ),
)
def batch_size(subject: Specification) -> Iterator[Remark]:
    """A mini-batch has 128 images on CIFAR-10 and 256 on ImageNet, over all devices together."""
    yield from _unless_equal("batch_size", subject.spec.batch_size, subject.paper.batch_size)


@rule("learning-rate", "departure", {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"})
def learning_rate(subject: Specification) -> Iterator[Remark]:
    """The learning rate starts at 0.1."""
    yield from _unless_equal("lr", subject.spec.lr, subject.paper.lr)


@rule("momentum", "departure", REGULARISATION)
def momentum(subject: Specification) -> Iterator[Remark]:
    """Momentum is 0.9."""
    yield from _unless_equal("momentum", subject.spec.momentum, subject.paper.momentum)


@rule(
    "nesterov",
    "departure",
    REGULARISATION,
    Casualty(
        text="Listed among the changes that mattered to a reproduction; fb.resnet.torch and its copies use Nesterov.",
        issue="apache/mxnet#2046",
    ),
)
def nesterov(subject: Specification) -> Iterator[Remark]:
    """Momentum is plain, not Nesterov's."""
    if subject.spec.nesterov:
        yield "nesterov", "This run uses Nesterov's momentum; the paper says only momentum, which means plain."


@rule(
    "weight-decay",
    "departure",
    REGULARISATION,
    Casualty(
        text="Keras' l2(1e-4) adds 2e-4 · w to the gradient, twice the paper's decay.", issue="keras-team/keras#8231"
    ),
)
def weight_decay(subject: Specification) -> Iterator[Remark]:
    """Weight decay is 0.0001, added to the gradient as decay · w."""
    if subject.spec.weight_decay != 0:
        yield from _unless_equal("weight_decay", subject.spec.weight_decay, subject.paper.weight_decay)


@rule(
    "decay-off",
    "departure",
    REGULARISATION,
    Casualty(text="Training without weight decay did not reach the paper's results.", issue="raghakot/keras-resnet#25"),
)
def decay_off(subject: Specification) -> Iterator[Remark]:
    """Weight decay is on; with BN it keeps the effective learning rate up."""
    if subject.spec.weight_decay == 0:
        yield "weight_decay", f"This run uses none; the paper uses {subject.paper.weight_decay:g}."


@rule(
    "decay-batch-norm",
    "info",
    REGULARISATION,
    Casualty(text="Frameworks differ in whether they decay γ and β, and seldom say.", issue="tensorflow/models#2755"),
)
def decay_batch_norm(subject: Specification) -> Iterator[Remark]:
    """BN's γ and β are decayed too, unless the run says otherwise; the paper leaves it open."""
    if not subject.spec.decay_batch_norm:
        yield "decay_batch_norm", "BN's γ and β are not decayed; the paper does not say whether they are."


RULES = (batch_size, learning_rate, momentum, nesterov, weight_decay, decay_off, decay_batch_norm)


def _unless_equal(field: str, own: float, paper: float) -> Iterator[Remark]:
    if own != paper:
        yield field, f"The paper uses {paper:g}; this run uses {own:g}."
