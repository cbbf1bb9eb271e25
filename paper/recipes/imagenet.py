"""The experiments of sec. 4.1: Tables 1 to 5, Fig. 4, footnotes 3 and 4."""

from paper import published
from paper.recipes.recipe import Network, Recipe, networks
from trainer.spec import RunSpec

# Plain and residual networks side by side, as in Table 2 and Fig. 4.
SHALLOW_AND_DEEP = (*networks("none", 18), *networks("A", 18), *networks("none", 34), *networks("A", 34))
BOTTLENECKS = networks("B", 50, 101, 152)


def _longer(depth: int) -> Network:
    """A plain network, trained three times as long as the others (footnote 3)."""
    paper = RunSpec(depth=depth, shortcut="none", dataset="imagenet")
    times = int(published.number("longer-training"))
    iterations = times * paper.iterations
    return Network(
        depth=depth, shortcut="none", changes={"iterations": iterations}, suffix=f", {times}× the iterations"
    )


IMAGENET = (
    Recipe(
        name="table-1",
        title="Multiply-adds of the ImageNet networks",
        section="3.3",
        about="The multiply-adds of the five ResNets in Table 1. Nothing is trained; each network's plan counts them.",
        family="imagenet",
        kind="count",
        protocol=None,
        networks=(*networks("A", 18, 34), *BOTTLENECKS),
        tables=(1,),
        statements=("resnet-50-flops", "resnet-152-flops"),
    ),
    Recipe(
        name="table-2",
        title="Plain networks and ResNets with 18 and 34 layers, 10-crop",
        section="4.1",
        about="The deeper plain network is worse, but the deeper ResNet is better. Option A adds no parameters.",
        family="imagenet",
        kind="evaluate",
        protocol="10-crop",
        networks=SHALLOW_AND_DEEP,
        tables=(2,),
        statements=("resnet-34-over-18", "resnet-34-over-plain"),
    ),
    Recipe(
        name="figure-4",
        title="Training on ImageNet, plain networks and ResNets with 18 and 34 layers",
        section="4.1",
        about="Training error and centre-crop validation error during training.",
        family="imagenet",
        kind="train",
        protocol="centre crop",
        networks=SHALLOW_AND_DEEP,
        figures=(4,),
    ),
    Recipe(
        name="table-3",
        title="Options A, B and C, and bottleneck networks with 50, 101 and 152 layers, 10-crop",
        section="4.1",
        about="Options A, B and C are close, and all better than the plain network; bottlenecks gain from depth.",
        family="imagenet",
        kind="evaluate",
        protocol="10-crop",
        networks=tuple(net for shortcut in ("none", "A", "B", "C") for net in networks(shortcut, 34)) + BOTTLENECKS,
        tables=(3,),
    ),
    Recipe(
        name="table-4",
        title="Single models, fully convolutional at five scales",
        section="4.1",
        about="The networks of Table 3, with scores averaged over five image sizes from 224 to 640 (sec. 3.4).",
        family="imagenet",
        kind="evaluate",
        protocol="dense multi-scale",
        networks=(*networks("B", 34), *networks("C", 34), *BOTTLENECKS),
        tables=(4,),
        statements=("test-scales",),
    ),
    Recipe(
        name="table-5",
        title="An ensemble of six models",
        section="4.1",
        about="The averaged scores of six models of different depth, two of them with 152 layers. Assumption: they are "
        "Table 4's and a second 152-layer network, as the paper does not list them. The test server scored it.",
        family="imagenet",
        kind="ensemble",
        protocol="dense multi-scale",
        networks=(
            *networks("B", 34),
            *networks("C", 34),
            *BOTTLENECKS,
            Network(depth=152, shortcut="B", suffix=", second", first_seed=1000),
        ),
        tables=(5,),
        together=("table-5:ResNet (ILSVRC'15):top-5",),
        statements=("ensemble-nets", "ensemble-152-nets"),
    ),
    Recipe(
        name="footnote-3",
        title="Plain networks, three times the iterations",
        section="4.1",
        about="Longer training does not cure the degradation.",
        family="imagenet",
        kind="train",
        protocol="centre crop",
        networks=(_longer(18), _longer(34)),
        statements=("longer-training",),
    ),
    Recipe(
        name="footnote-4",
        title="Plain bottleneck networks",
        section="4.1",
        about="Bottleneck networks without shortcuts degrade as well. The paper prints no number.",
        family="imagenet",
        kind="train",
        protocol="centre crop",
        networks=networks("none", 50, 101, 152),
    ),
)
