"""The paper's claims as checks: what each comes down to, what tests it, and how it stands by the runs there are."""

from paper.claims.claim import Alike, Below, Bound, Claim, Count, Net, Part
from paper.claims.listed import CLAIMS
from paper.claims.runs import by_setting
from paper.claims.status import ClaimStatus, Missing, PartStatus, Seen, Status, evaluate

__all__ = [
    "CLAIMS", "Alike", "Below", "Bound", "Claim", "ClaimStatus", "Count", "Missing", "Net", "Part", "PartStatus",
    "Seen", "Status", "by_setting", "evaluate",
]  # fmt: skip
