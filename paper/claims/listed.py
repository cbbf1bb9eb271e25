"""The claims of the paper, each as what it comes down to. Their sentences are in `data/sentences.json`."""

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
    """Option A against plain, of every depth that sec. 4.2 trains."""
    return all(_planned(depth, "A")[0] == _planned(depth, "none")[0] for depth in (20, 32, 44, 56, 110, 1202))


@cache
def _is_less_complex_than_vgg() -> bool:
    """By multiply-adds, the convolutions of VGG alone."""
    _, ours = _planned(152, "B", "imagenet")
    return all(ours < vgg.convolution_multiply_adds for vgg in references.counts().vgg)


def _planned(depth: int, shortcut: Shortcut, dataset: str = "cifar10") -> tuple[int, int]:
    planned = plan(RunSpec(depth=depth, shortcut=shortcut, dataset=dataset))
    return planned.parameters, planned.multiply_adds


# The paper's "small" among A, B and C is small beside what each of them gains on the plain net: half of A's gain.
CLOSE = (published.value(3, "plain-34", "top-1").value - published.value(3, "ResNet-34 A", "top-1").value) / 2
OPTIONS = tuple(_imagenet(34, shortcut) for shortcut in ("A", "B", "C"))

CIFAR = (
    Claim(
        id="degradation",
        quote="degradation",
        sentence="plain-56 trains worse than plain-20, and tests worse",
        parts=(
            *rising("training error", _plain(20), _plain(56)),
            *rising("test error", _plain(20), _plain(56)),
        ),
        recipes=("figure-1", "figure-6-plain"),
    ),
    Claim(
        id="plain-training-error-rises",
        quote="plain-depth",
        sentence="the training error of plain nets rises with depth, from 20 to 56 layers",
        parts=rising("training error", *map(_plain, (20, 32, 44, 56))),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="plain-test-error-rises",
        quote="degradation",
        sentence="the test error of plain nets rises with depth, from 20 to 56 layers",
        parts=rising("test error", *map(_plain, (20, 32, 44, 56))),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="plain-110",
        quote="plain-110",
        sentence="the error of plain-110 is too high to be drawn",
        parts=(Bound(_plain(110), "test error", "above", _number("plain-110-error")),),
        recipes=("figure-6-plain",),
    ),
    Claim(
        id="resnet-test-error-falls",
        quote="resnet-depth",
        sentence="the test error of ResNets falls with depth, from 20 to 110 layers",
        parts=falling("test error", *map(_resnet, (20, 32, 44, 56, 110))),
        recipes=("table-6", "figure-6-resnet"),
    ),
    Claim(
        id="resnet-trains-better-with-depth",
        quote="resnet-depth",
        sentence="ResNet-56 trains better than ResNet-20: no degradation",
        parts=falling("training error", _resnet(20), _resnet(56)),
        recipes=("table-6", "figure-6-resnet"),
    ),
    Claim(
        id="resnet-beats-plain",
        quote="resnet-depth",
        sentence="ResNet-56 tests better than plain-56, and trains better",
        parts=(
            Below(_resnet(56), _plain(56), "test error"),
            Below(_resnet(56), _plain(56), "training error"),
        ),
        recipes=("figure-6-resnet", "figure-6-plain"),
    ),
    Claim(
        id="without-warm-up",
        quote="without-warm-up",
        sentence="without warm-up ResNet-110 starts to converge later, and ends alike",
        parts=(
            Below(_resnet(110), Net(110, "A", warmed_up=False), "start"),
            Alike(_resnet(110), Net(110, "A", warmed_up=False), "test error"),
        ),
        recipes=("footnote-5",),
        varies=frozenset({"warmup"}),
    ),
    Claim(
        id="resnet-1202-trains",
        quote="resnet-1202-trains",
        sentence="1202 layers are no harder to optimise",
        parts=(Bound(_resnet(1202), "training error", "below", _number("resnet-1202-train-error")),),
        recipes=("figure-6-1202",),
    ),
    Claim(
        id="resnet-1202-overfits",
        quote="resnet-1202-overfits",
        sentence="ResNet-1202 tests worse than ResNet-110",
        parts=rising("test error", _resnet(110), _resnet(1202)),
        recipes=("figure-6-1202",),
    ),
    Claim(
        id="responses-below-plain",
        quote="responses-below-plain",
        sentence="layers of ResNets respond less strongly than those of plain nets",
        parts=tuple(Below(_resnet(depth), _plain(depth), "mean response") for depth in (20, 56)),
        recipes=("figure-7",),
    ),
    Claim(
        id="responses-fall-with-depth",
        quote="responses-fall-with-depth",
        sentence="layers of deeper ResNets respond less strongly",
        parts=falling("mean response", *map(_resnet, (20, 56, 110))),
        recipes=("figure-7",),
    ),
    Claim(
        id="no-extra-parameters",
        quote="cifar-option-a",
        sentence="option A adds no parameter to the plain net",
        parts=(Count("parameters of ResNet and plain net are equal, 20 to 1202 layers", _has_no_more_parameters),),
    ),
)

