"""Owns a finished network's weights with exact batch norm statistics: those of all its training images.

App. A: after pre-training, the statistics are computed over the training set, and a detector keeps them fixed. Training
itself leaves moving averages.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from trainer.files import sealed
from trainer.finished import batch_norm
from trainer.finished.model import Model

# The metadata of a weights file by which a detector knows where its statistics are from.
FIELD, TRAINING_SET = "batch_norm", "training_set"


@dataclass(frozen=True)
class Packed:
    """The content of a weights file, and how many images its statistics are of."""

    content: bytes
    images: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def with_exact_statistics(model: Model, batches: Iterable[Tensor]) -> Packed:
    """The model's weights with the statistics of all images in `batches`, uint8 (N, 3, H, W). Changes the model.

    The file is a function of the weights, the images and their order, so that a repeated pass gives the same bytes.
    """
    count = 0

    def inputs() -> Iterator[Tensor]:
        nonlocal count
        for pixels in batches:
            count += len(pixels)
            yield model.inputs(pixels)

    batch_norm.recompute(model.network, inputs())
    # Its errors were measured with the other statistics.
    kept = {name: value for name, value in model.metadata.items() if not name.endswith("_error")}
    metadata = kept | {FIELD: TRAINING_SET, "batch_norm_images": str(count)}
    state = {name: value.cpu() for name, value in model.network.state_dict().items()}
    return Packed(sealed.pack(state, metadata), count)
