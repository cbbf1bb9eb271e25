"""The detector: its parameters, and that it computes what torchvision's parts compute, put together another way."""

import pytest
import torch
from torch import Tensor

from tests.trainer.detection.network.reference import faster_rcnn, follow_the_paper
from trainer.detection.network.chance import Sampler
from trainer.detection.network.detector import Detector, build, frozen_values
from trainer.detection.network.inputs import Inputs, stack
from trainer.detection.plan import plan
from trainer.detection.spec import DetectionSpec
from trainer.detection.training import LOSSES, begin, step

CLASSES = 3
# Parameters for VOC (20 classes and the background, 9 anchors) and COCO (80, 12), and constants of frozen batch norms:
# counted by hand from Table 1, configuration D of arXiv 1409.1556, and App. A.
COUNTS = {
    "vgg16": (137_073_622, 138_310_417, 0),
    "resnet101": (47_352_150, 47_974_545, 210_688),
    "resnet50": (28_412_246, 29_034_641, 106_240),
    "resnet18": (12_424_022, 12_585_617, 19_200),
}


def small(**fields: object) -> DetectionSpec:
    """ResNet-18-C4 for images of 64 pixels."""
    defaults: dict[str, object] = {
        "task": "detection",
        "dataset": "made-up",
        "network": "resnet18",
        "side": 64,
        "longest": 96,
        "anchors": {"sizes": [16, 32]},
        "rpn": {"batch": 32, "min_size": 4, "test_after_nms": 40, "train_after_nms": 60},
        "roi": {"size": 4, "batch": 16},
        "test": {"min_score": 0.001},
        "batch_size": 2,
        "lr": 0.01,
    }
    return DetectionSpec.model_validate(defaults | fields)


def pictures(seed: int = 0) -> list[Tensor]:
    return list(torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(seed)))


def targets() -> tuple[dict[str, Tensor], ...]:
    boxes = ([[4.0, 6, 30, 40], [40, 10, 80, 50]], [[20.0, 20, 60, 60]])
    labels = ([1, 3], [2])
    return tuple(
        {"boxes": torch.tensor(each), "labels": torch.tensor(names)} for each, names in zip(boxes, labels, strict=True)
    )


def shaken(spec: DetectionSpec) -> Detector:
    """A detector whose scores differ between boxes: with the initial Gaussians, nearly all are equal."""
    detector = build(spec, CLASSES)
    source = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for layer in (detector.rpn.head.cls_logits, detector.rpn.head.bbox_pred):
            layer.weight.normal_(0, 0.02, generator=source)
        detector.roi_heads.box_predictor.cls_score.weight.normal_(0, 0.02, generator=source)
        detector.roi_heads.box_predictor.bbox_pred.weight.normal_(0, 0.01, generator=source)
        for norm in (module for module in detector.modules() if hasattr(module, "running_mean")):
            norm.get_buffer("running_mean").normal_(0, 0.1, generator=source)
            norm.get_buffer("running_var").uniform_(0.5, 2, generator=source)
    return detector


@pytest.mark.parametrize("network", COUNTS)
@pytest.mark.parametrize(("dataset", "classes"), [("voc07+12", 20), ("coco", 80)])
def test_parameters_are_those_of_the_table(network: str, dataset: str, classes: int) -> None:
    spec = DetectionSpec.model_validate(
        {"task": "detection", "dataset": dataset, "network": network, "start": {"sha256": "0" * 64}}
    )
    with torch.device("meta"):
        detector = Detector(spec, classes)
    voc, coco, frozen = COUNTS[network]
    expected = voc if dataset == "voc07+12" else coco
    assert sum(weight.numel() for weight in detector.parameters()) == expected
    assert frozen_values(detector) == frozen
    planned = plan(spec, classes)
    trained = sum(weight.numel() for weight in detector.parameters() if weight.requires_grad)
    assert (planned.parameters, planned.trained_parameters) == (expected, trained)
    assert planned.frozen_batch_norm_values == frozen


@pytest.mark.parametrize("network", ["resnet18", "resnet50"])
def test_live_batch_norms_are_parameters(network: str) -> None:
    spec = small(network=network, freeze_up_to=1)
    with torch.device("meta"):
        detector = Detector(spec, CLASSES)
    assert plan(spec, CLASSES).parameters == sum(weight.numel() for weight in detector.parameters())
    trained = sum(weight.numel() for weight in detector.parameters() if weight.requires_grad)
    assert plan(spec, CLASSES).trained_parameters == trained


@pytest.mark.parametrize("network", ["resnet18", "vgg16"])
def test_global_context_doubles_what_scores_and_boxes_are_computed_from(network: str) -> None:
    plain, context = (small(network=network, context=flag) for flag in (False, True))
    with torch.device("meta"):
        detector = Detector(context, CLASSES)
    own = sum(weight.numel() for weight in detector.parameters())
    features = {"resnet18": 512, "vgg16": 4096}[network]
    assert plan(context, CLASSES).parameters == own
    # Scores and boxes of three classes and the background.
    assert own - plan(plain, CLASSES).parameters == features * 5 * (CLASSES + 1)


def test_global_context_is_the_whole_image_as_one_more_region() -> None:
    regions = shaken(small(context=True)).eval().roi_heads
    maps = torch.randn(2, 256, 4, 6)
    boxes = [torch.tensor([[4.0, 6, 30, 40], [40, 10, 80, 50]]), torch.tensor([[20.0, 20, 60, 60]])]
    whole = [torch.tensor([[0.0, 0, 96, 64]]), torch.tensor([[0.0, 0, 90, 60]])]
    features = regions.features(maps, boxes, ((64, 96), (60, 90)))
    own, context = (regions.box_head(regions.box_roi_pool(maps, each)) for each in (boxes, whole))
    assert torch.equal(features[:, :512], own)
    assert torch.equal(features[:, 512:], context[[0, 0, 1]])


