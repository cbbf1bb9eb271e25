"""Owns the classification of regions: torchvision's RoIHeads, corrected.

Torchvision pools from several maps by RoIAlign (here RoIPool from one map, before conv5_1), and uses β = 1/9 in the box
loss (here 1, as [32]'s code). Global context (App. B) is the whole image as one more region, whose features are
appended to those of every other.
"""

from collections.abc import Sequence
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
            FastRCNNPredictor(2 * features if spec.context else features, classes + 1),
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
        self._has_context = spec.context

    def forward(
        self, inputs: Inputs, maps: Tensor, proposals: list[Tensor]
    ) -> tuple[list[Detected], dict[str, Tensor]]:
        if inputs.targets is None:
            logits, offsets = self.classify(self.features(maps, proposals, inputs.sizes))
            parts = self.postprocess_detections(logits, offsets, proposals, list(inputs.sizes))
            return [
                Detected(boxes=boxes, scores=scores, labels=labels)
                for boxes, scores, labels in zip(*parts, strict=True)
            ], {}
        proposals, _, labels, targets = self.select_training_samples(proposals, list(inputs.targets))
        logits, offsets = self.classify(self.features(maps, proposals, inputs.sizes))
        return [], _losses(logits, offsets, torch.cat(labels), torch.cat(targets))

    def features(self, maps: Tensor, regions: list[Tensor], sizes: Sequence[tuple[int, int]]) -> Tensor:
        """The features (ΣK, F) of regions (K, 4) of each image, whose (height, width) are given."""
        # In float32 also under bf16, whose 8 bits cannot hold a region's coordinates.
        maps = maps.float()
        if not self._has_context:
            features: Tensor = self.box_head(self.box_roi_pool(maps, regions))
            return features
        whole = [own.new_tensor([[0, 0, width, height]]) for own, (height, width) in zip(regions, sizes, strict=True)]
        both = self.box_head(self.box_roi_pool(maps, [torch.cat(pair) for pair in zip(regions, whole, strict=True)]))
        parts = both.split([len(own) + 1 for own in regions])
        return torch.cat([torch.cat((part[:-1], part[-1:].expand_as(part[:-1])), dim=1) for part in parts])

    def classify(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features (K, F) to logits (K, classes) and box offsets (K, 4 · classes), the background included."""
        logits, offsets = self.box_predictor(features)
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
