"""An independent detector: torchvision's own FasterRCNN, made to follow the paper from outside, and torch's SGD."""

from collections import OrderedDict

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN, roi_heads
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FrozenBatchNorm2d, RoIPool, box_iou

from trainer.detection.network.inputs import Inputs
from trainer.detection.spec import DetectionSpec


class OneMap(nn.Module):
    """RoIPool in the place of MultiScaleRoIAlign (pytorch/vision #1926)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.pool = RoIPool(size, 1 / 16)

    def forward(self, maps: dict[str, Tensor], regions: list[Tensor], _: object) -> Tensor:
        pooled: Tensor = self.pool(maps["0"], regions)
        return pooled


def faster_rcnn(spec: DetectionSpec, classes: int) -> FasterRCNN:
    """ResNet-18-C4 in torchvision. It neither scales nor shifts images: they must have the size `side` already."""
    norm = FrozenBatchNorm2d if spec.batch_norm == "frozen" else nn.BatchNorm2d
    resnet = torchvision.models.resnet18(norm_layer=norm)
    names = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")
    backbone = nn.Sequential(OrderedDict((name, getattr(resnet, name)) for name in names))
    backbone.out_channels = 256  # type: ignore[assignment]  # a plain number, which torchvision reads
    head = nn.Sequential(OrderedDict(layer4=resnet.layer4, pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten()))
    proposing = RPNHead(256, spec.anchors.per_position)
    proposing.conv = nn.Sequential(nn.Sequential(nn.Conv2d(256, spec.rpn.channels, 3, padding=1), nn.ReLU()))
    proposing.cls_logits = nn.Conv2d(spec.rpn.channels, spec.anchors.per_position, 1)
    proposing.bbox_pred = nn.Conv2d(spec.rpn.channels, 4 * spec.anchors.per_position, 1)
    model = FasterRCNN(
        backbone,
        min_size=spec.side,
        max_size=spec.longest,
        image_mean=[0.0, 0.0, 0.0],
        image_std=[1.0, 1.0, 1.0],
        rpn_anchor_generator=AnchorGenerator((spec.anchors.sizes,), (spec.anchors.ratios,)),
        rpn_head=proposing,
        rpn_pre_nms_top_n_train=spec.rpn.train_before_nms,
        rpn_pre_nms_top_n_test=spec.rpn.test_before_nms,
        rpn_post_nms_top_n_train=spec.rpn.train_after_nms,
        rpn_post_nms_top_n_test=spec.rpn.test_after_nms,
        rpn_batch_size_per_image=spec.rpn.batch,
        box_head=head,
        box_predictor=FastRCNNPredictor(512, classes + 1),
        box_batch_size_per_image=spec.roi.batch,
        box_nms_thresh=spec.test.nms,
        box_detections_per_img=spec.test.most,
        box_score_thresh=spec.test.min_score,
    )
    model.roi_heads.box_roi_pool = OneMap(spec.roi.size)
    model.rpn.min_size = spec.rpn.min_size
    return model


def follow_the_paper(model: FasterRCNN, inputs: Inputs, patch: pytest.MonkeyPatch) -> None:
    """Ignore anchors across the border, and use β = 1 for the regions' boxes."""
    height, width = inputs.sizes[0]  # all have the same

    def is_across(anchors: Tensor) -> Tensor:
        return (anchors < 0).any(dim=1) | (anchors[:, 2] > width) | (anchors[:, 3] > height)

    assign = model.rpn.assign_targets_to_anchors

    def assign_without_border(
        anchors: list[Tensor], targets: list[dict[str, Tensor]]
    ) -> tuple[list[Tensor], list[Tensor]]:
        labels, boxes = assign(anchors, targets)
        return [torch.where(is_across(a), -1.0, every) for a, every in zip(anchors, labels, strict=True)], boxes

    def overlap(boxes: Tensor, anchors: Tensor) -> Tensor:
        return torch.where(is_across(anchors)[None], -1.0, box_iou(boxes, anchors))

    def losses(logits: Tensor, offsets: Tensor, labels: list[Tensor], targets: list[Tensor]) -> tuple[Tensor, Tensor]:
        every, goals = torch.cat(labels), torch.cat(targets)
        box_loss = torch.zeros(())
        for row in range(len(every)):
            label = int(every[row])
            if label:
                distance = (offsets[row, 4 * label : 4 * label + 4] - goals[row]).abs()
                box_loss = box_loss + torch.where(distance < 1, distance**2 / 2, distance - 0.5).sum()
        return F.cross_entropy(logits, every), box_loss / len(every)

    patch.setattr(model.rpn, "assign_targets_to_anchors", assign_without_border)
    patch.setattr(model.rpn, "box_similarity", overlap)
    patch.setattr(roi_heads, "fastrcnn_loss", losses)