@pytest.mark.parametrize("batch_norm", ["live", "frozen"])
def test_detections_equal_torchvisions(batch_norm: str) -> None:
    spec = small(batch_norm=batch_norm, start={"sha256": "0" * 64})
    detector = shaken(spec).eval()
    reference = faster_rcnn(spec, CLASSES).eval()
    reference.load_state_dict(detector.state_dict(), strict=True)
    images, sizes = stack(pictures())
    with torch.no_grad():
        detections, _ = detector(Inputs(images, sizes, (1.0, 1.0)))
        expected = reference(pictures())
    for ours, theirs in zip(detections, expected, strict=True):
        assert len(ours["scores"]) > 10
        for name in ("boxes", "scores", "labels"):
            torch.testing.assert_close(ours[name], theirs[name], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("batch_norm", ["live", "frozen"])
def test_a_training_step_equals_torchvisions(batch_norm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small(batch_norm=batch_norm, start={"sha256": "0" * 64}, freeze_up_to=0)
    training = begin(spec, CLASSES, "", torch.device("cpu"))
    training.network.load_state_dict(shaken(spec).state_dict())
    reference = faster_rcnn(spec, CLASSES).train()
    reference.load_state_dict(training.network.state_dict(), strict=True)
    images, sizes = stack(pictures())
    inputs = Inputs(images, sizes, (1.0, 1.0), targets())
    follow_the_paper(reference, inputs, monkeypatch)
    # The same anchors and regions: what is drawn is a function of (seed, iteration).
    chance = training.network.chance
    reference.rpn.fg_bg_sampler = Sampler(spec.rpn.batch, 0.5, chance, "anchors")
    reference.roi_heads.fg_bg_sampler = Sampler(spec.roi.batch, 0.25, chance, "regions")
    row = step(training, inputs, 0, spec.lr)
    losses = reference(pictures(), list(targets()))
    names = ("loss_objectness", "loss_rpn_box_reg", "loss_classifier", "loss_box_reg")
    torch.testing.assert_close(row[1:5], torch.stack([losses[name] for name in names]).detach(), rtol=1e-5, atol=1e-5)
    assert (row[1:5] > 0).all()
    sgd = torch.optim.SGD(reference.parameters(), spec.lr, spec.momentum, weight_decay=spec.weight_decay)
    sum(losses[name] for name in names).backward()
    sgd.step()
    for name, theirs in reference.state_dict().items():
        torch.testing.assert_close(training.network.state_dict()[name], theirs, rtol=1e-5, atol=1e-5, msg=name)


def test_an_image_smaller_than_the_batch_gives_what_it_gives_alone() -> None:
    detector = shaken(small()).eval()
    large, small_one = torch.randn(3, 64, 96), torch.randn(3, 48, 64)
    with torch.no_grad():
        both, _ = detector(Inputs(*stack([large, small_one]), (1.0, 1.0)))
        alone, _ = detector(Inputs(*stack([large]), (1.0,)))
    torch.testing.assert_close(both[0]["boxes"], alone[0]["boxes"], rtol=1e-4, atol=1e-4)
    boxes = both[1]["boxes"]
    assert boxes[:, 2].max() <= 64
    assert boxes[:, 3].max() <= 48


def test_vgg_16_trains_the_same_again_with_its_dropout() -> None:
    spec = small(network="vgg16", roi={"size": 2, "batch": 8}, freeze_up_to=2)
    images, sizes = stack(pictures())
    ends = []
    for _ in range(2):
        training = begin(spec, CLASSES, "", torch.device("cpu"))
        start = {name: value.clone() for name, value in training.network.state_dict().items()}
        row = step(training, Inputs(images, sizes, (1.0, 1.0), targets()), 0, 0.01)
        ends.append(training.network.state_dict() | {"losses": row})
        changed = {name for name, value in start.items() if not torch.equal(value, ends[-1][name])}
        assert {"backbone.10.weight", "roi_heads.box_head.fc7.weight"} <= changed  # conv3_1 and up
        assert not changed & {"backbone.0.weight", "backbone.7.weight"}  # conv1_1 and conv2_2 are fixed
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_frozen_layers_and_statistics_stay_as_they_are() -> None:
    training = begin(small(freeze_up_to=2), CLASSES, "", torch.device("cpu"))
    before = {name: value.clone() for name, value in training.network.state_dict().items()}
    images, sizes = stack(pictures())
    step(training, Inputs(images, sizes, (1.0, 1.0), targets()), 0, 0.01)
    changed = {name for name, value in training.network.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith(("backbone.conv1", "backbone.bn1", "backbone.layer1")) for name in changed)
    assert {
        "backbone.layer2.0.conv1.weight",
        "backbone.layer2.0.bn1.running_mean",
        "rpn.head.conv.0.0.weight",
    } <= changed
    assert {f"roi_heads.box_predictor.{name}" for name in ("cls_score.weight", "bbox_pred.weight")} <= changed


def test_a_seed_gives_one_network_and_its_new_layers_have_the_gaussians_of_32() -> None:
    first, again, other = (build(small(seed=seed), CLASSES).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert not torch.equal(first["backbone.conv1.weight"], other["backbone.conv1.weight"])
    assert first["rpn.head.conv.0.0.weight"].std() == pytest.approx(0.01, rel=0.01)
    assert first["roi_heads.box_predictor.bbox_pred.weight"].std() == pytest.approx(0.001, rel=0.05)
    assert all(not value.any() for name, value in first.items() if name.startswith("rpn") and name.endswith("bias"))


def test_losses_are_named_in_the_order_of_the_curves() -> None:
    assert LOSSES == ("rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss")
