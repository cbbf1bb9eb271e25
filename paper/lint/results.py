"""Rules on one result: whether it is complete, which error is quoted, how it was measured (sec. 3.4, 4.2, Table 6)."""

from collections.abc import Iterator

from paper import published, references
from paper.findings import Casualty
from paper.lint.facts import Result
from paper.lint.rule import DATA, Remark, rule
from paper.lint.warmup import NEVER_ENDS
from paper.power import MARGIN
from trainer.catalog import BUILT_IN


@rule("unfinished", "departure", {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"})
def unfinished(result: Result) -> Iterator[Remark]:
    """A result belongs to the network at the end of training."""
    if result.iteration < result.spec.iterations:
        yield "iteration", f"Training has reached {result.iteration:,} of {result.spec.iterations:,}."


@rule("from-scratch", "departure", "imagenet-initialisation")
def from_scratch(result: Result) -> Iterator[Remark]:
    """A network is trained from scratch, by one specification from its first iteration to its last."""
    if result.forked_at is not None:
        yield "iteration", f"This run started from another run's checkpoint at iteration {result.forked_at:,}."


@rule(
    "best-on-test",
    "departure",
    {"cifar": "cifar-test"},
    Casualty(
        text="The test set was used to choose the network reported on it.",
        issue="kuangliu/pytorch-cifar#149",
    ),
)
def best_on_test(result: Result) -> Iterator[Remark]:
    """The test error is the last one; the lowest of many evaluations is an optimistic number."""
    if result.quoted == "best on test":
        yield "test_error", "This is the lowest test error of all evaluations; the paper reports the last one."


@rule("one-seed", "warning", "five-runs")
def one_seed(result: Result) -> Iterator[Remark]:
    """A claim about a difference needs enough seeds to decide it; the paper ran its 110-layer network five times."""
    seeds = len(result.seeds())
    runs = [value.spread.runs for value in published.values(network=result.spec.name) if value.spread]
    if runs and runs[0] is not None and seeds < runs[0]:
        yield "seed", f"This experiment has {seeds} of the {runs[0]} seeds behind the paper's best (mean±std)."
    elif seeds == 1:
        low, high = _spread()
        text = f"One seed shows no spread. Others report standard deviations of {low:.1f} to {high:.1f} points"
        yield "seed", f"{text} between seeds, as large as the differences between neighbouring depths."


@rule(
    "too-good",
    "warning",
    {"cifar": "cifar-data"},
    Casualty(
        text="5.89 % and 6.04 % for 110 layers are below the paper's best of five: a different protocol, not a better "
        "network.",
        issue="facebookarchive/fb.resnet.torch#177",
    ),
)
def too_good(result: Result) -> Iterator[Remark]:
    """A result far better than the paper's needs an explanation before it is believed."""
    if result.test_error is None or result.spec.dataset != DATA[result.family]:
        return
    for value in published.values(network=result.spec.name, table=6):
        theirs = value.spread.mean if value.spread else value.value
        if value.unit == "%" and result.test_error < theirs - MARGIN:
            what = "mean" if value.spread else "number"
            yield (
                "test_error",
                f"This is {theirs - result.test_error:.2f} points below the paper's {what}, {theirs:.2f} %.",
            )


@rule("warm-up-never-ended", "departure", {"cifar": "warm-up"}, NEVER_ENDS)
def warm_up_never_ended(result: Result) -> Iterator[Remark]:
    """The warm-up ends, and training continues at 0.1."""
    is_whole = result.forked_at is None  # a fork's curve begins during its parent's warm-up, or after it
    is_recorded = result.foreign is None or result.foreign.has_rates
    if is_whole and is_recorded and result.spec.warmup is not None and result.warmed_up_at is None:
        threshold = result.spec.warmup.until_train_error
        yield "warmup", f"It never ended: the training error was never below {threshold:g} %."


@rule(
    "centre-crop",
    "warning",
    {"imagenet": "ten-crop"},
    Casualty(text="1-crop, 10-crop and multi-scale errors were compared.", issue="hujie-frank/SENet#39"),
)
def centre_crop(result: Result) -> Iterator[Remark]:
    """Errors are compared in the same views: 10-crop in Tables 2 and 3, multi-scale in Table 4."""
    if result.family == "imagenet" and result.test_error is not None:
        text = "A run measures the error of the centre crop, as in Fig. 4. Evaluate its weights with ten crops"
        yield "test_error", f"{text} to compare it with Tables 2 and 3."


@rule(
    "test-images",
    "departure",
    {"cifar": "cifar-data", "imagenet": "imagenet-data"},
    Casualty(text="The test used only 2,000 of the 10,000 test images.", issue="gcr/torch-residual-networks#2"),
)
def test_images(result: Result) -> Iterator[Remark]:
    """The test error is measured on the whole test set."""
    data = BUILT_IN.get(result.spec.dataset)
    if data and result.test_images is not None and result.test_images != data.test_images:
        yield "test_error", f"It was measured on {result.test_images:,} images; the test set has {data.test_images:,}."


RULES = (unfinished, from_scratch, best_on_test, one_seed, too_good, warm_up_never_ended, centre_crop, test_images)


def _spread() -> tuple[float, float]:
    """The smallest and the largest standard deviation over seeds that anyone reports, in points."""
    stds = [other.std for other in references.reimplementations() if other.std is not None]
    return min(stds), max(stds)
