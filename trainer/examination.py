"""What may be asked of finished weights, and how a network looks at a photograph meanwhile. Loads no torch."""

from typing import Final, Literal, get_args

ExaminationKind = Literal["evaluate", "responses", "predict"]
# Sec. 3.4: "standard 10-crop testing", and "average the scores at multiple scales".
Views = Literal["single", "ten-crop", "multi-scale"]
VIEWS: Final[tuple[Views, ...]] = get_args(Views)

# The file, in the working folder, in which an examination that is supervised leaves what it found.
REPORT: Final = "report.json"
# Of more classes a report has no confusion matrix: a thousand classes' is a million numbers.
MOST_CONFUSION_CLASSES: Final = 100
