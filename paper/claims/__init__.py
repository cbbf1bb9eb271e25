"""The paper's claims as checks: the comparisons behind each, the runs that test it, and its status."""

from paper.claims.claim import Alike, Below, Bound, Claim, Count, Net, Part
from paper.claims.listed import CLAIMS
from paper.claims.runs import by_setting
from paper.claims.status import ClaimObservation, ClaimStatus, MissingRuns, PartStatus, Status, evaluate

__all__ = [
    "CLAIMS",
    "Alike",
    "Below",
    "Bound",
    "Claim",
    "ClaimObservation",
    "ClaimStatus",
    "Count",
    "MissingRuns",
    "Net",
    "Part",
    "PartStatus",
    "Status",
    "by_setting",
    "evaluate",
]  # fmt: skip
