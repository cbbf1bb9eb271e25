"""What a detector's specification has where a field is left out: functions of the fields before it. Loads no torch."""

from itertools import pairwise
from typing import Any, Literal

from trainer.detection.parts import Anchors, Roi
from trainer.spec import StepSchedule

ApForm = Literal["voc07", "area", "coco"]
# Table 7's and Table 8's training data, which a lab provides as folders.
VOC, COCO = "voc07+12", "coco"


def is_coco(fields: dict[str, Any]) -> bool:
    return bool(fields["dataset"] == COCO)


def freeze_up_to(fields: dict[str, Any]) -> int:
    return 2 if fields["start"] else 0


def batch_norm(fields: dict[str, Any]) -> Literal["frozen", "live"]:
    return "frozen" if fields["start"] else "live"


def anchors(fields: dict[str, Any]) -> Anchors:
    return Anchors(sizes=(64, 128, 256, 512) if is_coco(fields) else (128, 256, 512))


def roi(fields: dict[str, Any]) -> Roi:
    return Roi(size=roi_size(fields["network"]))


def roi_size(network: str) -> int:
    return 7 if network == "vgg16" else 14


def batch_size(fields: dict[str, Any]) -> int:
    return 8 if is_coco(fields) else 1


def iterations(fields: dict[str, Any]) -> int:
    if fields["training"] == "four_step":
        # [32] trains its four steps for 80k, 40k, 80k and 40k; the paper's steps on COCO have 320k each.
        return 1_280_000 if is_coco(fields) else 240_000
    return 320_000 if is_coco(fields) else 70_000


def schedule(fields: dict[str, Any]) -> StepSchedule:
    # pfr's joint training drops at 50k of 70k; [32]'s steps at 60k of 80k and 30k of 40k, and the paper's COCO steps at
    # 240k of 320k. Others keep the proportion.
    whole: int = fields["iterations"]
    if fields["training"] == "four_step":
        ends = step_ends(fields["dataset"], whole)
        drops = (start + (end - start) * 3 // 4 for start, end in pairwise((0, *ends)))
        return StepSchedule(at=tuple(at for at, start in zip(drops, (0, *ends), strict=False) if at > start))
    at = whole * 3 // 4 if is_coco(fields) else whole * 5 // 7
    return StepSchedule(at=(at,) if at else ())


def step_ends(dataset: str, whole: int) -> tuple[int, ...]:
    """The last iteration of each of [32]'s four steps."""
    sixths = (1.5, 3, 4.5, 6) if dataset == COCO else (2, 3, 5, 6)
    return tuple(int(whole * part / 6) for part in sixths)


def ap(fields: dict[str, Any]) -> ApForm:
    return "coco" if is_coco(fields) else "voc07"
