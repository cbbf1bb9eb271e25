"""The status of the claims: all one-sided tests together, Holm-corrected, and the runs still missing."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.claims.claim import Claim
from paper.claims.evidence import Evidence, weigh
from paper.claims.fitness import spec_departures
from paper.claims.listed import CLAIMS
from paper.claims.runs import FREE, Measured, of_net
from paper.power import FEWEST_SEEDS, LEVEL, MOST_SEEDS, seeds_for_difference
from paper.results import RunResult
from paper.statistics import holm, sample
from trainer.spec import RunSpec

# "not testable here": by no run that this service can train. "not testable by these runs": they differ from what the
# claim speaks of in data, protocol or length (fitness.py).
UNFIT: Final = "not testable by these runs"
Status = Literal["holds", "does not hold", "undecided", "not testable here", "not testable by these runs"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ClaimObservation(Frozen):
    """A network's runs in one comparison: their number, mean and standard deviation."""

    net: str
    runs: int
    mean: float | None
    std: float | None


class MissingRuns(Frozen):
    """How many more runs of a network would decide; null if it would take more than a hundred."""

    net: str
    runs: int | None


class PartStatus(Frozen):
    """One comparison. `p_value` is one-sided and Holm-corrected over all tests made together."""

    sentence: str
    status: Status
    observations: tuple[ClaimObservation, ...]
    difference: float | None = Field(description="First network minus second, in the order of `observations`.")
    p_value: float | None
    note: str | None = Field(description="Why these runs cannot test the comparison; null if they can.")
    missing: tuple[MissingRuns, ...]


class ClaimStatus(Frozen):
    """A claim of the paper and its status according to these runs."""

    id: str
    section: str
    sentence: str
    quote: str = Field(description="The paper's own words.")
    status: Status
    reason: str | None = Field(description="Why this service, or these runs, cannot test the claim; null if they can.")
    parts: tuple[PartStatus, ...]
    missing: tuple[MissingRuns, ...]
    departures: tuple[str, ...] = Field(description="Where the runs depart from the paper's protocol.")
    recipes: tuple[str, ...] = Field(description="The recipes that train the runs for it.")


def evaluate(results: Sequence[RunResult], scale: float = 1.0, claims: Sequence[Claim] = CLAIMS) -> list[ClaimStatus]:
    """The status of each claim according to these runs. Without runs, it says what each claim needs.

    `scale` is the share of the paper's schedule that the runs have. Raises ValueError if the runs differ in more than
    claims are about: group them with `by_setting` first.
    """
    _check(results)
    parts = iter(_parts([weigh(claim, part, results, scale) for claim in claims for part in claim.parts]))
    return [_status(claim, [next(parts) for _ in claim.parts], _departures(claim, results, scale)) for claim in claims]


def _check(results: Sequence[RunResult]) -> None:
    fixed = (field for field in RunSpec.model_fields if field not in FREE)
    differ = [field for field in fixed if len({repr(getattr(result.spec, field)) for result in results}) > 1]
    if differ:
        raise ValueError(
            f"expected runs that differ only in what claims are about, but these also differ in {', '.join(differ)}"
        )


def _parts(all_evidence: Sequence[Evidence]) -> list[PartStatus]:
    """Every test counts, even if two claims make the same one."""
    tests = [evidence.tests for evidence in all_evidence if evidence.tests]
    corrected = zip(holm([test[0] for test in tests]), holm([test[1] for test in tests]), strict=True)
    level = LEVEL / max(1, len(tests))
    return [_part(evidence, next(corrected) if evidence.tests else None, level) for evidence in all_evidence]


def _part(evidence: Evidence, p_values: tuple[float, float] | None, level: float) -> PartStatus:
    p_for, p_against = p_values or (None, None)
    status = UNFIT if evidence.obstacles else _by_fact(evidence) if p_values is None else _by_tests(*p_values)
    return PartStatus(
        sentence=evidence.part.sentence,
        status=status,
        observations=tuple(map(_observation, evidence.measured)),
        difference=evidence.difference.value if evidence.difference else None,
        p_value=p_against if status == "does not hold" else p_for,
        note=" ".join(evidence.obstacles) or None,
        missing=_missing(evidence, level) if status == "undecided" else (),
    )


def _by_fact(evidence: Evidence) -> Status:
    if evidence.fact is None:
        return "undecided"
    return "holds" if evidence.fact else "does not hold"


def _by_tests(p_for: float, p_against: float) -> Status:
    if p_for < LEVEL:
        return "holds"
    return "does not hold" if p_against < LEVEL else "undecided"


def _observation(measured: Measured) -> ClaimObservation:
    values = measured.values
    observed = sample(values) if len(values) > 1 else None
    mean = observed.mean if observed else values[0] if values else None
    return ClaimObservation(net=measured.net.label, runs=len(values), mean=mean, std=observed.std if observed else None)


def _missing(evidence: Evidence, level: float) -> tuple[MissingRuns, ...]:
    """The runs a test needs at least; after that, the runs it takes with the observed difference and spread."""
    needed: int | None = 1 if len(evidence.measured) == 1 else FEWEST_SEEDS
    if evidence.difference and evidence.tests:
        widest = max(sample(measured.values).std for measured in evidence.measured)
        gap = abs(evidence.difference.value)
        needed = seeds_for_difference(gap, widest, level) if gap and widest else None
    lacking = ((own.net.label, None if needed is None else needed - len(own.values)) for own in evidence.measured)
    return tuple(MissingRuns(net=net, runs=runs) for net, runs in lacking if runs is None or runs > 0)


def _status(claim: Claim, parts: Sequence[PartStatus], departures: tuple[str, ...]) -> ClaimStatus:
    quote = published.sentence(claim.quote)
    return ClaimStatus(
        id=claim.id,
        section=quote.section,
        sentence=claim.sentence,
        quote=quote.text,
        status="not testable here" if claim.untestable else _all([part.status for part in parts]),
        reason=claim.untestable or _reason(parts),
        parts=tuple(parts),
        missing=_most(missing for part in parts for missing in part.missing),
        departures=departures,
        recipes=claim.recipes,
    )


def _all(statuses: Sequence[Status]) -> Status:
    """The first of these that a part has."""
    firsts: tuple[Status, ...] = ("does not hold", UNFIT, "undecided")
    return next((status for status in firsts if status in statuses), "holds")


def _reason(parts: Sequence[PartStatus]) -> str | None:
    """What the runs of any part depart in, each sentence once; None if all parts can be tested."""
    return " ".join(dict.fromkeys(part.note for part in parts if part.note)) or None


def _most(missing: Iterable[MissingRuns]) -> tuple[MissingRuns, ...]:
    """For each network, the most that any part needs."""
    most: dict[str, MissingRuns] = {}
    for need in missing:
        if need.net not in most or _count(need) > _count(most[need.net]):
            most[need.net] = need
    return tuple(most.values())


def _count(missing: MissingRuns) -> int:
    return MOST_SEEDS + 1 if missing.runs is None else missing.runs


def _departures(claim: Claim, results: Sequence[RunResult], scale: float) -> tuple[str, ...]:
    nets = {net for part in claim.parts for net in part.nets}
    specs = {run.spec.model_copy(update={"seed": 0}) for net in nets for run in of_net(results, net, scale)}
    findings = (finding for spec in specs for finding in spec_departures(spec) if finding.field not in claim.varies)
    return tuple(sorted({finding.sentence for finding in findings}))
