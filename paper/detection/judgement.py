"""Owns what a study of detectors concludes: each number of the table that it tests beside ours, and the claims."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paper import published
from paper.claims import ClaimStatus
from paper.claims.status import ClaimObservation, PartStatus
from paper.detection.claims import CLAIMS, GapStatus, evaluate
from paper.detection.recipes import RECIPES, DetectionRecipe, DetectionTest, tests_of
from paper.detection.results import DetectionResult
from paper.detection.verdicts import verdict
from paper.findings import Finding
from paper.lint import detection as lint
from paper.statistics import sample
from paper.studies.attrition import Fate, MissingSeed, attrition, bounded_precision
from paper.studies.cells import StudyCell
from paper.studies.claim_seeds import ClaimAttrition, of_claim
from paper.studies.judgement import DeletedNetwork, Judgement
from paper.studies.member import DeletedMember, StudyQuestion
from paper.studies.setting import Setting
from trainer.detection.spec import DetectionSpec


@dataclass(frozen=True)
class DetectorMember:
    """A run of a study. `tests` are keys of the paper's values; `results` has one for each way of testing that ended.

    `fate` says why a result is missing, and `reason` why a run failed.
    """

    label: str
    seed: int
    spec: DetectionSpec
    tests: tuple[str, ...]
    results: tuple[DetectionResult, ...] = ()
    fate: Fate = "unfinished"
    reason: str | None = None

    def result(self, test: DetectionTest) -> DetectionResult | None:
        """What the run's weights gave when they were tested for this value; None before that."""
        return next((each for each in self.results if each.method == test.method(self.spec)), None)


def judge(
    question: StudyQuestion, members: Sequence[DetectorMember], deleted: Sequence[DeletedMember] = ()
) -> Judgement:
    """Everything there is to conclude about a study of detectors. What is only of errors is empty.

    Raises KeyError if the paper has no such recipe.
    """
    recipe = RECIPES[question.recipe]
    statuses = claims(recipe, members)
    gone = sorted({each.label for each in deleted} - {member.label for member in members})
    return Judgement(
        setting=Setting(dataset=question.dataset, scale=question.scale, departures=tuple(findings(members))),
        networks=(),
        deleted_networks=tuple(
            DeletedNetwork(label=label, attrition=attrition(0, _deleted(label, deleted))) for label in gone
        ),
        cells=tuple(cells(recipe, members, deleted)),
        statements=(),
        claims=tuple(statuses),
        claim_attrition=tuple(_claim_attrition(recipe, status, members, deleted) for status in statuses),
        depths=(),
    )


def cells(
    recipe: DetectionRecipe, members: Sequence[DetectorMember], deleted: Sequence[DeletedMember] = ()
) -> Iterator[StudyCell]:
    """Every printed number that a network of the study tests, with our mean and the verdict."""
    tests = {test.key: test for test in tests_of(recipe)}
    for label in dict.fromkeys(member.label for member in members):
        own = [member for member in members if member.label == label]
        gone = _deleted(label, deleted)
        yield from (_cell(label, tests[key], own, gone) for key in own[0].tests if key in tests)


def claims(recipe: DetectionRecipe, members: Sequence[DetectorMember]) -> list[ClaimStatus]:
    """The claims that the recipe's runs test."""
    results = [result for member in members for result in member.results]
    planned = [member.spec for member in members]
    return [_claim(status) for status in evaluate(results, planned) if status.recipe == recipe.name]


def findings(members: Sequence[DetectorMember]) -> list[Finding]:
    """Where the study's runs depart from the paper's, each once."""
    specs = {member.spec.model_copy(update={"seed": 0}) for member in members}
    every = {finding.sentence: finding for spec in specs for finding in lint.findings(spec)}
    return sorted((each for each in every.values() if each.forbids_comparison), key=lambda finding: finding.field)


def _cell(label: str, test: DetectionTest, own: Sequence[DetectorMember], gone: Sequence[MissingSeed]) -> StudyCell:
    results = [result for member in own if (result := member.result(test))]
    values = [result.value(test.measure) for result in results]
    printed, conclusion = published.named(test.key), verdict(test, results)
    return StudyCell(
        key=test.key,
        network=label,
        theirs=printed.printed,
        ours=report(values),
        runs=len(values),
        verdict=conclusion,
        attrition=bounded_precision(values, [*_missing(own, test), *gone], conclusion.outcome, printed.value),
    )


def report(values: Sequence[float]) -> str:
    """ "47.9", or of several runs the mean with its standard deviation: "47.5±0.4"; empty without a run."""
    if len(values) < 2:
        return f"{values[0]:.1f}" if values else ""
    ours = sample(values)
    return f"{ours.mean:.1f}±{ours.std:.1f}"


def _missing(own: Sequence[DetectorMember], test: DetectionTest) -> list[MissingSeed]:
    return [MissingSeed(seed=each.seed, fate=each.fate, reason=each.reason) for each in own if not each.result(test)]


def _deleted(label: str, deleted: Sequence[DeletedMember]) -> list[MissingSeed]:
    return [MissingSeed(seed=each.seed, fate="deleted") for each in deleted if each.label == label]


def _claim_attrition(
    recipe: DetectionRecipe, claim: ClaimStatus, members: Sequence[DetectorMember], deleted: Sequence[DeletedMember]
) -> ClaimAttrition:
    """The seeds of the two rows that a claim compares."""
    gap = next(own.gap for own in CLAIMS if own.id == claim.id)
    planned: dict[str, int] = {}
    missing: dict[str, list[MissingSeed]] = {}
    for row in (gap.higher, gap.lower):
        test = next(test for test in tests_of(recipe) if test.row == row.label)
        own = [member for member in members if test.key in member.tests]
        gone = [each for label in {member.label for member in own} for each in _deleted(label, deleted)]
        planned[row.label] = len(own) + len(gone)
        missing[row.label] = [*_missing(own, test), *gone]
    return of_claim(claim, planned, missing)


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
