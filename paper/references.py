"""What stands beside the paper's numbers: exact counts of its networks, and what other implementations reached.

Neither is printed in the paper. The counts follow from its architectures, counted independently of the trainer; with
two decimals the parameters of CIFAR's option A are Table 6's. A multiply and its add count once, BN, ReLU, pooling and
addition nothing; of Table 1's FLOPs only the stride in the 1×1 layers fits.
"""

from functools import cache
from typing import Literal

from pydantic import Field, TypeAdapter, computed_field

from paper.printed import Printed
from paper.published import read
from trainer.spec import Shortcut


class NetworkCounts(Printed):
    """Of one network, for 10 classes of 32×32 or 1000 of 224×224. BN counts are γ and β, no running statistics."""

    dataset: Literal["CIFAR-10", "ImageNet"]
    depth: int
    shortcut: Shortcut
    stride_in_1x1: bool = True
    parameters: int
    conv_weights: int
    batch_norm: int
    fc_weights: int
    fc_bias: int
    shortcuts: int
    projections: int
    projection_weights: int
    projection_batch_norm: int
    multiply_adds: int
    projection_multiply_adds: int

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def without_batch_norm(self) -> int:
        """Parameters but for γ and β, as many tables count them."""
        return self.parameters - self.batch_norm

    def __str__(self) -> str:
        return f"{self.depth}-{self.shortcut}{'' if self.stride_in_1x1 else '-v1.5'}"


class VggCounts(Printed):
    """The nets that sec. 3.3 and 4.1 compare FLOPs with: one count with their fc layers, one without."""

    network: str
    parameters: int
    multiply_adds: int
    convolution_multiply_adds: int


class Counts(Printed):
    networks: tuple[NetworkCounts, ...]
    vgg: tuple[VggCounts, ...]


class Reimplementation(Printed):
    """What somebody else's code reached. Errors are percent; the protocols differ, as each says."""

    dataset: str
    implementation: str
    net: str
    top1_error: float | None = None
    top5_error: float | None = None
    std: float | None = None
    best_on_test: float | None = Field(default=None, description="The least test error seen: an optimistic number.")
    final_train_error: float | None = None
    protocol: str | None = None
    address: str | None = None


@cache
def counts() -> Counts:
    return Counts.model_validate_json(read("counts"))


@cache
def reimplementations() -> tuple[Reimplementation, ...]:
    return TypeAdapter(tuple[Reimplementation, ...]).validate_json(read("reimplementations"))
