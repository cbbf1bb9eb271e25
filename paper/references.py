"""References beside the paper's own numbers: exact counts of its networks, and the results of other implementations.

Neither is printed in the paper. The counts follow from its architectures and were made independently of the trainer; to
two decimals, the parameters with option A on CIFAR-10 are Table 6's. A multiply and its add count as one; BN, ReLU,
pooling and addition count as nothing. Table 1's FLOPs fit only with the stride in the 1×1 layers.
"""

from functools import cache
from typing import Literal

from pydantic import Field, TypeAdapter, computed_field

from paper.printed import Printed
from paper.published import read
from trainer.spec import Shortcut


class NetworkCounts(Printed):
    """The counts of one network, for 10 classes at 32×32 or 1000 at 224×224. BN counts γ and β only."""

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
        """Parameters without γ and β, as many tables count them."""
        return self.parameters - self.batch_norm

    def __str__(self) -> str:
        return f"{self.depth}-{self.shortcut}{'' if self.stride_in_1x1 else '-v1.5'}"


class VggCounts(Printed):
    """The networks that sec. 3.3 and 4.1 compare FLOPs with, counted with and without their fc layers."""

    network: str
    parameters: int
    multiply_adds: int
    convolution_multiply_adds: int


class Counts(Printed):
    networks: tuple[NetworkCounts, ...]
    vgg: tuple[VggCounts, ...]


class Reimplementation(Printed):
    """The result of another implementation. Errors are percent; `protocol` says how each was measured."""

    dataset: str
    implementation: str
    net: str
    top1_error: float | None = None
    top5_error: float | None = None
    std: float | None = None
    best_on_test: float | None = Field(
        default=None, description="The lowest test error of all evaluations: optimistic."
    )
    final_train_error: float | None = None
    protocol: str | None = None
    address: str | None = None


@cache
def counts() -> Counts:
    return Counts.model_validate_json(read("counts"))


@cache
def reimplementations() -> tuple[Reimplementation, ...]:
    return TypeAdapter(tuple[Reimplementation, ...]).validate_json(read("reimplementations"))
