"""The experiments of sec. 4.1: Tables 1 to 5, Fig. 4, footnotes 3 and 4."""

from paper import published
from paper.recipes.recipe import Network, Recipe, networks
from trainer.spec import RunSpec

# Plain and residual nets side by side, as in Table 2 and Fig. 4.
SHALLOW_AND_DEEP = (*networks("none", 18), *networks("A", 18), *networks("none", 34), *networks("A", 34))
BOTTLENECKS = networks("B", 50, 101, 152)


def _longer(depth: int) -> Network:
    """A plain net, trained three times as long as the others (footnote 3)."""
    paper = RunSpec(depth=depth, shortcut="none", dataset="imagenet")
    times = int(published.number("longer-training"))
    iterations = times * paper.iterations
    return Network(
        depth=depth, shortcut="none", changes={"iterations": iterations}, suffix=f", {times}× the iterations"
    )


IMAGENET = (
    Recipe(
        name="table-1",
        title="The networks of Table 1, counted",
        section="3.3",
        about="Multiply-adds of the five ImageNet networks. Nothing is trained: the plan of each counts them.",
        family="imagenet",
        kind="count",
        protocol=None,
        networks=(*networks("A", 18, 34), *BOTTLENECKS),
        tables=(1,),
        statements=("resnet-50-flops", "resnet-152-flops"),
    ),
    Recipe(
        name="table-2",
        title="Plain and residual nets of 18 and 34 layers, 10-crop",
        section="4.1",
        about="The deeper plain net is the worse one, the deeper ResNet the better one. Option A: no extra parameter.",
        family="imagenet",
        kind="evaluate",
        protocol="10-crop",
        networks=SHALLOW_AND_DEEP,
        tables=(2,),
        statements=("resnet-34-over-18", "resnet-34-over-plain"),
    ),
    Recipe(
        name="figure-4",
        title="Training on ImageNet, plain and residual nets of 18 and 34 layers",
        section="4.1",
        about="Training error, and validation error of the centre crop, along training.",
        family="imagenet",
        kind="train",
        protocol="centre crop",
        networks=SHALLOW_AND_DEEP,
        figures=(4,),
    ),
    Recipe(
        name="table-3",
        title="Options A, B and C, and bottleneck nets of 50, 101 and 152 layers, 10-crop",
        section="4.1",
        about="A, B and C are close, and all better than the plain net; the bottleneck nets gain from their depth.",
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
        about="The weights of Table 3's nets, their scores averaged over shorter sides of 224 to 640 (sec. 3.4).",
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
        about="Six models of different depth, two of them with 152 layers, their scores averaged. Assumption: those of "
        "Table 4 and a second 152-layer net, as the paper does not list them; and it was scored by the test server.",
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
        title="Plain nets, three times the iterations",
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
        title="Plain nets of bottlenecks",
        section="4.1",
        about="The bottleneck nets without their shortcuts degrade as well. The paper prints no number.",
        family="imagenet",
        kind="train",
        protocol="centre crop",
        networks=networks("none", 50, 101, 152),
    ),
)
