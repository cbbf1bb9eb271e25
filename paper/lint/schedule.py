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
# The iterations without a lower error after which the rate falls, as a share of the paper's training. Assumptions, as
# the paper only says "plateaus": more than one of its 120 epochs, because less shows the noise of an epoch; and no more
# than a quarter, because fb.resnet.torch keeps each rate for 30 of the 120 epochs.
SHORTEST_WAIT, LONGEST_WAIT = 1 / 120, 1 / 4
# Points by which an error must fall to count. Assumption: whole points are falls, not plateaus.
LARGEST_THRESHOLD = 1.0


# Rules on nothing but the number of iterations.
LENGTH_RULES = frozenset({"scale", "iterations"})


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


@rule("plateau", "departure", {"imagenet": "imagenet-schedule"})
def plateau(subject: Specification) -> Iterator[Remark]:
    """The learning rate falls when the error plateaus: not with the noise of one evaluation, and not long after."""
    own = subject.spec.schedule
    if not isinstance(own, PlateauSchedule) or not isinstance(subject.paper.schedule, PlateauSchedule):
        return
    wait, trained = own.patience * subject.spec.evaluate_every, min(subject.spec.iterations, subject.paper.iterations)
    field = "schedule" if own.patience != subject.paper.schedule.patience else "evaluate_every"
    waits = f"The rate falls after {wait:,} iterations without a lower error"
    if own.patience == 1:
        yield "schedule", "One evaluation without a lower error lowers the rate, so the noise of one evaluation can."
    elif wait <= SHORTEST_WAIT * trained:
        yield field, f"{waits}: within an epoch of the paper's 120, which shows noise rather than a plateau."
    if wait > LONGEST_WAIT * trained:
        yield field, f"{waits}, more than a quarter of training: too late for the paper's drops."
    if own.threshold == 0:
        yield "schedule", "An error that is lower by nothing but noise counts as lower, so noise puts the drops off."
    if own.threshold > LARGEST_THRESHOLD:
        threshold = f"{own.threshold:g} points"
        yield "schedule", f"Only an error that is {threshold} lower counts, so the rate falls while the error falls."


@rule("plateau-reading", "info", {"imagenet": "imagenet-schedule"})
def plateau_reading(subject: Specification) -> Iterator[Remark]:
    """What a plateau is, is an assumption: 5 evaluations, 5,000 iterations apart, without a fall of 0.1 points."""
    own, usual = subject.spec.schedule, subject.paper.schedule
    if not isinstance(own, PlateauSchedule) or not isinstance(usual, PlateauSchedule):
        return
    if (own.patience, own.threshold) != (usual.patience, usual.threshold):
        text = f"{own.patience} evaluations without a fall of {own.threshold:g} points"
        yield "schedule", f"The paper does not say what a plateau is. This run takes {text} for one."
    every = _evaluate_every_in_proportion(subject)
    if subject.spec.evaluate_every != every:
        text = f"this run evaluates every {subject.spec.evaluate_every:,} iterations; the protocol assumes {every:,}"
        yield "evaluate_every", f"Evaluations decide when the rate falls, and {text}."


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
    plateau,
    plateau_reading,
    drops_in_proportion,
    drop_never_reached,
)


def _keeps(subject: Specification) -> bool:
    own, paper = subject.spec.schedule, subject.paper.schedule
    if isinstance(paper, PlateauSchedule):
        # For how long, and by how little, the error must change: rules of their own.
        return isinstance(own, PlateauSchedule) and own.factor == paper.factor
    return own in (paper, _in_proportion(subject.spec.iterations))


@lru_cache(maxsize=256)
def _in_proportion(iterations: int) -> Schedule:
    """Sec. 4.2's drops for another number of iterations. They do not depend on the network."""
    return RunSpec(depth=20, shortcut="A", dataset="cifar10", iterations=iterations).schedule


def _evaluate_every_in_proportion(subject: Specification) -> int:
    """A shorter schedule has its evaluations closer together (`recipes.scaled`); a longer one does not."""
    scale = min(1.0, subject.spec.iterations / subject.paper.iterations)
    return max(1, round(subject.paper.evaluate_every * scale))


def _is_footnote_3(subject: Specification) -> bool:
    is_plain = subject.family == "imagenet" and subject.spec.shortcut == "none"
    return is_plain and subject.spec.iterations == published.number("longer-training") * subject.paper.iterations


def _iterations_per_epoch(spec: RunSpec) -> int | None:
    data = BUILT_IN.get(spec.dataset)
    images = spec.train_images or (data.train_images if data else None)
    return None if images is None else -(-images // spec.batch_size)


def _listed(drops: Sequence[int]) -> str:
    return " and ".join(f"{drop:,}" for drop in drops)
