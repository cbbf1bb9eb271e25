"""Owns a detector that is trained in [32]'s four alternating steps (sec. 3.2 there).

1. A trunk of the proposals' own, and the proposals' layers, from the start weights.
2. The detector's trunk and its regions' layers, from the start weights, with proposals of step 1.
3. The proposals' layers alone, on the detector's trunk, which is fixed from here on.
4. The regions' layers alone, with proposals of step 3. Now both share one trunk.
"""

from torch import Tensor, nn, no_grad

from trainer.detection.network.chance import Chance
from trainer.detection.network.detector import Detector
from trainer.detection.network.inputs import Inputs
from trainer.detection.network.proposals import Proposals
from trainer.detection.network.regions import Detected
from trainer.detection.network.trunks import halves
from trainer.detection.spec import DetectionSpec


class Proposer(nn.Module):
    """Proposals with a trunk of their own. `fixed` are the trunk's layers that are never trained."""

    def __init__(self, spec: DetectionSpec, chance: Chance) -> None:
        super().__init__()
        parts = halves(spec, chance)
        self.backbone = parts.trunk
        self.rpn = Proposals(spec, parts.width, chance)
        self.fixed = [module for stage in parts.stages[: spec.freeze_up_to] for module in stage]
        for module in self.fixed:
            module.requires_grad_(requires_grad=False)


class FourStepDetector(Detector):
    """A detector with its proposer; the step follows from the iteration that is trained (`chance`)."""

    def __init__(self, spec: DetectionSpec, classes: int) -> None:
        super().__init__(spec, classes)
        self._spec = spec
        self.proposer = Proposer(spec, self.chance)
        self._fixed += self.proposer.fixed

    @property
    def step(self) -> int:
        """1 to 4."""
        return self._spec.step_at(self.chance.iteration)

    def enter(self) -> None:
        """Copy what the step that begins starts from. Between steps nothing else is kept but the weights."""
        if self.step == 1:
            self.proposer.backbone.load_state_dict(self.backbone.state_dict())
            self.proposer.rpn.load_state_dict(self.rpn.state_dict())
        if self.step == 3:
            self.proposer.backbone.load_state_dict(self.backbone.state_dict())

    def forward(self, inputs: Inputs) -> tuple[list[Detected], dict[str, Tensor]]:
        """As the detector's; of the losses, those of layers that the step does not train are 0."""
        if inputs.targets is None:
            return self._detect(inputs)
        self.proposer.backbone.train(self.step == 1)
        self.backbone.train(self.step == 2)
        for module in self._fixed:
            module.eval()
        return [], self._propose(inputs) if self.step in (1, 3) else self._classify(inputs)

    def plain_state(self) -> dict[str, Tensor]:
        """The state of a detector with the proposer's layers, which is what is tested and saved."""
        state = {name: value for name, value in self.state_dict().items() if not name.startswith("proposer.")}
        return state | {f"rpn.{name}": value for name, value in self.proposer.rpn.state_dict().items()}

    def _detect(self, inputs: Inputs) -> tuple[list[Detected], dict[str, Tensor]]:
        proposals, _ = self.proposer.rpn(inputs, self.proposer.backbone(inputs.images))
        detections, _ = self.roi_heads(inputs, self.backbone(inputs.images), proposals)
        return detections, {}

    def _propose(self, inputs: Inputs) -> dict[str, Tensor]:
        maps = _maps(self.proposer.backbone, inputs, is_trained=self.step == 1)
        _, losses = self.proposer.rpn(inputs, maps)
        zeros: dict[str, Tensor] = dict.fromkeys(("class_loss", "box_loss", "foreground"), maps.new_zeros(()))
        return {**zeros, **losses}

    def _classify(self, inputs: Inputs) -> dict[str, Tensor]:
        with no_grad():
            without = Inputs(inputs.images, inputs.sizes, inputs.scales)
            proposals, _ = self.proposer.rpn(without, self.proposer.backbone(inputs.images))
        maps = _maps(self.backbone, inputs, is_trained=self.step == 2)
        _, losses = self.roi_heads(inputs, maps, proposals)
        zeros: dict[str, Tensor] = dict.fromkeys(("rpn_class_loss", "rpn_box_loss"), maps.new_zeros(()))
        return {**zeros, **losses}


def _maps(trunk: nn.Module, inputs: Inputs, *, is_trained: bool) -> Tensor:
    if is_trained:
        maps: Tensor = trunk(inputs.images)
        return maps
    with no_grad():
        fixed: Tensor = trunk(inputs.images)
    return fixed
