"""Sample images of a data set with boxes: a few training images, scaled down, with their boxes. Loads no torch."""

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

from trainer.data.annotated.splits import AnnotatedImage, AnnotatedSplits
from trainer.data.decoding import decode

MOST = 9
SIDE = 320  # of a sample's longer side, in pixels


def of(splits: AnnotatedSplits) -> list[dict[str, Any]]:
    """Samples from the whole training set, ready for JSON. Raises BadDataSet for an image that can't be decoded."""
    return [_sample(splits, image) for image in _spread(splits.train)]


def _spread(images: Sequence[AnnotatedImage]) -> Iterator[AnnotatedImage]:
    count = min(MOST, len(images))
    yield from (images[number * len(images) // count] for number in range(count))


def _sample(splits: AnnotatedSplits, image: AnnotatedImage) -> dict[str, Any]:
    scale = min(SIDE / max(image.width, image.height), 1.0)
    width, height = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    file = io.BytesIO()
    decode(splits.root / image.path, image.path).resize((width, height)).save(file, "JPEG", quality=80)
    objects = zip(image.objects.boxes.tolist(), image.objects.labels.tolist(), strict=True)
    return {
        "path": image.path,
        "width": width,
        "height": height,
        "picture": f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}",
        "boxes": [
            {"box": [round(side * scale, 1) for side in box], "label": splits.classes[label - 1]}
            for box, label in objects
        ],
    }
