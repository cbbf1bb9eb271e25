"""Scores of finished networks: what is averaged, and how it is counted."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn

from tests.trainer.conftest import small_spec
from trainer.finished.model import Model
from trainer.finished.scores import Tally, probabilities
from trainer.finished.views import SCALES, ten_crop

CPU = torch.device("cpu")


def model_of(network: nn.Module, side: int = 224, classes: int = 10) -> Model:
    names = tuple(map(str, range(classes)))
    return Model(Path("net"), network.eval(), small_spec(), names, torch.full((3, side, side), 100.0), {})


@pytest.fixture(scope="module")
def resnet18() -> Model:
    torch.manual_seed(0)
    return model_of(torchvision.models.resnet18(num_classes=10))


class Constant(nn.Module):
    """Returns the same logits for every image."""

    def __init__(self, *logits: float) -> None:
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, images: Tensor) -> Tensor:
        return self.logits.expand(len(images), -1)


def test_softmax_is_averaged_and_not_the_logits() -> None:
    sure, unsure = model_of(Constant(10.0, 0.0), classes=2), model_of(Constant(-1.0, 1.0), classes=2)
    image = torch.zeros(1, 3, 224, 224, dtype=torch.uint8)
    first, second = 1 / (1 + math.exp(-10)), 1 / (1 + math.exp(2))
    assert probabilities([sure, unsure], [image])[0, 0].item() == pytest.approx((first + second) / 2)


def test_ten_crops_give_the_mean_of_ten_softmax_outputs(resnet18: Model) -> None:
    image = torch.randint(0, 256, (3, 256, 300), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    crops = ten_crop(image)
    with torch.no_grad():
        outputs = torch.stack([resnet18.network(crop[None] - 100.0).softmax(1)[0] for crop in crops])
    scores = probabilities([resnet18], list(torch.split(crops, 1)))
    torch.testing.assert_close(scores[0].float(), outputs.mean(0), rtol=1e-4, atol=1e-6)


def test_a_network_is_fully_convolutional_at_five_scales(resnet18: Model) -> None:
    views = [torch.zeros(1, 3, side, side + 32, dtype=torch.uint8) for side in SCALES]
    scores = probabilities([resnet18], views)
    assert scores.shape == (1, 10)
    assert scores.sum().item() == pytest.approx(1)


def test_fully_convolutional_scores_are_the_mean_over_every_position(resnet18: Model) -> None:
    """Applying the last layer at every position of the map and averaging gives the network's own output."""
    image = torch.randn(1, 3, 256, 320, generator=torch.Generator().manual_seed(2))
    net = resnet18.network
    with torch.no_grad():
        maps = nn.Sequential(*list(net.children())[:-2])(image)
        everywhere = maps.permute(0, 2, 3, 1) @ net.fc.weight.T + net.fc.bias  # type: ignore[union-attr]  # torch's Module answers with either
        torch.testing.assert_close(everywhere.mean(dim=(1, 2)), net(image), rtol=1e-4, atol=1e-5)


def test_another_size_than_the_mean_images_uses_one_mean_per_channel() -> None:
    mean = torch.stack([torch.full((224, 224), value) for value in (1.0, 2.0, 3.0)])
    mean[0, :112] = 3.0  # red: 3 above, 1 below, 2 on average
    model = Model(Path("net"), nn.Identity(), small_spec(), (), mean, {})
    same, other = (torch.zeros(1, 3, side, side, dtype=torch.uint8) for side in (224, 256))
    assert torch.equal(model.inputs(same)[0], -mean)
    assert model.inputs(other)[0, :, 0, 0].tolist() == [-2.0, -2.0, -3.0]


def test_errors_confusion_and_top_five_are_counted_by_hand() -> None:
    scores = torch.tensor(
        [
            [0.5, 0.2, 0.1, 0.1, 0.06, 0.04],  # right
            [0.5, 0.2, 0.1, 0.1, 0.06, 0.04],  # second guess
            [0.5, 0.2, 0.1, 0.1, 0.06, 0.04],  # not in five
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],  # right
        ],
        dtype=torch.float64,
    )
    tally = Tally(6, CPU)
    tally.add(scores[:3], torch.tensor([0, 1, 5]))
    tally.add(scores[3:], torch.tensor([5]))
    assert (tally.images, tally.error, tally.top5_error) == (4, 50.0, 25.0)
    assert tally.confusion[0][0] == tally.confusion[1][0] == tally.confusion[5][0] == tally.confusion[5][5] == 1
    assert sum(map(sum, tally.confusion)) == 4
    assert tally.loss == pytest.approx(-(math.log(0.5) + math.log(0.2) + math.log(0.04)) / 4)


def test_there_is_no_top_five_error_of_five_classes() -> None:
    tally = Tally(5, CPU)
    tally.add(torch.eye(5, dtype=torch.float64), torch.arange(5))
    assert (tally.error, tally.top5_error) == (0.0, None)


def test_a_certain_mistake_has_a_finite_loss() -> None:
    tally = Tally(2, CPU)
    tally.add(torch.tensor([[1.0, 0.0]], dtype=torch.float64), torch.tensor([1]))
    assert math.isfinite(tally.loss)


def test_finished_weights_are_evaluated_in_their_runs_precision(resnet18: Model) -> None:
    image = torch.randint(0, 256, (2, 3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    half = replace(resnet18, spec=small_spec(precision="bf16"))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        expected = half.network(half.inputs(image)).double().softmax(dim=1)
    assert torch.equal(probabilities([half], [image]), expected)
    assert not torch.equal(probabilities([resnet18], [image]), expected)
