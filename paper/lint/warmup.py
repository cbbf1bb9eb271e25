"""The warm-up of the 110-layer net and deeper ones (sec. 4.2)."""

from collections.abc import Iterator

from paper import published
from paper.findings import Casualty
from paper.lint.rule import Asked, Said, rule

NEVER_ENDS = Casualty(
    text="The rate was set to 0.01 behind the scheduler's back and stayed there: 0.01 for epochs 0 to 99, then 0.001.",
    issue="akamaster/pytorch_resnet_cifar10#21",
)
# Percent. Assumption: a running error of a mini-batch that a rate of 0.01 need not bring a deep net below.
LOWEST_END = 20.0


@rule("warm-up-missing", "departure", {"cifar": "warm-up"})
def warm_up_missing(asked: Asked) -> Iterator[Said]:
    """From 110 layers on training is warmed up."""
    if asked.spec.warmup is None and asked.paper.warmup is not None:
        wanted = asked.paper.warmup
        text = (
            f"the paper uses a rate of {wanted.lr:g} until the training error is below {wanted.until_train_error:g} %"
        )
        yield "warmup", f"there is none at this depth; {text}"


@rule("warm-up-added", "departure", {"cifar": "warm-up", "imagenet": "imagenet-schedule"})
def warm_up_added(asked: Asked) -> Iterator[Said]:
    """No other net is warmed up."""
    if asked.spec.warmup is not None and asked.paper.warmup is None:
        deep = "the 110-layer net on CIFAR-10 and deeper ones"
        yield "warmup", f"only {deep} have one in the paper"


@rule(
    "warm-up-other",
    "departure",
    {"cifar": "warm-up"},
    Casualty(
        text="0.01 for the whole first epoch taken for the paper's rule, which is an error threshold.",
        issue="tensorpack/tensorpack#357",
    ),
)
def warm_up_other(asked: Asked) -> Iterator[Said]:
    """The warm-up is at 0.01 and ends at 80 % training error."""
    given, wanted = asked.spec.warmup, asked.paper.warmup
    if given is not None and wanted is not None and given != wanted:
        yield "warmup", f"the paper uses {wanted.lr:g} until {wanted.until_train_error:g} % training error"


@rule("warm-up-never-ends", "warning", {"cifar": "warm-up", "imagenet": "imagenet-schedule"}, NEVER_ENDS)
def warm_up_never_ends(asked: Asked) -> Iterator[Said]:
    """A warm-up ends early in training, and the rate goes back to 0.1."""
    warmup = asked.spec.warmup
    if warmup is None:
        return
    about = published.number("warmup-length")
    if warmup.until_train_error < LOWEST_END:
        yield (
            "warmup",
            f"at {warmup.lr:g} the error may not fall below {warmup.until_train_error:g} % before training ends",
        )
    elif asked.spec.iterations <= about:
        yield "warmup", f"it takes about {about:g} iterations in the paper, and training has {asked.spec.iterations}"


@rule("warm-up-not-lower", "warning", {"cifar": "warm-up", "imagenet": "imagenet-schedule"})
def warm_up_not_lower(asked: Asked) -> Iterator[Said]:
    """A warm-up's rate is below the rate that it leads to."""
    if asked.spec.warmup is not None and asked.spec.warmup.lr >= asked.spec.lr:
        yield "warmup", f"its rate {asked.spec.warmup.lr:g} is not below {asked.spec.lr:g}, the rate that follows"


RULES = (warm_up_missing, warm_up_added, warm_up_other, warm_up_never_ends, warm_up_not_lower)
