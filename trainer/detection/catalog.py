"""The annotated data sets of Tables 7 and 8, which a lab provides as folders under these names. Loads no torch."""

from dataclasses import dataclass
from typing import Final

from trainer.detection.spec import COCO, VOC


@dataclass(frozen=True)
class LabData:
    """A data set that can't be downloaded here, and its publisher's counts."""

    name: str
    classes: int
    train_images: int
    test_images: int
    about: str


LAB_DATA: Final = {
    data.name: data
    for data in (
        LabData(VOC, 20, 16_551, 4_952, "PASCAL VOC: trainval of 2007 and 2012, and 2007's test (Table 7)."),
        LabData(COCO, 80, 82_783, 40_504, "MS COCO 2014: trained on train, tested on val (Table 8)."),
    )
}
