"""Which examinations a study's recipe needs once its members have trained, how far they are, and their results."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from paper.protocols import VIEWS
from paper.recipes import RECIPES, Recipe
from paper.studies import Ensemble, MemberResult
from store import examinations
from store.db.errors import NotFound
from store.db.models import Artifact, Run, Study
from store.db.objects import Objects
from store.examinations import ExaminationRecord, ExaminationSpec
from store.runs.states import TERMINAL, Status
from studies import detection, judging
from studies.judging import ExaminationResult, MemberRows
from studies.stores import Stores

EXAMINING: Final = (
    *(name for name, recipe in RECIPES.items() if recipe.kind in ("evaluate", "ensemble", "responses")),
    *(name for name, recipe in detection.RECIPES.items() if any(row.method != detection.PLAIN for row in recipe.rows)),
)


@dataclass(frozen=True)
class NeededExamination:
    """An examination that a study needs, its record once it has been requested, and its report once it succeeded."""

    spec: ExaminationSpec
    record: ExaminationRecord | None
    report: Artifact | None

    @property
    def status(self) -> Status | None:
        return self.record.row.status if self.record else None


def examination_specs(recipe_name: str, rows: MemberRows) -> list[ExaminationSpec]:
    """The examinations of the members that have succeeded. An ensemble takes one run of every network."""
    if recipe_name in detection.RECIPES:
        return detection.examination_specs(detection.RECIPES[recipe_name], rows)
    recipe = RECIPES[recipe_name]
    groups = [group for group in _groups(recipe, rows) if all(run.status == Status.succeeded for run in group)]
    if recipe.kind == "responses":
        return [ExaminationSpec(kind="responses", runs=tuple(run.id for run in group)) for group in groups]
    views = VIEWS.get(recipe.protocol, "single")
    return [
        ExaminationSpec(kind="evaluate", runs=tuple(run.id for run in group), views=views, recompute_bn=False)
        for group in groups
    ]


def examination_count(recipe: Recipe, labels: Sequence[str]) -> int:
    """How many examinations there will be if runs with these labels all succeed."""
    if recipe.name not in EXAMINING:
        return 0
    return min(map(labels.count, labels)) if recipe.kind == "ensemble" else len(labels)


def needed_examinations(session: Session, study: Study, rows: MemberRows) -> list[NeededExamination]:
    """In order; empty for a recipe that only trains."""
    if study.recipe not in EXAMINING:
        return []
    specs = examination_specs(study.recipe, rows)
    records = examinations.of_runs(session, [run_id for spec in specs for run_id in spec.runs])
    best = {_key(record.spec): record for record in _best_last(records)}
    pairs = [(spec, best.get(_key(spec))) for spec in specs]
    reports = examinations.reports(session, [record.row for _, record in pairs if record])
    return [NeededExamination(spec, record, reports.get(record.row.id) if record else None) for spec, record in pairs]


def examination_results(objects: Objects, needed: Sequence[NeededExamination]) -> list[ExaminationResult]:
    """The results to judge by. Without: a missing report, and one on images other than its runs were trained on."""
    return [result for examination in needed if (result := _result(objects, examination)) is not None]


def on_other_data(objects: Objects, needed: Sequence[NeededExamination]) -> set[UUID]:
    """The ids of examinations that used other images: another machine's copy, or a folder that has changed."""
    reports = ((examination.record, _read(objects, examination)) for examination in needed)
    return {record.row.id for record, report in reports if record and report and not report.is_same_data}


def with_examinations(
    stores: Stores, rows: MemberRows, members: Sequence[MemberResult], needed: Sequence[NeededExamination]
) -> tuple[list[MemberResult], list[Ensemble]]:
    """The members with their examinations' results, and the results of ensembles."""
    run_ids = [run.id for _, run in rows if run is not None]
    return judging.with_examinations(run_ids, members, examination_results(stores.objects, needed))


def _groups(recipe: Recipe, rows: MemberRows) -> list[tuple[Run, ...]]:
    networks: dict[str, list[Run | None]] = {}
    for member, run in rows:
        networks.setdefault(member.label, []).append(run)
    if recipe.kind != "ensemble":
        return [(run,) for own in networks.values() for run in own if run is not None]
    ensembles = zip(*networks.values(), strict=False)
    return [tuple(run for run in group if run is not None) for group in ensembles if None not in group]


def _key(spec: ExaminationSpec) -> tuple[object, ...]:
    """Equal for equal examinations: the order of an ensemble does not matter."""
    method = (spec.refine or False, spec.vote or False, spec.sides or ())
    return spec.kind, spec.views, spec.recompute_bn or False, method, frozenset(spec.runs)


def _best_last(records: Sequence[ExaminationRecord]) -> list[ExaminationRecord]:
    """Failed ones first, then those in progress, then those that succeeded."""
    return sorted(
        records, key=lambda record: (record.row.status == Status.succeeded, record.row.status not in TERMINAL)
    )


def _result(objects: Objects, examination: NeededExamination) -> ExaminationResult | None:
    report = _read(objects, examination)
    if examination.record is None or report is None or not report.is_same_data:
        return None
    spec, evaluation = examination.spec, examination.record.evaluation
    return ExaminationResult(
        id=examination.record.row.id,
        runs=spec.runs,
        views=spec.views,
        images=evaluation and evaluation.images,
        error=evaluation and evaluation.error,
        top5_error=evaluation and evaluation.top5_error,
        responses=tuple(layer.std for layer in report.layers) if spec.kind == "responses" else None,
        refine=spec.refine,
        vote=spec.vote,
        sides=spec.sides,
        map=evaluation and evaluation.map,
        map_50=evaluation and evaluation.map_50,
        map_50_95=evaluation and evaluation.map_50_95,
    )


class _Layer(BaseModel):
    std: float


class _Report(BaseModel):
    """The part of a report that is used here. A thousand are cached, so confusion matrices are left out."""

    is_same_data: bool | None = Field(alias="is_the_data_trained_on")
    layers: tuple[_Layer, ...] = ()


def _read(objects: Objects, examination: NeededExamination) -> _Report | None:
    """None if there is no report yet, or if its object is gone."""
    with suppress(NotFound):
        return _cached(objects, examination.report.key) if examination.report else None
    return None


@lru_cache(maxsize=1000)
def _cached(objects: Objects, key: str) -> _Report:
    """An object never changes. Raises NotFound."""
    return _Report.model_validate_json(b"".join(objects.read(key)))
