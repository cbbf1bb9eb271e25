"""The claims of the paper, each with the comparisons that test it. The quotes are in `data/sentences.json`."""

from functools import cache
from itertools import combinations

from paper import published, references
from paper.claims.claim import Alike, Below, Bound, Claim, Count, Net, falling, rising
from trainer.plan import plan
from trainer.spec import RunSpec, Shortcut


def _plain(depth: int) -> Net:
    return Net(depth, "none")


def _resnet(depth: int) -> Net:
    return Net(depth, "A")


def _imagenet(depth: int, shortcut: Shortcut) -> Net:
    return Net(depth, shortcut, "imagenet")


def _number(statement: str) -> float:
    value = published.statement(statement).value
    assert isinstance(value, float)  # noqa: S101 (for mypy: one number, not several)
    return value


@cache
def _has_no_more_parameters() -> bool:
    """Option A compared with the plain network, at every depth that sec. 4.2 trains."""
    return all(_planned(depth, "A")[0] == _planned(depth, "none")[0] for depth in (20, 32, 44, 56, 110, 1202))


@cache
def _is_less_complex_than_vgg() -> bool:
    """By multiply-adds, counting only VGG's convolutions."""
    _, ours = _planned(152, "B", "imagenet")
    return all(ours < vgg.convolution_multiply_adds for vgg in references.counts().vgg)


def _planned(depth: int, shortcut: Shortcut, dataset: str = "cifar10") -> tuple[int, int]:
    planned = plan(RunSpec(depth=depth, shortcut=shortcut, dataset=dataset))
    return planned.parameters, planned.multiply_adds


# The paper calls the differences between A, B and C small. Here that means small compared with what each gains over the
# plain network: less than half of A's gain.
CLOSE = (published.value(3, "plain-34", "top-1").value - published.value(3, "ResNet-34 A", "top-1").value) / 2
OPTIONS = tuple(_imagenet(34, shortcut) for shortcut in ("A", "B", "C"))

CIFAR = (
    Claim(
        id="degradation",
        quote="degradation",
        sentence="Plain-56 has a higher training error than plain-20, and a higher test error.",
        parts=(
            *rising("training error", _plain(20), _plain(56)),
            *rising("test error", _plain(20), _plain(56)),
        ),
        recipes=("figure-1", "figure-6-plain"),
    ),
    Claim(
        id="plain-training-error-rises",
        quote="plain-depth",
        sentence="The training error of plain networks rises with depth, from 20 to 56 layers.",
        parts=rising("training error", *map(_plain, (20, 32, 44, 56))),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="plain-test-error-rises",
        quote="degradation",
        sentence="The test error of plain networks rises with depth, from 20 to 56 layers.",
        parts=rising("test error", *map(_plain, (20, 32, 44, 56))),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="plain-110",
        quote="plain-110",
        sentence="The error of plain-110 is too high to be displayed.",
        parts=(Bound(_plain(110), "test error", "above", _number("plain-110-error")),),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="resnet-test-error-falls",
        quote="resnet-depth",
        sentence="The test error of ResNets falls with depth, from 20 to 110 layers.",
        parts=falling("test error", *map(_resnet, (20, 32, 44, 56, 110))),
        recipes=("table-6", "figure-6-resnet"),
    ),
    Claim(
        id="resnet-trains-better-with-depth",
        quote="resnet-depth",
        sentence="ResNet-56 has a lower training error than ResNet-20: there is no degradation.",
        parts=falling("training error", _resnet(20), _resnet(56)),
        recipes=("table-6", "figure-6-resnet"),
    ),
    Claim(
        id="resnet-beats-plain",
        quote="resnet-depth",
        sentence="ResNet-56 has a lower test error than plain-56, and a lower training error.",
        parts=(
            Below(_resnet(56), _plain(56), "test error"),
            Below(_resnet(56), _plain(56), "training error"),
        ),
        recipes=("figure-6-resnet", "figure-6-plain"),
    ),
    Claim(
        id="without-warm-up",
        quote="without-warm-up",
        sentence="Without warm-up, ResNet-110 starts to converge later but ends with a similar error.",
        parts=(
            Below(_resnet(110), Net(110, "A", warmed_up=False), "start of convergence"),
            Alike(_resnet(110), Net(110, "A", warmed_up=False), "test error"),
        ),
        recipes=("footnote-5",),
        varies=frozenset({"warmup"}),
    ),
    Claim(
        id="resnet-1202-trains",
        quote="resnet-1202-trains",
        sentence="A network of 1202 layers is no harder to optimise.",
        parts=(Bound(_resnet(1202), "training error", "below", _number("resnet-1202-train-error")),),
        recipes=("figure-6-1202",),
    ),
    Claim(
        id="resnet-1202-overfits",
        quote="resnet-1202-overfits",
        sentence="ResNet-1202 has a higher test error than ResNet-110, although their training errors are similar.",
        parts=(
            *rising("test error", _resnet(110), _resnet(1202)),
            Alike(_resnet(110), _resnet(1202), "training error", _number("resnet-1202-train-error")),
        ),
        recipes=("figure-6-1202",),
    ),
    Claim(
        id="responses-below-plain",
        quote="responses-below-plain",
        sentence="Layers of ResNets have smaller responses than layers of plain networks.",
        parts=tuple(Below(_resnet(depth), _plain(depth), "mean response") for depth in (20, 56)),
        recipes=("figure-7",),
    ),
    Claim(
        id="responses-fall-with-depth",
        quote="responses-fall-with-depth",
        sentence="Layers of deeper ResNets have smaller responses.",
        parts=falling("mean response", *map(_resnet, (20, 56, 110))),
        recipes=("figure-7",),
    ),
    Claim(
        id="no-extra-parameters",
        quote="cifar-option-a",
        sentence="Option A adds no parameters to the plain network.",
        parts=(Count("parameters: ResNet and plain network equal, 20 to 1202 layers", _has_no_more_parameters),),
    ),
)

