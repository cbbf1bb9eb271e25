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
    """Splitting a batch over devices changes BN, because each device normalises over its own share."""
    share = subject.spec.batch_size // subject.spec.devices
    if subject.spec.devices > 1 and share != SHARES[subject.family]:
        text = f"BN sees {share} images on each of {subject.spec.devices} devices; in the paper it sees"
        yield "devices", f"{text} {_paper_share(subject.family)}."


@rule("measured-once", "info")
def measured_once(subject: Specification) -> Iterator[Remark]:
    """Errors are measured during training, so that there is a curve."""
    if subject.spec.evaluate_every > subject.spec.iterations:
        text = f"{subject.spec.evaluate_every:,} is beyond the last iteration ({subject.spec.iterations:,})"
        yield "evaluate_every", f"{text}, so the errors will be measured only once, at the end."


RULES = (precision, deterministic, batch_norm_share, measured_once)


def _paper_share(family: Family) -> str:
    share = SHARES[family]
    return f"{share} (128 on two GPUs)" if family == "cifar" else f"{share}, according to the authors' release"
