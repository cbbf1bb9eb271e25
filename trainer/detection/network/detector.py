"""Owns the detector: Faster R-CNN as App. A describes it, and its initial weights.

Keys are those of torchvision's FasterRCNN: backbone, rpn and roi_heads.
"""

import torch
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d

from trainer.chance import generator
from trainer.detection.network.chance import Chance
from trainer.detection.network.inputs import Inputs
from trainer.detection.network.proposals import Proposals
from trainer.detection.network.regions import Detected, Regions
from trainer.detection.network.trunks import halves
from trainer.detection.spec import DetectionSpec
from trainer.networks.initialisation import initialise


class Detector(nn.Module):
    """`classes` does not count the background."""

    def __init__(self, spec: DetectionSpec, classes: int) -> None:
        super().__init__()
        self.chance = Chance(spec.seed)
        parts = halves(spec, self.chance)
        self.backbone = parts.trunk
        self.rpn = Proposals(spec, parts.width, self.chance)
        self.roi_heads = Regions(spec, parts.head, parts.features, classes, self.chance)
        self._fixed = [module for stage in parts.stages[: spec.freeze_up_to] for module in stage]
        for module in self._fixed:
            module.requires_grad_(requires_grad=False)

    def forward(self, inputs: Inputs) -> tuple[list[Detected], dict[str, Tensor]]:
        """The detections of each image; in training (with `targets`), the losses by name instead."""
        maps = self.backbone(inputs.images)
        proposals, losses = self.rpn(inputs, maps)
        detections, more = self.roi_heads(inputs, maps, proposals)
        return detections, losses | more

    def plain_state(self) -> dict[str, Tensor]:
        """The state that is saved as weights: that of a Detector."""
        return dict(self.state_dict())

    def train(self, mode: bool = True) -> "Detector":
        """Layers that are not trained keep their batch norm's statistics, too."""
        super().train(mode)
        for module in self._fixed:
            module.eval()
        return self


def build(spec: DetectionSpec, classes: int, kind: type[Detector] = Detector) -> Detector:
    """The specification's detector, of this kind, with weights drawn from the seed.

    He et al. [13] for the network, and for the new layers [32]'s Gaussians: 0.01, and 0.001 for the boxes of classes.
    """
    detector = kind(spec, classes)
    source = generator(spec.seed, "initialisation")
    initialise(detector, source)
    with torch.no_grad():
        for module in detector.modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                module.bias.zero_()
        head, predictor = detector.rpn.head, detector.roi_heads.box_predictor
        for layer in (head.conv[0][0], head.cls_logits, head.bbox_pred, predictor.cls_score):
            layer.weight.normal_(0, 0.01, generator=source)
        predictor.bbox_pred.weight.normal_(0, 0.001, generator=source)
        predictor.cls_score.bias.zero_()
        predictor.bbox_pred.bias.zero_()
    return detector


def frozen_values(detector: Detector) -> int:
    """How many constants the frozen batch norms hold: γ, β, mean and variance."""
    norms = (module for module in detector.modules() if isinstance(module, FrozenBatchNorm2d))
    return sum(buffer.numel() for norm in norms for buffer in norm.buffers())
