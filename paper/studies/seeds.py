"""Which seeds to add to a study: as many as are expected to decide what is open, within the budget."""

from collections.abc import Sequence

from pydantic import Field

from paper.claims import ClaimStatus
from paper.planner import LOOKS, next_seeds
from paper.power import MOST_SEEDS
from paper.studies.cells import StudyCell, error_value, measured
from paper.studies.member import Frozen, StudyNetwork


class Addition(Frozen):
    """How many seeds to add to one network, and why."""

    network: str
    add: int = Field(ge=0)
    reason: str


def additions(
    networks: Sequence[StudyNetwork], cells: Sequence[StudyCell], claims: Sequence[ClaimStatus], budget: int, looks: int
) -> list[Addition]:
    """The next step of a study that has been judged `looks` times before."""
    comparable = {cell.network for cell in cells if cell.verdict and cell.verdict.outcome != "not comparable"}
    return [
        _beside_the_paper(network, budget, looks)
        if network.label in comparable
        else _for_claims(network, claims, budget)
        for network in networks
    ]


def _beside_the_paper(network: StudyNetwork, budget: int, looks: int) -> Addition:
    value = error_value(network.tests)
    assert value is not None  # noqa: S101 (for mypy: it has a verdict)
    step = next_seeds(measured(network, value), value, budget, LOOKS - looks)
    return Addition(network=network.label, add=step.add, reason=step.reason)


def _for_claims(network: StudyNetwork, claims: Sequence[ClaimStatus], budget: int) -> Addition:
    missing = [(claim, need.runs) for claim in claims for need in claim.missing if need.net == network.label]
    left = budget - len(network.members)
    if not missing:
        return Addition(network=network.label, add=0, reason=_nothing_to_add(network, claims))
    if left <= 0:
        return Addition(network=network.label, add=0, reason=f"The budget of {budget} seeds is used up.")
    claim, runs = max(missing, key=lambda need: need[1] or 0)
    if not runs:
        return Addition(network=network.label, add=0, reason=f"Even {MOST_SEEDS} seeds would not decide its claims.")
    return Addition(network=network.label, add=min(runs, left), reason=f"Needed for this claim: {claim.sentence}")


def _nothing_to_add(network: StudyNetwork, claims: Sequence[ClaimStatus]) -> str:
    parts = (part for claim in claims for part in claim.parts if part.note)
    about = (part for part in parts if any(own.net == network.label for own in part.observations))
    unfit = next(about, None)
    return f"More seeds would decide nothing. {unfit.note}" if unfit else "No claim of this study needs more."
