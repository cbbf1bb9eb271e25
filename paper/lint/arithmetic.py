"""How the numbers are computed: precision, determinism, devices, and when errors are measured."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import Asked, Said, rule
from trainer.catalog import Family

# Images that one device's BN sees. CIFAR-10: 128 on two GPUs (sec. 4.2). ImageNet: 32, as the authors' release says of
# its 256 on 8 GPUs; the paper does not.
SHARES: dict[Family, int] = {"cifar": 64, "imagenet": 32}


@rule("precision", "departure")
def precision(asked: Asked) -> Iterator[Said]:
    """Arithmetic is fp32 (assumption: the paper does not say, and its GPUs had no other)."""
    if asked.spec.precision != "fp32":
        yield "precision", f"this is {asked.spec.precision}; the protocol here is fp32 (the paper does not say)"


@rule("deterministic", "warning")
def deterministic(asked: Asked) -> Iterator[Said]:
    """A second run with the same seed ends with the same weights."""
    if not asked.spec.deterministic:
        yield "deterministic", "a second run with this seed may end differently"


@rule(
    "batch-norm-share",
    "warning",
    {"cifar": "cifar-batch", "imagenet": "imagenet-batch"},
    Casualty(
        text="BN's variance computed as the mean of the batches' variances, which is not that of all their images.",
        issue="facebookresearch/pycls#93",
    ),
)
def batch_norm_share(asked: Asked) -> Iterator[Said]:
    """A batch that is split over devices changes BN: each device normalises by its own share."""
    share = asked.spec.batch_size // asked.spec.devices
    if asked.spec.devices > 1 and share != SHARES[asked.family]:
        yield "devices", f"BN sees {share} images on each of {asked.spec.devices} devices; in the paper {_told(asked)}"


@rule("measured-once", "info")
def measured_once(asked: Asked) -> Iterator[Said]:
    """Errors are measured along the way, so that there is a curve."""
    if asked.spec.evaluate_every > asked.spec.iterations:
        yield "evaluate_every", "the errors are measured only once, at the end: this is beyond the last iteration"


RULES = (precision, deterministic, batch_norm_share, measured_once)


def _told(asked: Asked) -> str:
    share = SHARES[asked.family]
    return f"{share}: 128 on two GPUs" if asked.family == "cifar" else f"{share}, as in its authors' release"
