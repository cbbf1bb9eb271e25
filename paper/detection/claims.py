"""Owns the paper's claims on detection: gaps between two rows of a table, tested under one protocol.

Runs on other data or by another protocol can't test them. Joint training is no obstacle to a gap between two runs that
both have it; it is listed among their departures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper import published
from paper.detection.recipes import RECIPES, Measure, Row
from paper.detection.results import DetectionResult, of_row
from paper.lint import detection as lint
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN
from paper.statistics import Difference, holm, sample, welch
from trainer.detection.spec import DetectionSpec

Status = Literal["holds", "does not hold", "undecided", "not testable by these runs"]
# Departures that both rows of a gap may share.
SHARED = frozenset({"detection-training", "detection-fast-batch"})


@dataclass(frozen=True)
class Gap:
    """The higher row's mAP is above the lower row's: by more than `more_than` points, or by `about` points ± MARGIN."""

    higher: Row
    lower: Row
    measure: Measure
    more_than: float | None = None
    about: float | None = None

    def tests(self, gap: Difference) -> tuple[float, float]:
        """The p values for and against."""
        if self.about is None:
            margin = self.more_than or 0.0
            return gap.p_above(margin), gap.p_below(margin)
        apart = Difference(gap.value - self.about, gap.error, gap.df)
        return apart.p_within(MARGIN), min(1.0, 2 * min(apart.p_below(-MARGIN), apart.p_above(MARGIN)))


@dataclass(frozen=True)
class DetectionClaim:
    """`quote` is the id of the paper's sentence."""

    id: str
    quote: str
    sentence: str
    recipe: str
    gap: Gap


class GapStatus(BaseModel):
    """A claim of the paper and its status according to these runs; mAP in percent."""

    model_config = ConfigDict(frozen=True)

    id: str
    section: str
    quote: str = Field(description="The paper's own words.")
    sentence: str
    recipe: str = Field(description="The recipe that trains the runs for it.")
    status: Status
    reason: str | None = Field(description="Why these runs cannot test the claim; null if they can.")
    runs: tuple[int, int] = Field(description="Of the higher row and of the lower one.")
    means: tuple[float | None, float | None]
    difference: float | None = Field(description="Higher minus lower, points.")
    relative: float | None = Field(description="The difference in percent of the lower row's mean.")
    p_value: float | None = Field(description="One-sided, Holm-corrected over all claims tested together.")
    departures: tuple[str, ...] = Field(description="Where the runs depart from the paper's protocol.")


def _row(table: str, label: str) -> Row:
    return {row.label: row for row in RECIPES[table].rows}[label]


VGG_VOC, RESNET_VOC = (_row("table-7", label) for label in ("VGG-16", "ResNet-101"))
VGG_COCO, RESNET_COCO = (_row("table-8", label) for label in ("VGG-16", "ResNet-101"))
BASELINE, REFINED, CONTEXT, MULTI_SCALE = (
    _row("table-9", label)
    for label in ("baseline Faster R-CNN (ResNet-101)", "+box refinement", "+context", "+multi-scale testing")
)

CLAIMS = (
    DetectionClaim(
        id="voc-gain",
        quote="detection-voc-gain",
        sentence=f"ResNet-101 gains more than {published.number('voc-gain'):g} points of mAP over VGG-16 on VOC.",
        recipe="table-7",
        gap=Gap(RESNET_VOC, VGG_VOC, "map", more_than=published.number("voc-gain")),
    ),
    DetectionClaim(
        id="coco-gain",
        quote="detection-coco-gain",
        sentence=f"ResNet-101 gains {published.number('coco-gain'):g} points of mAP@[.5,.95] over VGG-16 on COCO "
        f"({published.number('coco-relative-gain'):g} % in the paper).",
        recipe="table-8",
        gap=Gap(RESNET_COCO, VGG_COCO, "map_50_95", about=published.number("coco-gain")),
    ),
    DetectionClaim(
        id="refinement-gain",
        quote="detection-refinement-gain",
        sentence="Box refinement raises mAP on COCO.",
        recipe="table-9",
        gap=Gap(REFINED, BASELINE, "map_50_95"),
    ),
    DetectionClaim(
        id="context-gain",
        quote="detection-context-gain",
        sentence="Global context raises mAP@.5 on COCO.",
        recipe="table-9",
        gap=Gap(CONTEXT, REFINED, "map_50"),
    ),
    DetectionClaim(
        id="multi-scale-gain",
        quote="detection-multi-scale-gain",
        sentence=f"Multi-scale testing gains more than {published.number('multi-scale-gain'):g} points of mAP on COCO.",
        recipe="table-9",
        gap=Gap(MULTI_SCALE, CONTEXT, "map_50_95", more_than=published.number("multi-scale-gain")),
    ),
)


