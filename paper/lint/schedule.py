"""How long, and when the rate drops: iterations, drops, plateaus (sec. 3.4, 4.2)."""

from collections.abc import Iterator
from functools import lru_cache

from paper import published
from paper.findings import Casualty
from paper.lint.rule import Asked, ByFamily, Said, rule
from trainer.catalog import BUILT_IN
from trainer.spec import PlateauSchedule, RunSpec, Schedule, StepSchedule

SENTENCES: ByFamily = {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"}
EPOCHS = Casualty(
    text="Which epochs the paper's iterations are depends on training with 45k or 50k images.",
    issue="akamaster/pytorch_resnet_cifar10#6",
)
# The paper's 64000 mini-batches are 164 epochs of 50k images; the usual re-implementations take 200. Twice that is
# more epochs than anybody gives these networks, and far fewer iterations.
MOST_EPOCHS = 500


@rule("scale", "departure", SENTENCES)
def scale(asked: Asked) -> Iterator[Said]:
    """Training that is shorter than the paper's is a rehearsal: a scale below 1 is always declared."""
    given, wanted = asked.spec.iterations, asked.paper.iterations
    if given < wanted:
        yield "iterations", f"the paper trains for {wanted}, this is {given}: a scale of {given / wanted:.4g}"


@rule("iterations", "departure", SENTENCES)
def iterations(asked: Asked) -> Iterator[Said]:
    """Training ends where the paper's does."""
    given, wanted = asked.spec.iterations, asked.paper.iterations
    if given > wanted and not _is_footnote_3(asked):
        yield "iterations", f"the paper trains for {wanted}, this is {given}"


@rule("longer-training", "info", {"imagenet": "longer-training"})
def longer_training(asked: Asked) -> Iterator[Said]:
    """Plain nets on ImageNet were trained three times as long as well."""
    if _is_footnote_3(asked):
        yield "iterations", "three times the paper's training, as in its footnote 3, which prints no number"


@rule("epochs-for-iterations", "warning", SENTENCES, EPOCHS)
def epochs_for_iterations(asked: Asked) -> Iterator[Said]:
    """The paper counts mini-batches, not epochs."""
    once = _iterations_an_epoch(asked.spec)
    if once is not None and asked.spec.iterations < min(once, MOST_EPOCHS):
        text = f"{asked.spec.iterations} mini-batches are less than one epoch ({once}); as epochs they would be "
        yield "iterations", text + str(asked.spec.iterations * once)


@rule("drops-in-epochs", "warning", SENTENCES, EPOCHS)
def drops_in_epochs(asked: Asked) -> Iterator[Said]:
    """The rate drops after mini-batches, not after epochs."""
    schedule = asked.spec.schedule
    if not isinstance(schedule, StepSchedule) or not schedule.at:
        return
    if schedule.at[-1] < MOST_EPOCHS and schedule.at[-1] * 10 < asked.spec.iterations:
        drops = " and ".join(map(str, schedule.at))
        yield "schedule", f"drops at {drops} of {asked.spec.iterations} mini-batches: are these epochs?"


@rule(
    "schedule",
    "departure",
    SENTENCES,
    {
        "cifar": Casualty(
            text="Epochs 100 and 150 of 200 stand in the code for 32k and 48k of 64k iterations.",
            issue="akamaster/pytorch_resnet_cifar10#29",
        ),
        "imagenet": Casualty(
            text="Drops every 30 epochs taken for the paper's; it says when the error plateaus.",
            issue="huggingface/pytorch-image-models#272",
        ),
    },
)
def schedule(asked: Asked) -> Iterator[Said]:
    """The rate is divided by 10: on CIFAR-10 at half and three quarters of training, on ImageNet at plateaus."""
    if _keeps(asked):
        return
    if isinstance(asked.paper.schedule, PlateauSchedule):
        yield "schedule", "the paper divides the rate by 10 when the error plateaus"
    elif isinstance(asked.spec.schedule, PlateauSchedule):
        yield "schedule", "the paper drops the rate at fixed iterations on CIFAR-10"
    else:
        at = " and ".join(map(str, asked.paper.schedule.at))
        yield "schedule", f"the paper divides the rate by 10 at {at} of {asked.paper.iterations}"


@rule("drops-in-proportion", "info", {"cifar": "cifar-schedule"})
def drops_in_proportion(asked: Asked) -> Iterator[Said]:
    """Where training is shorter or longer, the drops are kept in proportion."""
    if asked.family != "cifar" or not isinstance(asked.spec.schedule, StepSchedule):
        return
    if asked.spec.schedule != asked.paper.schedule and asked.spec.schedule == _in_proportion(asked.spec.iterations):
        drops = " and ".join(map(str, asked.spec.schedule.at)) or "never"
        yield "schedule", f"the drops are kept in proportion to the iterations: at {drops}"


@rule("drop-never-reached", "warning")
def drop_never_reached(asked: Asked) -> Iterator[Said]:
    """Every drop of the rate comes before training ends."""
    if not isinstance(asked.spec.schedule, StepSchedule):
        return
    late = [at for at in asked.spec.schedule.at if at >= asked.spec.iterations]
    if late:
        yield "schedule", f"a drop at {late[0]} is never reached: training stops at {asked.spec.iterations}"


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


def _keeps(asked: Asked) -> bool:
    given, wanted = asked.spec.schedule, asked.paper.schedule
    if isinstance(wanted, PlateauSchedule):
        # How long the error must stand still, and how still, the paper does not say.
        return isinstance(given, PlateauSchedule) and given.factor == wanted.factor
    return given in (wanted, _in_proportion(asked.spec.iterations))


@lru_cache(maxsize=256)
def _in_proportion(iterations: int) -> Schedule:
    """Sec. 4.2's drops for another number of iterations; the network has no part in it."""
    return RunSpec(depth=20, shortcut="A", dataset="cifar10", iterations=iterations).schedule


def _is_footnote_3(asked: Asked) -> bool:
    is_plain = asked.family == "imagenet" and asked.spec.shortcut == "none"
    return is_plain and asked.spec.iterations == published.number("longer-training") * asked.paper.iterations


def _iterations_an_epoch(spec: RunSpec) -> int | None:
    data = BUILT_IN.get(spec.dataset)
    images = spec.train_images or (data.train_images if data else None)
    return None if images is None else -(-images // spec.batch_size)
