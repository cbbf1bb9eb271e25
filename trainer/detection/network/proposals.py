"""Owns the region proposal network of [32]: torchvision's, corrected.

Torchvision's has as many filters as its input (here 512), keeps anchors across the image's border in training (here
they are ignored), and drops proposals below 0.001 pixels (here 16 pixels of the original image).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead, concat_box_prediction_layers
from torchvision.ops import clip_boxes_to_image, nms, remove_small_boxes

from trainer.detection.network.chance import Chance, Sampler
from trainer.detection.network.inputs import Inputs
from trainer.detection.spec import DetectionSpec

BOX_BETA = 1 / 9  # pfr: σ = 3, and β = 1/σ²


class ProposalHead(RPNHead):  # type: ignore[misc]  # torchvision has no types
    """A 3×3 convolution, then one objectness logit and four box offsets an anchor. Keys are torchvision's."""

    def __init__(self, width_in: int, channels: int, anchors: int) -> None:
        super().__init__(width_in, anchors)
        self.conv = nn.Sequential(nn.Sequential(nn.Conv2d(width_in, channels, 3, padding=1), nn.ReLU(inplace=True)))
        self.cls_logits = nn.Conv2d(channels, anchors, 1)
        self.bbox_pred = nn.Conv2d(channels, 4 * anchors, 1)


class Proposals(RegionProposalNetwork):  # type: ignore[misc]  # torchvision has no types
    """Shared maps to proposals (K, 4) of each image and, in training, the losses of class and box."""

    def __init__(self, spec: DetectionSpec, width_in: int, chance: Chance) -> None:
        rpn = spec.rpn
        super().__init__(
            AnchorGenerator((spec.anchors.sizes,), (spec.anchors.ratios,)),
            ProposalHead(width_in, rpn.channels, spec.anchors.per_position),
            rpn.positive_overlap,
            rpn.negative_overlap,
            rpn.batch,
            rpn.positive_share,
            {"training": rpn.train_before_nms, "testing": rpn.test_before_nms},
            {"training": rpn.train_after_nms, "testing": rpn.test_after_nms},
            rpn.nms,
        )
        self.min_size = rpn.min_size
        self.fg_bg_sampler = Sampler(rpn.batch, rpn.positive_share, chance, "anchors")

    def forward(self, inputs: Inputs, maps: Tensor) -> tuple[list[Tensor], dict[str, Tensor]]:
        logits, offsets = self.head([maps])
        anchors = self.anchor_generator(ImageList(inputs.images, list(inputs.sizes)), [maps])
        logits, offsets = concat_box_prediction_layers(logits, offsets)
        count = len(inputs.sizes)
        # float() for bf16. [32] does not train through the proposals' coordinates.
        boxes = self.box_coder.decode(offsets.detach().float(), anchors).view(count, -1, 4)
        proposals = self._best(boxes, logits.detach().float().view(count, -1), inputs)
        if inputs.targets is None:
            return proposals, {}
        labels, matches = zip(
            *(self._assign(*each) for each in zip(anchors, inputs.targets, inputs.sizes, strict=True)),
            strict=True,
        )
        targets = self.box_coder.encode(list(matches), anchors)
        return proposals, self._losses(logits.float(), offsets.float(), list(labels), list(targets))

    @torch.no_grad()
    def _best(self, boxes: Tensor, logits: Tensor, inputs: Inputs) -> list[Tensor]:
        """The best boxes (K, 4) of each image that are large enough, without near duplicates."""
        best = []
        for image, (size, scale) in enumerate(zip(inputs.sizes, inputs.scales, strict=True)):
            scores, order = logits[image].topk(min(self.pre_nms_top_n(), logits.shape[1]))
            candidates = clip_boxes_to_image(boxes[image][order], size)
            large = remove_small_boxes(candidates, self.min_size * scale)
            candidates, scores = candidates[large], scores[large]
            best.append(candidates[nms(candidates, scores, self.nms_thresh)[: self.post_nms_top_n()]])
        return best

    def _assign(self, anchors: Tensor, target: dict[str, Tensor], size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """Labels (A,) of an image's anchors (1 positive, 0 negative, -1 ignored), and the box (A, 4) that each matches.

        Anchors across the border are ignored before each object's best anchor is chosen.
        """
        height, width = size
        inside = ((anchors[:, :2] >= 0).all(dim=1) & (anchors[:, 2] <= width) & (anchors[:, 3] <= height)).nonzero()[
            :, 0
        ]
        labels, matches = torch.full((len(anchors),), -1.0, device=anchors.device), anchors.clone()
        if len(inside):
            (inner,), (boxes,) = self.assign_targets_to_anchors([anchors[inside]], [target])
            labels[inside], matches[inside] = inner, boxes
        return labels, matches

    def _losses(
        self, logits: Tensor, offsets: Tensor, labels: list[Tensor], targets: list[Tensor]
    ) -> dict[str, Tensor]:
        positive, negative = (torch.where(torch.cat(masks))[0] for masks in self.fg_bg_sampler(labels))
        sampled = torch.cat((positive, negative))
        count = max(len(sampled), 1)  # an image may be so narrow that no anchor fits into it
        every = torch.cat(labels)
        class_loss = F.binary_cross_entropy_with_logits(logits.flatten()[sampled], every[sampled], reduction="sum")
        goal = torch.cat(targets)[positive]
        box_loss = F.smooth_l1_loss(offsets[positive], goal, beta=BOX_BETA, reduction="sum")
        return {"rpn_class_loss": class_loss / count, "rpn_box_loss": box_loss / count}
