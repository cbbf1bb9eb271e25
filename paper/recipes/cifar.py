"""The experiments of sec. 4.2: Table 6, Fig. 1, 6 and 7, footnote 5, and the 45k/5k split."""

from paper import published
from paper.recipes.recipe import Network, Recipe, networks

PLAIN_110 = Network(depth=110, shortcut="none", statements=("plain-110-error",))
RESNET_1202 = Network(depth=1202, shortcut="A", statements=("resnet-1202-train-error",))

CIFAR = (
    Recipe(
        name="table-6",
        title="ResNets on CIFAR-10",
        section="4.2",
        about="Test errors with 20 to 1202 layers. The paper ran the 110-layer network five times: best (mean±std).",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=(*networks("A", 20, 32, 44, 56, 110), RESNET_1202),
        tables=(6,),
        statements=("cifar-n",),
    ),
    Recipe(
        name="figure-1",
        title="The degradation problem: plain-20 and plain-56",
        section="1",
        about="The deeper plain network has a higher training error, and thus a higher test error.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=networks("none", 20, 56),
        figures=(1,),
    ),
    Recipe(
        name="figure-6-plain",
        title="Plain networks on CIFAR-10",
        section="4.2",
        about="Training and test error rise with depth; the error of plain-110 is too high to be displayed.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=(*networks("none", 20, 32, 44, 56), PLAIN_110),
        figures=(6,),
    ),
    Recipe(
        name="figure-6-resnet",
        title="ResNets on CIFAR-10",
        section="4.2",
        about="Errors fall with depth, up to 110 layers.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=networks("A", 20, 32, 44, 56, 110),
        tables=(6,),
        figures=(6,),
    ),
    Recipe(
        name="figure-6-1202",
        title="ResNets with 110 and 1202 layers",
        section="4.2",
        about="1202 layers are no harder to optimise than 110, but have a higher test error.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=(*networks("A", 110), RESNET_1202),
        tables=(6,),
        figures=(6,),
    ),
    Recipe(
        name="figure-7",
        title="Standard deviations of layer responses",
        section="4.2",
        about="The output of each 3×3 layer, after BN and before ReLU or addition: smaller in ResNets, and with depth.",
        family="cifar",
        kind="responses",
        protocol="single view",
        networks=(*networks("none", 20, 56), *networks("A", 20, 56, 110)),
        figures=(7,),
    ),
    Recipe(
        name="footnote-5",
        title="110 layers, with and without warm-up",
        section="4.2",
        about="Starting at a learning rate of 0.1, training converges only after several epochs but ends similarly.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=(
            Network(depth=110, shortcut="A", statements=("warmup-length",)),
            Network(
                depth=110,
                shortcut="A",
                changes={"warmup": None},
                suffix=" without warm-up",
                statements=("without-warmup",),
            ),
        ),
        tables=(6,),
    ),
    Recipe(
        name="split-45k",
        title="ResNets on CIFAR-10, trained on 45k images",
        section="4.2",
        about="The split with which the schedule was determined: 45k training and 5k validation images. The paper does "
        "not say whether its final networks were trained on 45k or 50k images.",
        family="cifar",
        kind="train",
        protocol="single view",
        networks=tuple(
            Network(
                depth=depth,
                shortcut="A",
                changes={"train_images": int(published.numbers("cifar-split")[0])},
                suffix=", 45k",
                is_reading=True,
            )
            for depth in (20, 32, 44, 56, 110)
        ),
        tables=(6,),
        statements=("cifar-split",),
    ),
)
