"""How many seeds of each network a claim rests on, and how much of its status rests on those that are missing.

Nobody knows what a missing seed would have shown, so a claim is decided only if no network that it compares misses one:
a single error of 100 % among three makes a spread in which a comparison shows nothing. The bound of a claim with
missing seeds is therefore "undecided", whatever their number. That is stricter than any one value of the missing seeds.
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from paper.claims import ClaimStatus, Status
from paper.studies.attrition import OUTSTANDING, PROVISIONAL, MissingSeed, fates
from paper.studies.member import Frozen, StudyNetwork


class NetworkSeeds(Frozen):
    """The seeds of one network that a claim rests on."""

    network: str = Field(description="The member's label.")
    counted: int = Field(description="Seeds in the comparison with the fewest.")
    planned: int
    missing: tuple[MissingSeed, ...] = Field(description="Seeds whose run has not succeeded.")
    not_evaluated: int = Field(description="Seeds that succeeded without what the claim measures.")


class ClaimAttrition(Frozen):
    """What a claim rests on, network by network."""

    id: str = Field(description="The claim's id.")
    networks: tuple[NetworkSeeds, ...]
    is_provisional: bool = Field(description="Whether results may still come, so that the status may still change.")
    bound: Status | None = Field(
        description="The status if the missing seeds had been the worst; null if none is missing."
    )
    sentence: str = Field(description="The seeds of each network, what became of the others, and the bound.")


def claim_attrition(
    claims: Iterable[ClaimStatus], networks: Sequence[StudyNetwork], deleted: Mapping[str, Sequence[MissingSeed]]
) -> tuple[ClaimAttrition, ...]:
    """For every claim that compares networks of the study. `deleted`: networks of which every run was deleted."""
    missing = {network.label: network.missing() for network in networks} | dict(deleted)
    planned = {network.label: network.planned for network in networks}
    planned |= {label: len(seeds) for label, seeds in deleted.items()}
    return tuple(of_claim(claim, planned, missing) for claim in claims)


def of_claim(
    claim: ClaimStatus, planned: Mapping[str, int], missing: Mapping[str, Sequence[MissingSeed]]
) -> ClaimAttrition:
    """What one claim rests on. `planned` and `missing` are by the name of each observation of the claim."""
    seeds = [
        _network(label, counted, planned[label], missing[label])
        for label, counted in _counted(claim).items()
        if label in planned
    ]
    lost = sum(len(network.missing) + network.not_evaluated for network in seeds)
    outstanding = any(
        network.not_evaluated or any(seed.fate in OUTSTANDING for seed in network.missing) for network in seeds
    )
    is_decided = claim.status in ("holds", "does not hold")
    bound: Status | None = ("undecided" if is_decided else claim.status) if lost else None
    text = f"{PROVISIONAL if outstanding else ''}{'; '.join(map(_in_words, seeds))}." if seeds else ""
    if lost and is_decided:
        text += f" If the missing seed{'' if lost == 1 else 's'} had been the worst, the claim would be undecided."
    return ClaimAttrition(
        id=claim.id,
        networks=tuple(seeds),
        is_provisional=outstanding,
        bound=bound,
        sentence=text,
    )


def _counted(claim: ClaimStatus) -> dict[str, int]:
    """The runs of each network in the comparison that has the fewest of them."""
    counted: dict[str, int] = {}
    for part in claim.parts:
        for observation in part.observations:
            counted[observation.net] = min(observation.runs, counted.get(observation.net, observation.runs))
    return counted


def _network(label: str, counted: int, planned: int, missing: Sequence[MissingSeed]) -> NetworkSeeds:
    """A run that has succeeded may still lack what the claim measures."""
    lacking = max(0, planned - len(missing) - counted)
    return NetworkSeeds(network=label, counted=counted, planned=planned, missing=tuple(missing), not_evaluated=lacking)


def _in_words(network: NetworkSeeds) -> str:
    """plain-20: 2 of 3 seeds (1 cancelled)."""
    lacking = [fates(network.missing)] if network.missing else []
    lacking += [f"{network.not_evaluated} not evaluated"] if network.not_evaluated else []
    plural = "" if network.planned == 1 else "s"
    start = f"{network.network}: {network.counted} of {network.planned} seed{plural}"
    return f"{start} ({', '.join(lacking)})" if lacking else start
