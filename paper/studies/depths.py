"""Degradation in a study: each network beside the next deeper one of its kind, seed by seed, also while they train."""

from itertools import pairwise

from pydantic import Field

from paper.degradation import Comparison, compare
from paper.studies.member import Frozen, Network, Trained


class DepthComparison(Frozen):
    """Two runs of one seed, told apart by their depth."""

    shallow: str = Field(description="A member's label.")
    deep: str
    seed: int
    comparison: Comparison


def depths(networks: list[Network]) -> tuple[DepthComparison, ...]:
    """Neighbours in depth, both plain or both of one option, and otherwise alike; runs without a curve are left out."""
    kinds: dict[str, list[Network]] = {}
    for network in networks:
        kinds.setdefault(_kind(network), []).append(network)
    return tuple(
        DepthComparison(
            shallow=shallow.label, deep=deep.label, seed=one.seed, comparison=compare(one.result, other.result)
        )
        for kind in kinds.values()
        for shallow, deep in pairwise(sorted(kind, key=lambda network: network.spec.depth))
        if shallow.spec.depth < deep.spec.depth
        for one, other in _pairs(shallow, deep)
    )


def _kind(network: Network) -> str:
    """What two networks share that differ in their depth, and in the warm-up that goes with it."""
    return network.spec.model_dump_json(exclude={"depth", "seed", "warmup"})


def _pairs(shallow: Network, deep: Network) -> list[tuple[Trained, Trained]]:
    others = {member.seed: member for member in deep.members if member.result.train_errors}
    return [(one, others[one.seed]) for one in shallow.members if one.seed in others and one.result.train_errors]
