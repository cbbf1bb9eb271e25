"""Owns the kinds of examinations of finished weights, and the views of an image that they use. Loads no torch."""

from typing import Final, Literal, get_args

ExaminationKind = Literal["evaluate", "responses", "predict", "detect", "statistics"]
# Sec. 3.4: "standard 10-crop testing", and "average the scores at multiple scales".
Views = Literal["single", "ten-crop", "multi-scale"]
VIEWS: Final[tuple[Views, ...]] = get_args(Views)

# The file in the working folder to which a supervised examination writes its report.
REPORT: Final = "report.json"
# … and the one with the images that the report speaks of.
PICTURE: Final = "picture.png"
# … and the one with the weights that have the statistics of the training images.
STATISTICS: Final = "statistics.safetensors"
# With more classes, a report has no confusion matrix: that of 1,000 classes has a million numbers.
MOST_CONFUSION_CLASSES: Final = 100
