"""What a study asks of its members' weights once they have trained, and what was found, for the judges."""

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
from paper.studies import Ensemble, Trained
from store import examinations
from store.db.errors import NotFound
from store.db.models import Artifact, Run, Study
from store.db.objects import Objects
from store.examinations import ExaminationRecord, ExaminationSpec
from store.runs.states import TERMINAL, Status
from studies import judging
from studies.judging import Found, Rows
from studies.stores import Stores

EXAMINING: Final = tuple(
    name for name, recipe in RECIPES.items() if recipe.kind in ("evaluate", "ensemble", "responses")
)


@dataclass(frozen=True)
class Standing:
    """One examination that a study asks for: whether there is one by now, and its report once it has succeeded."""

    asked: ExaminationSpec
    examined: ExaminationRecord | None
    report: Artifact | None

    @property
    def status(self) -> Status | None:
        return self.examined.row.status if self.examined else None


def wanted(recipe: Recipe, rows: Rows) -> list[ExaminationSpec]:
    """Of the members that have succeeded; an ensemble wants one run of every network."""
    groups = [group for group in _groups(recipe, rows) if all(run.status == Status.succeeded for run in group)]
    if recipe.kind == "responses":
        return [ExaminationSpec(kind="responses", runs=tuple(run.id for run in group)) for group in groups]
    views = VIEWS.get(recipe.protocol, "single")
    return [
        ExaminationSpec(kind="evaluate", runs=tuple(run.id for run in group), views=views, recompute_bn=False)
        for group in groups
    ]


def planned(recipe: Recipe, labels: Sequence[str]) -> int:
    """How many there will be of runs of these networks, if all succeed."""
    if recipe.name not in EXAMINING:
        return 0
    return min(map(labels.count, labels)) if recipe.kind == "ensemble" else len(labels)


def standings(session: Session, study: Study, rows: Rows) -> list[Standing]:
    """One an examination that is wanted, in order; none of a recipe that only trains."""
    if study.recipe not in EXAMINING:
        return []
    asked = wanted(RECIPES[study.recipe], rows)
    there = examinations.of_runs(session, [run_id for one in asked for run_id in one.runs])
    best = {_key(each.spec): each for each in _by_worth(there)}
    found = [(one, best.get(_key(one))) for one in asked]
    reports = examinations.reports(session, [each.row for _, each in found if each])
    return [Standing(one, each, reports.get(each.row.id) if each else None) for one, each in found]


def found(objects: Objects, standing: Sequence[Standing]) -> list[Found]:
    """What the judges are told of those that have succeeded. One whose report is gone tells nothing, nor does one that
    saw other images than its runs were trained on."""
    return [told for each in standing if (told := _found(objects, each)) is not None]


def elsewhere(objects: Objects, standing: Sequence[Standing]) -> set[UUID]:
    """The ids of those that saw other images: another machine's copy, or a folder that has changed."""
    read = ((each, _read(objects, each)) for each in standing)
    return {each.examined.row.id for each, report in read if each.examined and report and not report.is_same_data}


def applied(
    stores: Stores, rows: Rows, trained: Sequence[Trained], standing: Sequence[Standing]
) -> tuple[list[Trained], list[Ensemble]]:
    """The members with what was found of each, and what was found of several together."""
    return judging.examined([run.id for _, run in rows if run is not None], trained, found(stores.objects, standing))


def _groups(recipe: Recipe, rows: Rows) -> list[tuple[Run, ...]]:
    networks: dict[str, list[Run | None]] = {}
    for member, run in rows:
        networks.setdefault(member.label, []).append(run)
    if recipe.kind != "ensemble":
        return [(run,) for own in networks.values() for run in own if run is not None]
    together = zip(*networks.values(), strict=False)
    return [tuple(run for run in group if run is not None) for group in together if None not in group]


def _key(asked: ExaminationSpec) -> tuple[object, ...]:
    """The order of an ensemble is nothing to its mean."""
    return asked.kind, asked.views, asked.recompute_bn or False, frozenset(asked.runs)


def _by_worth(examined: Sequence[ExaminationRecord]) -> list[ExaminationRecord]:
    """The best of several that ask for the same comes last: done, else under way, else failed."""
    return sorted(examined, key=lambda each: (each.row.status == Status.succeeded, each.row.status not in TERMINAL))


def _found(objects: Objects, standing: Standing) -> Found | None:
    report = _read(objects, standing)
    if standing.examined is None or report is None or not report.is_same_data:
        return None
    asked, numbers = standing.asked, standing.examined.evaluation
    return Found(
        id=standing.examined.row.id,
        runs=asked.runs,
        views=asked.views,
        images=numbers and numbers.images,
        error=numbers and numbers.error,
        top5_error=numbers and numbers.top5_error,
        responses=tuple(layer.std for layer in report.layers) if asked.kind == "responses" else None,
    )


class _Layer(BaseModel):
    std: float


class _Report(BaseModel):
    """What is read of one here: a thousand are kept, without their confusion matrices."""

    is_same_data: bool = Field(alias="is_the_data_trained_on")
    layers: tuple[_Layer, ...] = ()


def _read(objects: Objects, standing: Standing) -> _Report | None:
    """None before there is one, and where its object is gone."""
    with suppress(NotFound):
        return _kept(objects, standing.report.key) if standing.report else None
    return None


@lru_cache(maxsize=1000)
def _kept(objects: Objects, key: str) -> _Report:
    """An object never changes. Raises NotFound."""
    return _Report.model_validate_json(b"".join(objects.read(key)))
