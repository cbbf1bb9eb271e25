"""Rules on the warm-up of networks with 110 layers or more (sec. 4.2)."""

from collections.abc import Iterator

from paper import published
from paper.findings import Casualty
from paper.lint.rule import Remark, Specification, rule

NEVER_ENDS = Casualty(
    text="The rate was set to 0.01 without the scheduler's knowledge and stayed: 0.01 for epochs 0 to 99, then 0.001.",
    issue="akamaster/pytorch_resnet_cifar10#21",
)
# Percent. Assumption: at a rate of 0.01 a deep network may never train below this error.
LOWEST_END = 20.0


@rule("warm-up-missing", "departure", {"cifar": "warm-up"})
def warm_up_missing(subject: Specification) -> Iterator[Remark]:
    """Networks with 110 layers or more are warmed up."""
    if subject.spec.warmup is None and subject.paper.warmup is not None:
        paper = subject.paper.warmup
        text = f"The paper trains this depth at {paper.lr:g} until the training error is"
        yield "warmup", f"{text} below {paper.until_train_error:g} %; this run has no warm-up."


@rule("warm-up-added", "departure", {"cifar": "warm-up", "imagenet": "imagenet-schedule"})
def warm_up_added(subject: Specification) -> Iterator[Remark]:
    """Other networks are not warmed up."""
    if subject.spec.warmup is not None and subject.paper.warmup is None:
        yield "warmup", "In the paper, only networks on CIFAR-10 with 110 layers or more are warmed up."


@rule(
    "warm-up-other",
    "departure",
    {"cifar": "warm-up"},
    Casualty(
        text="A rate of 0.01 for the whole first epoch was taken for the paper's rule, which is an error threshold.",
        issue="tensorpack/tensorpack#357",
    ),
)
def warm_up_other(subject: Specification) -> Iterator[Remark]:
    """The warm-up is at 0.01 and ends at 80 % training error."""
    own, paper = subject.spec.warmup, subject.paper.warmup
    if own is not None and paper is not None and own != paper:
        paper_rule, own_rule = (f"{warmup.lr:g} until {warmup.until_train_error:g} %" for warmup in (paper, own))
        yield "warmup", f"The paper trains at {paper_rule} training error; this run at {own_rule}."


@rule("warm-up-never-ends", "warning", {"cifar": "warm-up", "imagenet": "imagenet-schedule"}, NEVER_ENDS)
def warm_up_never_ends(subject: Specification) -> Iterator[Remark]:
    """The warm-up ends early in training, and the learning rate rises to 0.1."""
    warmup = subject.spec.warmup
    if warmup is None:
        return
    about = published.number("warmup-length")
    if warmup.until_train_error < LOWEST_END:
        text = f"At {warmup.lr:g} the training error may not fall below {warmup.until_train_error:g} %"
        yield "warmup", f"{text} before training ends."
    elif subject.spec.iterations <= about:
        iterations = subject.spec.iterations
        yield "warmup", f"In the paper it takes about {about:g} iterations; this run has {iterations:,} in all."


@rule("warm-up-not-lower", "warning", {"cifar": "warm-up", "imagenet": "imagenet-schedule"})
def warm_up_not_lower(subject: Specification) -> Iterator[Remark]:
    """The warm-up's learning rate is below the rate that follows."""
    if subject.spec.warmup is not None and subject.spec.warmup.lr >= subject.spec.lr:
        own, later = subject.spec.warmup.lr, subject.spec.lr
        yield "warmup", f"Its learning rate ({own:g}) must be below the rate that follows ({later:g})."


RULES = (warm_up_missing, warm_up_added, warm_up_other, warm_up_never_ends, warm_up_not_lower)