IMAGENET = (
    Claim(
        id="imagenet-degradation",
        quote="imagenet-degradation",
        sentence="On ImageNet, plain-34 has a higher test error than plain-18, and a higher training error.",
        parts=(
            *rising("test error", _imagenet(18, "none"), _imagenet(34, "none")),
            *rising("training error", _imagenet(18, "none"), _imagenet(34, "none")),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-34-over-18",
        quote="resnet-34-over-18",
        sentence="ResNet-34 has a lower test error than ResNet-18.",
        parts=falling("test error", _imagenet(18, "A"), _imagenet(34, "A")),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-34-over-plain",
        quote="resnet-34-over-plain",
        sentence="ResNet-34 has a lower test error than plain-34, and a lower training error.",
        parts=(
            Below(_imagenet(34, "A"), _imagenet(34, "none"), "test error"),
            Below(_imagenet(34, "A"), _imagenet(34, "none"), "training error"),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-18-beside-plain",
        quote="resnet-18-beside-plain",
        sentence="At 18 layers, plain network and ResNet end with similar errors, but the ResNet converges faster.",
        parts=(
            Alike(_imagenet(18, "A"), _imagenet(18, "none"), "test error"),
            Below(_imagenet(18, "A"), _imagenet(18, "none"), "early training error"),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="options-better-than-plain",
        quote="options-better-than-plain",
        sentence="Options A, B and C are all better than the plain network.",
        parts=tuple(Below(net, _imagenet(34, "none"), "test error") for net in OPTIONS),
        recipes=("table-3",),
    ),
    Claim(
        id="options-close",
        quote="options-close",
        sentence="Options A, B and C are close to each other.",
        parts=tuple(Alike(first, second, "test error", CLOSE) for first, second in combinations(OPTIONS, 2)),
        recipes=("table-3",),
    ),
    Claim(
        id="options-ordered",
        quote="options-ordered",
        sentence="Option B is slightly better than A, and C slightly better than B.",
        parts=falling("test error", *OPTIONS),
        recipes=("table-3",),
    ),
    Claim(
        id="bottlenecks-gain",
        quote="bottlenecks-gain",
        sentence="ResNets with 50, 101 and 152 layers are each better than the 34-layer ResNet.",
        parts=tuple(Below(_imagenet(depth, "B"), _imagenet(34, "B"), "test error") for depth in (50, 101, 152)),
        recipes=("table-3", "table-4"),
    ),
    Claim(
        id="longer-training",
        quote="longer-training",
        sentence="Three times the iterations do not cure the degradation.",
        parts=rising("training error", *(Net(depth, "none", "imagenet", length=3) for depth in (18, 34))),
        recipes=("footnote-3",),
        varies=frozenset({"iterations", "schedule"}),
    ),
    Claim(
        id="plain-bottlenecks",
        quote="plain-bottlenecks",
        sentence="Plain bottleneck networks degrade as well.",
        parts=rising("training error", *(_imagenet(depth, "none") for depth in (50, 101, 152))),
        recipes=("footnote-4",),
    ),
    Claim(
        id="less-complex-than-vgg",
        quote="less-complex-than-vgg",
        sentence="ResNet-152 is less complex than VGG-16 and VGG-19.",
        parts=(Count("multiply-adds: ResNet-152 below VGG-16 and VGG-19", _is_less_complex_than_vgg),),
        recipes=("table-1",),
    ),
)

UNTESTABLE = (
    Claim(
        id="ensemble-wins",
        quote="ensemble-wins",
        sentence="An ensemble of residual networks won ILSVRC 2015.",
        recipes=("table-5",),
        untestable="The labels of ImageNet's test set are not public. The ensemble's error on the validation images "
        "can be measured instead.",
    ),
    Claim(
        id="detection-gains",
        quote="detection-gains",
        sentence="Deeper features improve detection and localization (sec. 4.3, appendices A to C).",
        untestable="Localization is not trained here. docs/detection.md lists the claims on detection.",
    ),
)

CLAIMS = (*CIFAR, *IMAGENET, *UNTESTABLE)