@dataclass(frozen=True)
class _Weighed:
    """A claim with the runs of both rows: their difference if there are enough, and why it can't count."""

    claim: DetectionClaim
    higher: tuple[float, ...]
    lower: tuple[float, ...]
    departures: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def difference(self) -> Difference | None:
        if min(len(self.higher), len(self.lower)) < FEWEST_SEEDS:
            return None
        return welch(sample(self.higher), sample(self.lower))

    @property
    def tests(self) -> tuple[float, float] | None:
        return self.claim.gap.tests(self.difference) if self.difference and not self.obstacles else None


def evaluate(results: Sequence[DetectionResult], planned: Sequence[DetectionSpec] = ()) -> list[GapStatus]:
    """The status of each claim according to these runs. Without runs, all are undecided.

    `planned` are runs of a study that may have no result yet: where they depart, they can't test a claim.
    """
    weighed = [_weigh(claim, results, planned) for claim in CLAIMS]
    tests = [each.tests for each in weighed if each.tests]
    corrected = iter(zip(holm([test[0] for test in tests]), holm([test[1] for test in tests]), strict=True))
    return [_status(each, next(corrected) if each.tests else None) for each in weighed]


def _weigh(claim: DetectionClaim, results: Sequence[DetectionResult], planned: Sequence[DetectionSpec]) -> _Weighed:
    higher, lower = (of_row(results, row) for row in (claim.gap.higher, claim.gap.lower))
    every = (*(run.spec for run in (*higher, *lower)), *planned)
    specs = {spec.model_copy(update={"seed": 0}) for spec in every}
    findings = {finding for spec in specs for finding in lint.findings(spec) if finding.forbids_comparison}
    return _Weighed(
        claim,
        tuple(run.value(claim.gap.measure) for run in higher),
        tuple(run.value(claim.gap.measure) for run in lower),
        tuple(sorted({finding.sentence for finding in findings})),
        tuple(sorted({finding.sentence for finding in findings if finding.rule not in SHARED} | _mixture(specs))),
    )


def _mixture(specs: set[DetectionSpec]) -> set[str]:
    """Why runs that are trained in different ways are no gap."""
    if len({spec.training for spec in specs}) < 2:
        return set()
    return {"Some of the runs are trained jointly, and others in four steps."}


def _status(weighed: _Weighed, p_values: tuple[float, float] | None) -> GapStatus:
    claim, gap = weighed.claim, weighed.difference
    higher, lower = _mean(weighed.higher), _mean(weighed.lower)
    status = "not testable by these runs" if weighed.obstacles else _by(p_values)
    quote = published.sentence(claim.quote)
    return GapStatus(
        id=claim.id,
        section=quote.section,
        quote=quote.text,
        sentence=claim.sentence,
        recipe=claim.recipe,
        status=status,
        reason=" ".join(weighed.obstacles) or None,
        runs=(len(weighed.higher), len(weighed.lower)),
        means=(higher, lower),
        difference=gap.value if gap else None,
        relative=100 * gap.value / lower if gap and lower else None,
        p_value=None if p_values is None else p_values[1 if status == "does not hold" else 0],
        departures=weighed.departures,
    )


def _by(p_values: tuple[float, float] | None) -> Status:
    if p_values is None:
        return "undecided"
    if p_values[0] < LEVEL:
        return "holds"
    return "does not hold" if p_values[1] < LEVEL else "undecided"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
