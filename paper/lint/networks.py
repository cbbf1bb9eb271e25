"""The network: its depth, its shortcuts, where its stride is, what it starts from (sec. 3.3, 4.1, 4.2, Table 1)."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.rule import Asked, Said, rule
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
        text="Option B in place of A. Its size tells: 0.47 M and 0.86 M at 32 and 56 layers, above Table 6's.",
        issue="ethanhe42/resnet-cifar10-caffe#15",
    ),
)
def option_a(asked: Asked) -> Iterator[Said]:
    """On CIFAR-10 every shortcut is option A."""
    if asked.family == "cifar" and asked.spec.shortcut in ("B", "C"):
        yield "shortcut", f"the paper uses option A on CIFAR-10, this is {asked.spec.shortcut}"


@rule("published-depth", "info", "cifar-depths")
def published_depth(asked: Asked) -> Iterator[Said]:
    """A depth that the paper trains has a result to stand beside."""
    is_plain = asked.spec.shortcut == "none"
    depths = PLAIN_DEPTHS if is_plain else DEPTHS
    if asked.family == "cifar" and asked.spec.depth not in depths:
        listed = ", ".join(map(str, depths))
        what = "plain nets" if is_plain else "ResNets"
        yield "depth", f"the paper trains {what} of {listed} layers: there is no result for this"


@rule("imagenet-option-a", "departure", "imagenet-option-a")
def imagenet_option_a(asked: Asked) -> Iterator[Said]:
    """On ImageNet the 18-layer ResNet is option A; the 34-layer one is compared with all three."""
    if asked.family == "imagenet" and asked.spec.depth == 18 and asked.spec.shortcut in ("B", "C"):
        yield "shortcut", f"the paper uses option A at depth 18, this is {asked.spec.shortcut}"


@rule("imagenet-option-b", "departure", "imagenet-option-b")
def imagenet_option_b(asked: Asked) -> Iterator[Said]:
    """On ImageNet the bottleneck ResNets are option B."""
    if asked.family == "imagenet" and asked.spec.depth >= 50 and asked.spec.shortcut in ("A", "C"):
        yield "shortcut", f"the paper uses option B at depth {asked.spec.depth}, this is {asked.spec.shortcut}"


@rule("plain-bottleneck", "info", "plain-bottlenecks")
def plain_bottleneck(asked: Asked) -> Iterator[Said]:
    """Plain bottleneck nets degrade as well, and no number is printed for them."""
    if asked.family == "imagenet" and asked.spec.depth >= 50 and asked.spec.shortcut == "none":
        yield "shortcut", "the paper says that plain nets of bottlenecks degrade as well, and prints no result"


@rule(
    "stride-in-3x3",
    "departure",
    "downsampling",
    Casualty(
        text="v1 and v1.5 share every key and shape: weights of one load silently into the other and lose accuracy.",
        issue="pytorch/vision#191",
    ),
)
def stride_in_3x3(asked: Asked) -> Iterator[Said]:
    """A bottleneck's stride is in its first 1×1 layer: only that fits Table 1's FLOPs and the authors' code."""
    if asked.family == "imagenet" and asked.spec.depth >= 50 and not asked.spec.stride_in_1x1:
        yield "stride_in_1x1", "the paper's bottlenecks stride in the first 1×1 layer; in the 3×3 it is v1.5"


@rule(
    "initialisation",
    "info",
    {"cifar": "cifar-regularisation", "imagenet": "imagenet-initialisation"},
    Casualty(
        text="fan-in or fan-out: an author answers that both are in [13].", issue="facebookarchive/fb.resnet.torch#106"
    ),
)
def initialisation(asked: Asked) -> Iterator[Said]:
    """The convolutions start as in [13]; which of its two forms the paper leaves open."""
    if asked.spec.init != asked.paper.init:
        yield "init", f"this is {asked.spec.init}; the paper names the method and neither of its two forms"


@rule(
    "imagenet-network-on-cifar",
    "warning",
    "cifar-network",
    Casualty(
        text="torchvision's ResNets on images of 32×32 are not the networks of sec. 4.2.", issue="pytorch/vision#573"
    ),
)
def imagenet_network_on_cifar(asked: Asked) -> Iterator[Said]:
    """CIFAR's images are for CIFAR's networks."""
    if asked.family == "imagenet" and asked.spec.dataset not in BUILT_IN and asked.spec.dataset.startswith("cifar"):
        yield "family", f"{asked.spec.dataset} looks like CIFAR's images, and these are the networks of Table 1"


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