IMAGENET = (
    Claim(
        id="imagenet-degradation",
        quote="imagenet-degradation",
        sentence="plain-34 is worse than plain-18 on ImageNet, and trains worse",
        parts=(
            *rising("test error", _imagenet(18, "none"), _imagenet(34, "none")),
            *rising("training error", _imagenet(18, "none"), _imagenet(34, "none")),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-34-over-18",
        quote="resnet-34-over-18",
        sentence="ResNet-34 is better than ResNet-18",
        parts=falling("test error", _imagenet(18, "A"), _imagenet(34, "A")),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-34-over-plain",
        quote="resnet-34-over-plain",
        sentence="ResNet-34 is better than plain-34, and trains better",
        parts=(
            Below(_imagenet(34, "A"), _imagenet(34, "none"), "test error"),
            Below(_imagenet(34, "A"), _imagenet(34, "none"), "training error"),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="resnet-18-beside-plain",
        quote="resnet-18-beside-plain",
        sentence="at 18 layers plain and residual nets end alike, and the residual one gets there sooner",
        parts=(
            Alike(_imagenet(18, "A"), _imagenet(18, "none"), "test error"),
            Below(_imagenet(18, "A"), _imagenet(18, "none"), "early training error"),
        ),
        recipes=("table-2", "figure-4"),
    ),
    Claim(
        id="options-better-than-plain",
        quote="options-better-than-plain",
        sentence="A, B and C are all better than the plain net",
        parts=tuple(Below(net, _imagenet(34, "none"), "test error") for net in OPTIONS),
        recipes=("table-3",),
    ),
    Claim(
        id="options-close",
        quote="options-close",
        sentence="A, B and C are close to each other",
        parts=tuple(Alike(one, other, "test error", CLOSE) for one, other in combinations(OPTIONS, 2)),
        recipes=("table-3",),
    ),
    Claim(
        id="options-ordered",
        quote="options-ordered",
        sentence="B is slightly better than A, and C than B",
        parts=falling("test error", *OPTIONS),
        recipes=("table-3",),
    ),
    Claim(
        id="bottlenecks-gain",
        quote="bottlenecks-gain",
        sentence="50, 101 and 152 layers are each better than 34",
        parts=tuple(Below(_imagenet(depth, "B"), _imagenet(34, "B"), "test error") for depth in (50, 101, 152)),
        recipes=("table-3", "table-4"),
    ),
    Claim(
        id="longer-training",
        quote="longer-training",
        sentence="three times the iterations do not cure the degradation",
        parts=rising("training error", *(Net(depth, "none", "imagenet", length=3) for depth in (18, 34))),
        recipes=("footnote-3",),
        varies=frozenset({"iterations", "schedule"}),
    ),
    Claim(
        id="plain-bottlenecks",
        quote="plain-bottlenecks",
        sentence="plain nets of bottlenecks degrade as well",
        parts=rising("training error", *(_imagenet(depth, "none") for depth in (50, 101, 152))),
        recipes=("footnote-4",),
    ),
    Claim(
        id="less-complex-than-vgg",
        quote="less-complex-than-vgg",
        sentence="ResNet-152 is less complex than VGG-16 and VGG-19",
        parts=(Count("multiply-adds of ResNet-152 below those of both", _is_less_complex_than_vgg),),
        recipes=("table-1",),
    ),
)

UNTESTABLE = (
    Claim(
        id="ensemble-wins",
        quote="ensemble-wins",
        sentence="an ensemble of residual nets won ILSVRC 2015",
        recipes=("table-5",),
        untestable="the labels of ImageNet's test set are not public: a server scored it. The ensemble's error on the "
        "validation images can be measured",
    ),
    Claim(
        id="detection-gains",
        quote="detection-gains",
        sentence="deeper features improve detection and localization (sec. 4.3, appendices A to C)",
        untestable="this service trains classifiers; Faster R-CNN is another program",
    ),
)

CLAIMS = (*CIFAR, *IMAGENET, *UNTESTABLE)
