"""Degradation in a study: each network compared with the next deeper one of its kind, also during training."""

from collections.abc import Iterator
from itertools import pairwise

from pydantic import Field

from paper.degradation import Comparison, compare, seed_spread
from paper.studies.member import Frozen, MemberResult, StudyNetwork


class DepthComparison(Frozen):
    """Two runs with the same seed that differ in depth."""

    shallow: str = Field(description="A member's label.")
    deep: str
    seed: int
    comparison: Comparison


def depth_comparisons(networks: list[StudyNetwork]) -> tuple[DepthComparison, ...]:
    """Compares neighbours in depth that are otherwise alike. Runs without a curve are left out."""
    kinds: dict[str, list[StudyNetwork]] = {}
    for network in networks:
        kinds.setdefault(_kind(network), []).append(network)
    return tuple(
        comparison
        for kind in kinds.values()
        for shallow, deep in pairwise(sorted(kind, key=lambda network: network.spec.depth))
        if shallow.spec.depth < deep.spec.depth
        for comparison in _compare_seeds(shallow, deep)
    )


def _compare_seeds(shallow: StudyNetwork, deep: StudyNetwork) -> Iterator[DepthComparison]:
    spread = seed_spread([[member.result for member in network.members] for network in (shallow, deep)])
    for member, deeper in _pairs(shallow, deep):
        comparison = compare(member.result, deeper.result, spread)
        yield DepthComparison(shallow=shallow.label, deep=deep.label, seed=member.seed, comparison=comparison)


def _kind(network: StudyNetwork) -> str:
    """What two networks have in common if they differ only in depth and in the warm-up that depends on it."""
    return network.spec.model_dump_json(exclude={"depth", "seed", "warmup"})


def _pairs(shallow: StudyNetwork, deep: StudyNetwork) -> list[tuple[MemberResult, MemberResult]]:
    deeper = {member.seed: member for member in deep.members if member.result.train_errors}
    shallower = [member for member in shallow.members if member.result.train_errors]
    return [(member, deeper[member.seed]) for member in shallower if member.seed in deeper]
