"""Owns the classification of regions: torchvision's RoIHeads, corrected.

Torchvision pools from several maps by RoIAlign (here RoIPool from one map, before conv5_1), and uses β = 1/9 in the box
loss (here 1, as [32]'s code).
"""

from typing import TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.ops import RoIAlign

from trainer.detection.network.chance import Chance, Sampler
from trainer.detection.network.inputs import Inputs
from trainer.detection.network.pooling import RoIPool
from trainer.detection.spec import STRIDE, DetectionSpec

BOX_BETA = 1.0  # pfr: σ = 1
OFFSET_WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # pfr divides by deviations of 0.1, 0.1, 0.2, 0.2


class Detected(TypedDict):
    """One image's detections in the scaled image: boxes (K, 4), scores and labels (K,)."""

    boxes: Tensor
    scores: Tensor
    labels: Tensor


class Regions(RoIHeads):  # type: ignore[misc]  # torchvision has no types
    """Maps and proposals to detections or, in training, to the losses and the share of regions that are objects."""

    def __init__(self, spec: DetectionSpec, head: nn.Module, features: int, classes: int, chance: Chance) -> None:
        roi, test = spec.roi, spec.test
        pool = RoIPool(roi.size) if roi.pooling == "pool" else RoIAlign(roi.size, 1 / STRIDE, 0, aligned=True)
        super().__init__(
            pool,
            head,
            FastRCNNPredictor(features, classes + 1),
            roi.positive_overlap,
            roi.positive_overlap,
            roi.batch,
            roi.positive_share,
            OFFSET_WEIGHTS,
            test.min_score,
            test.nms,
            test.most,
        )
        self.fg_bg_sampler = Sampler(roi.batch, roi.positive_share, chance, "regions")

    def forward(
        self, inputs: Inputs, maps: Tensor, proposals: list[Tensor]
    ) -> tuple[list[Detected], dict[str, Tensor]]:
        if inputs.targets is None:
            logits, offsets = self._classify(maps, proposals)
            parts = self.postprocess_detections(logits, offsets, proposals, list(inputs.sizes))
            return [
                Detected(boxes=boxes, scores=scores, labels=labels)
                for boxes, scores, labels in zip(*parts, strict=True)
            ], {}
        proposals, _, labels, targets = self.select_training_samples(proposals, list(inputs.targets))
        logits, offsets = self._classify(maps, proposals)
        return [], _losses(logits, offsets, torch.cat(labels), torch.cat(targets))

    def _classify(self, maps: Tensor, regions: list[Tensor]) -> tuple[Tensor, Tensor]:
        # In float32 also under bf16, whose 8 bits cannot hold a region's coordinates.
        logits, offsets = self.box_predictor(self.box_head(self.box_roi_pool(maps.float(), regions)))
        return logits.float(), offsets.float()


def _losses(logits: Tensor, offsets: Tensor, labels: Tensor, targets: Tensor) -> dict[str, Tensor]:
    positive = torch.where(labels > 0)[0]
    own = offsets.view(len(labels), -1, 4)[positive, labels[positive]]
    box_loss = F.smooth_l1_loss(own, targets[positive], beta=BOX_BETA, reduction="sum") / len(labels)
    return {
        "class_loss": F.cross_entropy(logits, labels),
        "box_loss": box_loss,
        "foreground": (labels > 0).float().mean() * 100,
    }
