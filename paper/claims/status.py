"""How the claims stand: every one-sided test at once, Holm-corrected, and what is still missing."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import lint, published
from paper.claims.claim import Claim
from paper.claims.evidence import Evidence, weigh
from paper.claims.listed import CLAIMS
from paper.claims.runs import FREE, Measured, of_net
from paper.findings import Finding
from paper.power import FEWEST_SEEDS, LEVEL, MOST_SEEDS, seeds_for_difference
from paper.results import RunResult
from paper.statistics import holm, sample
from trainer.spec import RunSpec

Status = Literal["holds", "does not hold", "undecided", "not testable here"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ClaimObservation(Frozen):
    """A network's runs in one comparison: how many, their mean and deviation."""

    net: str
    runs: int
    mean: float | None
    std: float | None


class MissingRuns(Frozen):
    """What would decide: so many more runs of a network; null where more than a hundred would be needed."""

    net: str
    runs: int | None


class PartStatus(Frozen):
    """One comparison. `p_value` is one-sided and Holm-corrected over every test that was made together with it."""

    sentence: str
    status: Status
    observations: tuple[ClaimObservation, ...]
    difference: float | None = Field(description="Of the two networks, in the order named.")
    p_value: float | None
    note: str | None = Field(description="Why it is undecided although there are runs.")
    missing: tuple[MissingRuns, ...]


class ClaimStatus(Frozen):
    """A claim of the paper and how it stands by our runs."""

    id: str
    section: str
    sentence: str
    quote: str = Field(description="The paper's own words.")
    status: Status
    reason: str | None = Field(description="Why it is not testable here.")
    parts: tuple[PartStatus, ...]
    missing: tuple[MissingRuns, ...]
    departures: tuple[str, ...] = Field(description="Where the runs that were looked at leave the paper's protocol.")
    recipes: tuple[str, ...] = Field(description="What trains the runs that test it.")


def evaluate(results: Sequence[RunResult], scale: float = 1.0, claims: Sequence[Claim] = CLAIMS) -> list[ClaimStatus]:
    """Each claim by these runs; without any, what each of them needs.

    `scale` is the share of the paper's schedule that the runs were given. Raises ValueError where the runs differ in
    more than claims are about: take them apart by `by_setting` first.
    """
    _check(results)
    parts = iter(_judged([weigh(part, results, scale) for claim in claims for part in claim.parts]))
    return [_status(claim, [next(parts) for _ in claim.parts], _departures(claim, results, scale)) for claim in claims]


def _check(results: Sequence[RunResult]) -> None:
    fixed = (field for field in RunSpec.model_fields if field not in FREE)
    differ = [field for field in fixed if len({repr(getattr(result.spec, field)) for result in results}) > 1]
    if differ:
        raise ValueError(f"expected runs that differ in what claims are about, these differ in {', '.join(differ)} too")


def _judged(evidence: Sequence[Evidence]) -> list[PartStatus]:
    """Each test counts, also where two claims make the same one."""
    tests = [each.tests for each in evidence if each.tests]
    corrected = zip(holm([test[0] for test in tests]), holm([test[1] for test in tests]), strict=True)
    level = LEVEL / max(1, len(tests))
    return [_part(each, next(corrected) if each.tests else None, level) for each in evidence]


def _part(each: Evidence, p_values: tuple[float, float] | None, level: float) -> PartStatus:
    for_, against = p_values or (None, None)
    status = _by_fact(each) if p_values is None else _by_tests(*p_values)
    return PartStatus(
        sentence=each.part.sentence,
        status=status,
        observations=tuple(map(_observation, each.measured)),
        difference=each.difference.value if each.difference else None,
        p_value=against if status == "does not hold" else for_,
        note=_note(each),
        missing=_missing(each, level) if status == "undecided" else (),
    )


def _note(each: Evidence) -> str | None:
    if each.too_short is None:
        return None
    return f"before iteration {each.too_short} a gap between depths is not told from a slow start"


def _by_fact(each: Evidence) -> Status:
    if each.fact is None:
        return "undecided"
    return "holds" if each.fact else "does not hold"


def _by_tests(for_: float, against: float) -> Status:
    if for_ < LEVEL:
        return "holds"
    return "does not hold" if against < LEVEL else "undecided"


def _observation(measured: Measured) -> ClaimObservation:
    values = measured.values
    found = sample(values) if len(values) > 1 else None
    mean = found.mean if found else values[0] if values else None
    return ClaimObservation(net=measured.net.label, runs=len(values), mean=mean, std=found.std if found else None)


def _missing(each: Evidence, level: float) -> tuple[MissingRuns, ...]:
    """Up to as many as a test needs; then, by the difference and the spread seen, as many as it takes."""
    needed: int | None = 1 if len(each.measured) == 1 else FEWEST_SEEDS
    if each.difference and each.tests:
        widest = max(sample(seen.values).std for seen in each.measured)
        gap = abs(each.difference.value)
        needed = seeds_for_difference(gap, widest, level) if gap and widest else None
    lacking = ((seen.net.label, _lacking(needed, each, len(seen.values))) for seen in each.measured)
    return tuple(MissingRuns(net=net, runs=runs) for net, runs in lacking if runs is None or runs > 0)


def _lacking(needed: int | None, each: Evidence, runs: int) -> int | None:
    """Runs that are too short do not count."""
    return needed if needed is None or each.too_short else needed - runs


def _status(claim: Claim, parts: Sequence[PartStatus], departures: tuple[str, ...]) -> ClaimStatus:
    quote = published.sentence(claim.quote)
    return ClaimStatus(
        id=claim.id,
        section=quote.section,
        sentence=claim.sentence,
        quote=quote.text,
        status="not testable here" if claim.untestable else _all([part.status for part in parts]),
        reason=claim.untestable,
        parts=tuple(parts),
        missing=_most(missing for part in parts for missing in part.missing),
        departures=departures,
        recipes=claim.recipes,
    )


def _all(statuses: Sequence[Status]) -> Status:
    if "does not hold" in statuses:
        return "does not hold"
    return "undecided" if "undecided" in statuses else "holds"


def _most(missing: Iterable[MissingRuns]) -> tuple[MissingRuns, ...]:
    """Of each network what the neediest part asks for."""
    most: dict[str, MissingRuns] = {}
    for each in missing:
        known = most.get(each.net)
        if known is None or _many(each) > _many(known):
            most[each.net] = each
    return tuple(most.values())


def _many(missing: MissingRuns) -> int:
    return MOST_SEEDS + 1 if missing.runs is None else missing.runs


def _departures(claim: Claim, results: Sequence[RunResult], scale: float) -> tuple[str, ...]:
    nets = {net for part in claim.parts for net in part.nets}
    specs = {run.spec.model_copy(update={"seed": 0}) for net in nets for run in of_net(results, net, scale)}
    found = (finding for spec in specs for finding in _spec_departures(spec) if finding.field not in claim.varies)
    return tuple(sorted({f"{finding.field}: {finding.message}" for finding in found}))


@lru_cache(maxsize=1024)
def _spec_departures(spec: RunSpec) -> tuple[Finding, ...]:
    """Many claims look at the same few specifications."""
    return tuple(lint.departures(spec))
