"""Rules on the schedule: how long training is, and when the learning rate drops (sec. 3.4, 4.2)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from paper import published
from paper.findings import Casualty
from paper.lint.rule import ByFamily, Remark, Specification, rule
from trainer.catalog import BUILT_IN
from trainer.spec import PlateauSchedule, RunSpec, Schedule, StepSchedule

SENTENCES: ByFamily = {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"}
EPOCHS = Casualty(
    text="How many epochs the paper's iterations are depends on whether training uses 45k or 50k images.",
    issue="akamaster/pytorch_resnet_cifar10#6",
)
# The paper's 64,000 mini-batches are 164 epochs of 50k images, and re-implementations usually take 200. 500 is more
# than the epochs anybody trains these networks for, and far fewer than the iterations.
MOST_EPOCHS = 500


@rule("scale", "departure", SENTENCES)
def scale(subject: Specification) -> Iterator[Remark]:
    """Training shorter than the paper's is a rehearsal: a scale below 1 is always reported."""
    own, paper = subject.spec.iterations, subject.paper.iterations
    if own < paper:
        yield (
            "iterations",
            f"The paper trains for {paper:,}; this run for {own:,}, a scale of {own / paper:.4g}.",
        )


@rule("iterations", "departure", SENTENCES)
def iterations(subject: Specification) -> Iterator[Remark]:
    """Training is no longer than the paper's."""
    own, paper = subject.spec.iterations, subject.paper.iterations
    if own > paper and not _is_footnote_3(subject):
        yield "iterations", f"The paper trains for {paper:,}; this run trains for {own:,}."


@rule("longer-training", "info", {"imagenet": "longer-training"})
def longer_training(subject: Specification) -> Iterator[Remark]:
    """The paper also trained plain networks on ImageNet three times as long."""
    if _is_footnote_3(subject):
        yield (
            "iterations",
            "This is three times the paper's usual length, as in footnote 3, which prints no number.",
        )


@rule("epochs-for-iterations", "warning", SENTENCES, EPOCHS)
def epochs_for_iterations(subject: Specification) -> Iterator[Remark]:
    """Length is counted in mini-batches, as in the paper, not in epochs."""
    epoch, own = _iterations_per_epoch(subject.spec), subject.spec.iterations
    if epoch is not None and own < min(epoch, MOST_EPOCHS):
        text = f"{own:,} mini-batches are less than one epoch ({epoch:,})"
        yield "iterations", f"{text}. If you mean {own:,} epochs, set {own * epoch:,}."


@rule("drops-in-epochs", "warning", SENTENCES, EPOCHS)
def drops_in_epochs(subject: Specification) -> Iterator[Remark]:
    """The learning rate drops after a number of mini-batches, not of epochs."""
    schedule = subject.spec.schedule
    if not isinstance(schedule, StepSchedule) or not schedule.at:
        return
    if schedule.at[-1] < MOST_EPOCHS and schedule.at[-1] * 10 < subject.spec.iterations:
        drops = _listed(schedule.at)
        yield "schedule", f"The drops are at {drops} of {subject.spec.iterations:,} mini-batches. Did you mean epochs?"


@rule(
    "schedule",
    "departure",
    SENTENCES,
    {
        "cifar": Casualty(
            text="The code has epochs 100 and 150 of 200 in place of iterations 32k and 48k of 64k.",
            issue="akamaster/pytorch_resnet_cifar10#29",
        ),
        "imagenet": Casualty(
            text="Drops every 30 epochs were taken for the paper's, which drops the rate when the error plateaus.",
            issue="huggingface/pytorch-image-models#272",
        ),
    },
)
def schedule(subject: Specification) -> Iterator[Remark]:
    """The learning rate is divided by 10: on CIFAR-10 after 1/2 and 3/4 of training, on ImageNet at plateaus."""
    if _keeps(subject):
        return
    if isinstance(subject.paper.schedule, PlateauSchedule):
        yield "schedule", "The paper divides the learning rate by 10 when the error plateaus; this run does not."
    elif isinstance(subject.spec.schedule, PlateauSchedule):
        yield (
            "schedule",
            "On CIFAR-10 the paper drops the learning rate at fixed iterations; this run does not.",
        )
    else:
        drops, length = _listed(subject.paper.schedule.at), subject.paper.iterations
        yield "schedule", f"The paper divides the learning rate by 10 at {drops} of {length:,}; this run does not."


@rule("drops-in-proportion", "info", {"cifar": "cifar-schedule"})
def drops_in_proportion(subject: Specification) -> Iterator[Remark]:
    """In shorter or longer training, the drops keep their proportion."""
    own = subject.spec.schedule
    if subject.family != "cifar" or not isinstance(own, StepSchedule):
        return
    if own != subject.paper.schedule and own == _in_proportion(subject.spec.iterations):
        drops = f"at {_listed(own.at)}" if own.at else "there are none"
        yield "schedule", f"The drops are in proportion to the number of iterations: {drops}."


@rule("drop-never-reached", "warning")
def drop_never_reached(subject: Specification) -> Iterator[Remark]:
    """Every drop of the learning rate comes before training ends."""
    if not isinstance(subject.spec.schedule, StepSchedule):
        return
    late = [at for at in subject.spec.schedule.at if at >= subject.spec.iterations]
    if late:
        yield "schedule", f"The drop at {late[0]:,} is never reached: training ends at {subject.spec.iterations:,}."


RULES = (
    scale,
    iterations,
    longer_training,
    epochs_for_iterations,
    drops_in_epochs,
    schedule,
    drops_in_proportion,
    drop_never_reached,
)


def _keeps(subject: Specification) -> bool:
    own, paper = subject.spec.schedule, subject.paper.schedule
    if isinstance(paper, PlateauSchedule):
        # The paper does not say for how long, or by how little, the error must change.
        return isinstance(own, PlateauSchedule) and own.factor == paper.factor
    return own in (paper, _in_proportion(subject.spec.iterations))


@lru_cache(maxsize=256)
def _in_proportion(iterations: int) -> Schedule:
    """Sec. 4.2's drops for another number of iterations. They do not depend on the network."""
    return RunSpec(depth=20, shortcut="A", dataset="cifar10", iterations=iterations).schedule


def _is_footnote_3(subject: Specification) -> bool:
    is_plain = subject.family == "imagenet" and subject.spec.shortcut == "none"
    return is_plain and subject.spec.iterations == published.number("longer-training") * subject.paper.iterations


def _iterations_per_epoch(spec: RunSpec) -> int | None:
    data = BUILT_IN.get(spec.dataset)
    images = spec.train_images or (data.train_images if data else None)
    return None if images is None else -(-images // spec.batch_size)


def _listed(drops: Sequence[int]) -> str:
    return " and ".join(f"{drop:,}" for drop in drops)
