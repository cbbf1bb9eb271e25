"""Rules on how numbers are computed: precision, determinism, devices, and when errors are measured."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import Remark, Specification, rule
from trainer.catalog import Family

# Images that BN sees on one device. CIFAR-10: 128 on two GPUs (sec. 4.2). ImageNet: 32, as the authors' release has 256
# on 8 GPUs; the paper does not say.
SHARES: dict[Family, int] = {"cifar": 64, "imagenet": 32}


@rule("precision", "departure")
def precision(subject: Specification) -> Iterator[Remark]:
    """Arithmetic is fp32 (assumption: the paper does not say, and its GPUs supported nothing else)."""
    if subject.spec.precision != "fp32":
        yield (
            "precision",
            f"This run uses {subject.spec.precision}; the protocol assumes fp32, as the paper does not say.",
        )


@rule("deterministic", "warning")
def deterministic(subject: Specification) -> Iterator[Remark]:
    """Two runs with the same seed end with the same weights."""
    if not subject.spec.deterministic:
        yield "deterministic", "Another run with the same seed may end with different weights."


@rule(
    "batch-norm-share",
    "warning",
    {"cifar": "cifar-batch", "imagenet": "imagenet-batch"},
    Casualty(
        text="BN's variance was computed as the mean of the batches' variances, not as that of all their images.",
        issue="facebookresearch/pycls#93",
    ),
)
def batch_norm_share(subject: Specification) -> Iterator[Remark]:
    """BN normalises over each device's share of the batch: 64 images on CIFAR-10, 32 on ImageNet."""
    devices = subject.spec.devices
    share = subject.spec.batch_size // devices
    if share != SHARES[subject.family]:
        where = "on one device" if devices == 1 else f"on each of {devices} devices"
        yield "devices", f"BN sees {share} images {where}; in the paper it sees {_paper_share(subject.family)}."


@rule("measured-once", "info")
def measured_once(subject: Specification) -> Iterator[Remark]:
    """Errors are measured during training, so that there is a curve."""
    if subject.spec.evaluate_every > subject.spec.iterations:
        text = f"{subject.spec.evaluate_every:,} is beyond the last iteration ({subject.spec.iterations:,})"
        yield "evaluate_every", f"{text}, so the errors will be measured only once, at the end."


@rule("training-error-thinned", "warning")
def training_error_thinned(subject: Specification) -> Iterator[Remark]:
    """The training error is the mean over every mini-batch, so every mini-batch is logged."""
    every, iterations = subject.spec.log_every, subject.spec.iterations
    if every > 1:
        last = max(1, iterations // 10)  # the training error is the mean over the last tenth
        points = iterations // every - (iterations - last) // every
        text = f"The training error at the end is the mean of {points:,} of the last {last:,} mini-batches"
        yield "log_every", f"{text}, because only 1 in {every:,} is logged."


RULES = (precision, deterministic, batch_norm_share, measured_once, training_error_thinned)


def _paper_share(family: Family) -> str:
    share = SHARES[family]
    return f"{share} (128 on two GPUs)" if family == "cifar" else f"{share}, according to the authors' release"
