"""Owns what a study of detectors concludes: each number of the table that it tests beside ours, and the claims."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paper import published
from paper.claims import ClaimStatus
from paper.claims.status import ClaimObservation, PartStatus
from paper.detection.claims import CLAIMS, GapStatus, evaluate
from paper.detection.recipes import DetectionRecipe, DetectionTest, tests_of
from paper.detection.results import DetectionResult
from paper.detection.verdicts import verdict
from paper.findings import Finding
from paper.lint import detection as lint
from paper.statistics import sample
from paper.studies.attrition import Attrition, Fate, MissingSeed, attrition
from paper.studies.cells import StudyCell
from trainer.detection.spec import DetectionSpec


@dataclass(frozen=True)
class DetectorMember:
    """A run of a study. `tests` are keys of the paper's values; `result` is None until the run has succeeded.

    `fate` says why there is no result, and `reason` why a run failed.
    """

    label: str
    seed: int
    spec: DetectionSpec
    tests: tuple[str, ...]
    result: DetectionResult | None
    fate: Fate = "unfinished"
    reason: str | None = None


def cells(recipe: DetectionRecipe, members: Sequence[DetectorMember]) -> Iterator[StudyCell]:
    """Every printed number that a network of the study tests, with our mean and the verdict."""
    tests = {test.key: test for test in tests_of(recipe)}
    for label in dict.fromkeys(member.label for member in members):
        own = [member for member in members if member.label == label]
        yield from (_cell(label, tests[key], own) for key in own[0].tests if key in tests)


def claims(recipe: DetectionRecipe, members: Sequence[DetectorMember]) -> list[ClaimStatus]:
    """The claims that the recipe's runs test."""
    results = [member.result for member in members if member.result]
    planned = [member.spec for member in members]
    return [_claim(status) for status in evaluate(results, planned) if status.recipe == recipe.name]


def findings(members: Sequence[DetectorMember]) -> list[Finding]:
    """Where the study's runs depart from the paper's, each once."""
    specs = {member.spec.model_copy(update={"seed": 0}) for member in members}
    every = {finding.sentence: finding for spec in specs for finding in lint.findings(spec)}
    return sorted((each for each in every.values() if each.forbids_comparison), key=lambda finding: finding.field)


def _cell(label: str, test: DetectionTest, own: Sequence[DetectorMember]) -> StudyCell:
    results = [member.result for member in own if member.result]
    values = [result.value(test.measure) for result in results]
    return StudyCell(
        key=test.key,
        network=label,
        theirs=published.named(test.key).printed,
        ours=report(values),
        runs=len(values),
        verdict=verdict(test, results),
        attrition=_attrition(own),
    )


def report(values: Sequence[float]) -> str:
    """ "47.9", or of several runs the mean with its standard deviation: "47.5±0.4"; empty without a run."""
    if len(values) < 2:
        return f"{values[0]:.1f}" if values else ""
    ours = sample(values)
    return f"{ours.mean:.1f}±{ours.std:.1f}"


def _attrition(own: Sequence[DetectorMember]) -> Attrition:
    missing = [MissingSeed(seed=each.seed, fate=each.fate, reason=each.reason) for each in own if each.result is None]
    return attrition(len(own) - len(missing), missing)


def _claim(status: GapStatus) -> ClaimStatus:
    gap = next(claim.gap for claim in CLAIMS if claim.id == status.id)
    observations = tuple(
        ClaimObservation(net=row.label, runs=runs, mean=mean, std=None)
        for row, runs, mean in zip((gap.higher, gap.lower), status.runs, status.means, strict=True)
    )
    part = PartStatus(
        sentence=f"{gap.higher.label} against {gap.lower.label}",
        status=status.status,
        observations=observations,
        difference=status.difference,
        p_value=status.p_value,
        note=status.reason,
        missing=(),
    )
    return ClaimStatus(
        id=status.id,
        section=status.section,
        sentence=status.sentence,
        quote=status.quote,
        status=status.status,
        reason=status.reason,
        parts=(part,),
        missing=(),
        departures=status.departures,
        recipes=(status.recipe,),
    )
