"""Rules on a result that was made elsewhere: what its file does not show of how the error was measured."""

from collections.abc import Iterator

from paper.lint.facts import Result
from paper.lint.rule import Remark, rule
from trainer.catalog import BUILT_IN


@rule("made-elsewhere", "info")
def made_elsewhere(result: Result) -> Iterator[Remark]:
    """A result is either trained by this service, or said to be from elsewhere."""
    if result.foreign is not None:
        yield "test_error", "This result was made elsewhere and imported. Its protocol is declared, not checked."


@rule("tested-before-the-end", "departure", {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"})
def tested_before_the_end(result: Result) -> Iterator[Remark]:
    """The test error is that of the network at the end of training."""
    if result.foreign is None or result.foreign.tested_at is None:
        return
    if result.foreign.tested_at < result.iteration:
        at, end = result.foreign.tested_at, result.iteration
        yield "test_error", f"The last test error in the file is of iteration {at:,}; training ended at {end:,}."


@rule("test-images-not-said", "unknown", {"cifar": "cifar-data", "imagenet": "imagenet-data"})
def test_images_not_said(result: Result) -> Iterator[Remark]:
    """A result made elsewhere says on how many images its test error was measured."""
    data = BUILT_IN.get(result.spec.dataset)
    if result.foreign is not None and data and result.test_error is not None and result.test_images is None:
        yield "test_error", f"Nobody said on how many images it was measured; the test set has {data.test_images:,}."


RULES = (made_elsewhere, tested_before_the_end, test_images_not_said)
