"""A result by itself: is it whole, which of its errors is quoted, how was it measured (sec. 3.4, 4.2, Table 6)."""

from collections.abc import Iterator

from paper import published, references
from paper.findings import Casualty
from paper.lint.facts import Result
from paper.lint.rule import DATA, Said, rule
from paper.lint.warmup import NEVER_ENDS
from paper.power import MARGIN
from trainer.catalog import BUILT_IN


@rule("unfinished", "departure", {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"})
def unfinished(result: Result) -> Iterator[Said]:
    """A result is of the network at the end of training."""
    if result.iteration < result.spec.iterations:
        yield "iteration", f"training stands at {result.iteration} of {result.spec.iterations}"


@rule("from-scratch", "departure", "imagenet-initialisation")
def from_scratch(result: Result) -> Iterator[Said]:
    """A network is trained from scratch, by one specification from its first iteration to its last."""
    if result.forked_at is not None:
        yield "iteration", f"it goes on from another run's checkpoint of iteration {result.forked_at}"


@rule(
    "best-on-test",
    "departure",
    {"cifar": "cifar-test"},
    Casualty(
        text="The test set used to choose the network that is then reported on it.", issue="kuangliu/pytorch-cifar#149"
    ),
)
def best_on_test(result: Result) -> Iterator[Said]:
    """The test error is measured once, at the end; the least of many looks is an optimistic number."""
    if result.quoted == "best on test":
        yield "test_error", "this is the least test error of all evaluations; the last one is what the paper reports"


@rule("one-seed", "warning", "five-runs")
def one_seed(result: Result) -> Iterator[Said]:
    """A claim about a difference needs as many seeds as decide it; of its 110-layer net the paper ran five."""
    seeds = len(result.seeds())
    runs = [value.spread.runs for value in published.values(network=result.spec.name) if value.spread]
    if runs and runs[0] is not None and seeds < runs[0]:
        yield "seed", f"{seeds} of the {runs[0]} runs that the paper's best (mean±std) is made of"
    elif seeds == 1:
        low, high = _spread()
        text = f"one seed: elsewhere seeds differ by a std of {low:.1f} to {high:.1f} points at these depths"
        yield "seed", f"{text}, as much as neighbouring depths differ"


@rule(
    "too-good",
    "warning",
    {"cifar": "cifar-data"},
    Casualty(
        text="5.89 % and 6.04 % for 110 layers, below the paper's best of five: another protocol, no better net.",
        issue="facebookarchive/fb.resnet.torch#177",
    ),
)
def too_good(result: Result) -> Iterator[Said]:
    """A result far better than the paper's is looked into before it is believed."""
    if result.test_error is None or result.spec.dataset != DATA[result.family]:
        return
    for value in published.values(network=result.spec.name, table=6):
        theirs = value.spread.mean if value.spread else value.value
        if value.unit == "%" and result.test_error < theirs - MARGIN:
            what = "mean" if value.spread else "number"
            yield "test_error", f"{theirs - result.test_error:.2f} points better than the paper's {what}, {theirs:.2f}"


@rule("warm-up-never-ended", "departure", {"cifar": "warm-up"}, NEVER_ENDS)
def warm_up_never_ended(result: Result) -> Iterator[Said]:
    """After the warm-up the rate goes back to 0.1, and training with it."""
    is_seen = result.forked_at is None  # a fork's curve begins after its parent's warm-up, or within it
    if is_seen and result.spec.warmup is not None and result.warmed_up_at is None:
        threshold = result.spec.warmup.until_train_error
        yield "warmup", f"it never ended: the training error was never below {threshold:g} %"


@rule(
    "centre-crop",
    "warning",
    {"imagenet": "ten-crop"},
    Casualty(text="1-crop, 10-crop and multi-scale errors set beside each other.", issue="hujie-frank/SENet#39"),
)
def centre_crop(result: Result) -> Iterator[Said]:
    """Errors stand beside errors of the same views: 10-crop in Tables 2 and 3, multi-scale in Table 4."""
    if result.family == "imagenet" and result.test_error is not None:
        text = "a run's own errors are of the centre crop, as the paper's Fig. 4; Tables 2 and 3 are 10-crop"
        yield "test_error", f"{text}: evaluate the weights so"


@rule(
    "test-images",
    "departure",
    {"cifar": "cifar-data", "imagenet": "imagenet-data"},
    Casualty(text="A test that took 2,000 of the 10,000 test images.", issue="gcr/torch-residual-networks#2"),
)
def test_images(result: Result) -> Iterator[Said]:
    """The test error is of the whole test set."""
    data = BUILT_IN.get(result.spec.dataset)
    if data and result.test_images is not None and result.test_images != data.test_images:
        yield "test_error", f"measured on {result.test_images} images; the test set has {data.test_images}"


RULES = (unfinished, from_scratch, best_on_test, one_seed, too_good, warm_up_never_ended, centre_crop, test_images)


def _spread() -> tuple[float, float]:
    """Percent: the least and the largest standard deviation over seeds that anyone reports."""
    stds = [each.std for each in references.reimplementations() if each.std is not None]
    return min(stds), max(stds)
