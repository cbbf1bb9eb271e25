"""Which seeds to add to a study: as many as decide what is still open, and no more than its budget allows."""

from collections.abc import Sequence

from pydantic import Field

from paper.claims import ClaimStatus
from paper.planner import LOOKS, next_seeds
from paper.studies.cells import StudyCell, error_value, measured
from paper.studies.member import Frozen, Network


class Addition(Frozen):
    """So many seeds more of one network, or none, and why."""

    network: str
    add: int = Field(ge=0)
    reason: str


def additions(
    networks: Sequence[Network], cells: Sequence[StudyCell], claims: Sequence[ClaimStatus], budget: int, looks: int
) -> list[Addition]:
    """The next step of a study that was judged `looks` times before."""
    comparable = {cell.network for cell in cells if cell.verdict and cell.verdict.outcome != "not comparable"}
    return [
        _beside_the_paper(network, budget, looks)
        if network.label in comparable
        else _for_claims(network, claims, budget)
        for network in networks
    ]


def _beside_the_paper(network: Network, budget: int, looks: int) -> Addition:
    value = error_value(network.tests)
    assert value is not None  # noqa: S101 (for mypy: it has a verdict)
    found = next_seeds(measured(network, value), value, budget, LOOKS - looks)
    return Addition(network=network.label, add=found.add, reason=found.reason)


def _for_claims(network: Network, claims: Sequence[ClaimStatus], budget: int) -> Addition:
    lacking = [(claim, need.runs) for claim in claims for need in claim.missing if need.net == network.label]
    # More of what is too short decides nothing.
    missing = [(claim, runs) for claim, runs in lacking if not any(part.note for part in claim.parts)]
    left = budget - len(network.members)
    if lacking and not missing:
        note = next(part.note for claim, _ in lacking for part in claim.parts if part.note)
        return Addition(network=network.label, add=0, reason=f"more seeds decide nothing: {note}")
    if not missing:
        return Addition(network=network.label, add=0, reason="no claim of this study waits for it")
    if left <= 0:
        return Addition(network=network.label, add=0, reason=f"the budget of {budget} seeds is spent")
    claim, runs = max(missing, key=lambda need: need[1] or 0)
    if not runs:
        return Addition(network=network.label, add=0, reason="not even a hundred seeds decide its claims")
    return Addition(network=network.label, add=min(runs, left), reason=f"to decide that {claim.sentence}")
