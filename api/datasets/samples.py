"""Sample images of a data set with boxes: a few training images, scaled down, with their boxes.

They are stored with the data set, because its images are in an archive or on another machine.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from api.http.schema import Response

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from trainer.data.annotated.splits import AnnotatedImage, AnnotatedSplits

MOST = 9
SIDE = 320  # of a sample's longer side, in pixels


class SampleBox(Response):
    box: list[float] = Field(description="Left, top, right, bottom in pixels of the sample.")
    label: str


class Sample(Response):
    """A training image, scaled down."""

    path: str
    width: int
    height: int
    picture: str = Field(description="A JPEG as a `data:` address.")
    boxes: list[SampleBox]


class Samples(Response):
    items: list[Sample]


def of(splits: "AnnotatedSplits") -> list[dict[str, Any]]:
    """Samples from the whole training set, ready for JSON. Raises BadDataSet for an image that can't be decoded."""
    return [_sample(splits, image).model_dump(mode="json") for image in _spread(splits.train)]


def _spread(images: Sequence["AnnotatedImage"]) -> Iterator["AnnotatedImage"]:
    count = min(MOST, len(images))
    yield from (images[number * len(images) // count] for number in range(count))


def _sample(splits: "AnnotatedSplits", image: "AnnotatedImage") -> Sample:
    from trainer.data.decoding import decode

    scale = min(SIDE / max(image.width, image.height), 1.0)
    width, height = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    file = io.BytesIO()
    decode(splits.root / image.path, image.path).resize((width, height)).save(file, "JPEG", quality=80)
    objects = zip(image.objects.boxes.tolist(), image.objects.labels.tolist(), strict=True)
    return Sample(
        path=image.path,
        width=width,
        height=height,
        picture=f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}",
        boxes=[
            SampleBox(box=[round(side * scale, 1) for side in box], label=splits.classes[label - 1])
            for box, label in objects
        ],
    )
