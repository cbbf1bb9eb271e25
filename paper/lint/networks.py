"""Rules on the network: depth, shortcuts, stride and initialisation (sec. 3.3, 4.1, 4.2, Table 1)."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import Remark, Specification, rule
from trainer.catalog import BUILT_IN
from trainer.spec import Shortcut

# Sec. 4.2 and Table 6: n = 3, 5, 7, 9, 18, 200. Plain nets: Fig. 6 (left), n = 3, 5, 7, 9 and 110.
DEPTHS = (20, 32, 44, 56, 110, 1202)
PLAIN_DEPTHS = (20, 32, 44, 56, 110)
# Tables 2 and 3, and sec. 4.1: option A for 18 layers, all three for 34, B from 50 on. Plain nets: 18 and 34.
IMAGENET_SHORTCUTS: dict[int, tuple[Shortcut, ...]] = {
    18: ("none", "A"),
    34: ("none", "A", "B", "C"),
    50: ("B",),
    101: ("B",),
    152: ("B",),
}


@rule(
    "option-a",
    "departure",
    "cifar-option-a",
    Casualty(
        text="Option B was used instead of A, as its size shows: 0.47 M and 0.86 M at 32 and 56 layers, more than in "
        "Table 6.",
        issue="ethanhe42/resnet-cifar10-caffe#15",
    ),
)
def option_a(subject: Specification) -> Iterator[Remark]:
    """On CIFAR-10 every shortcut is option A."""
    if subject.family == "cifar" and subject.spec.shortcut in ("B", "C"):
        yield "shortcut", f"The paper uses option A on CIFAR-10; this run uses option {subject.spec.shortcut}."


@rule("published-depth", "info", "cifar-depths")
def published_depth(subject: Specification) -> Iterator[Remark]:
    """The paper trains this depth, so there is a result to compare with."""
    is_plain = subject.spec.shortcut == "none"
    depths = PLAIN_DEPTHS if is_plain else DEPTHS
    if subject.family == "cifar" and subject.spec.depth not in depths:
        listed = ", ".join(map(str, depths))
        what = "plain nets" if is_plain else "ResNets"
        yield "depth", f"The paper trains {what} with {listed} layers, so it has no result for this depth."


@rule("imagenet-option-a", "departure", "imagenet-option-a")
def imagenet_option_a(subject: Specification) -> Iterator[Remark]:
    """On ImageNet the 18-layer ResNet uses option A; the 34-layer ResNet is trained with all three options."""
    if subject.family == "imagenet" and subject.spec.depth == 18 and subject.spec.shortcut in ("B", "C"):
        yield "shortcut", f"The paper uses option A at 18 layers; this run uses option {subject.spec.shortcut}."


@rule("imagenet-option-b", "departure", "imagenet-option-b")
def imagenet_option_b(subject: Specification) -> Iterator[Remark]:
    """On ImageNet the bottleneck ResNets use option B."""
    if subject.family == "imagenet" and subject.spec.depth >= 50 and subject.spec.shortcut in ("A", "C"):
        depth, shortcut = subject.spec.depth, subject.spec.shortcut
        yield "shortcut", f"The paper uses option B at {depth} layers; this run uses option {shortcut}."


@rule("plain-bottleneck", "info", "plain-bottlenecks")
def plain_bottleneck(subject: Specification) -> Iterator[Remark]:
    """Plain bottleneck networks degrade as well; the paper prints no result for them."""
    if subject.family == "imagenet" and subject.spec.depth >= 50 and subject.spec.shortcut == "none":
        yield (
            "shortcut",
            "The paper says that plain bottleneck networks degrade as well, but prints no result.",
        )


@rule(
    "stride-in-3x3",
    "departure",
    "downsampling",
    Casualty(
        text="v1 and v1.5 have the same keys and shapes: weights of one load into the other without an error, and lose "
        "accuracy.",
        issue="pytorch/vision#191",
    ),
)
def stride_in_3x3(subject: Specification) -> Iterator[Remark]:
    """A bottleneck's stride is in its first 1×1 layer: only that fits Table 1's FLOPs and the authors' code."""
    if subject.family == "imagenet" and subject.spec.depth >= 50 and not subject.spec.stride_in_1x1:
        yield (
            "stride_in_1x1",
            "The paper's bottlenecks have their stride in the first 1×1 layer; this run's is in the 3×3 layer (v1.5).",
        )


@rule(
    "initialisation",
    "info",
    {"cifar": "cifar-regularisation", "imagenet": "imagenet-initialisation"},
    Casualty(
        text="Fan-in or fan-out? One of the authors answers that both are in [13].",
        issue="facebookarchive/fb.resnet.torch#106",
    ),
)
def initialisation(subject: Specification) -> Iterator[Remark]:
    """Convolutions are initialised as in [13]; the paper leaves open which of its two forms is meant."""
    if subject.spec.init != subject.paper.init:
        yield "init", f"This run uses {subject.spec.init}; the paper names the method, but neither of its two forms."


@rule(
    "imagenet-network-on-cifar",
    "warning",
    "cifar-network",
    Casualty(
        text="torchvision's ResNets on images of 32×32 are not the networks of sec. 4.2.", issue="pytorch/vision#573"
    ),
)
def imagenet_network_on_cifar(subject: Specification) -> Iterator[Remark]:
    """CIFAR images are trained with the CIFAR networks."""
    if (
        subject.family == "imagenet"
        and subject.spec.dataset not in BUILT_IN
        and subject.spec.dataset.startswith("cifar")
    ):
        yield (
            "family",
            f"{subject.spec.dataset} looks like CIFAR images, but the networks of Table 1 are made for ImageNet.",
        )


RULES = (
    option_a,
    published_depth,
    imagenet_option_a,
    imagenet_option_b,
    plain_bottleneck,
    stride_in_3x3,
    initialisation,
    imagenet_network_on_cifar,
)
