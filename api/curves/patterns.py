"""The forms of text that a figure's query takes, and how a refusal says each."""

from typing import Final

from paper.palette import COLOURS, DASHES

FIELD: Final = r"^[a-z_0-9]{1,40}$"
LOOK: Final = rf"^[0-{len(COLOURS) - 1}]\.[0-{len(DASHES) - 1}]$"
LEVEL: Final = r"^\d{1,3}(\.\d{1,6})?(@\d)?:.{0,200}$"
MARK: Final = r"^\d{1,12}(\.\d{1,6})?:.{0,200}$"
SENTENCES: Final = {
    FIELD: "must be the name of a field of the specification, or kind",
    LOOK: f"must be a hue from 0 to {len(COLOURS) - 1}, a point and a dash from 0 to {len(DASHES) - 1}, such as 3.0",
    MARK: "must be a position on the x axis, a colon and a label, such as 1200:attempt 2",
    LEVEL: "must be an error in percent, a colon and a label, such as 8.5:paper; 8.5@1:paper is in the second panel",
}
