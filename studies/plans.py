"""The plan of a study before it is created: its runs, their cost, and what they can decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy.orm import Session

from paper import planner, recipes
from paper.claims import ClaimStatus
from paper.detection import judgement
from paper.detection.recipes import DetectionRecipe
from paper.findings import Finding
from paper.recipes import Member, Recipe, RecipeOptions, WrongData
from paper.results import RunResult
from paper.studies import MemberResult, planned_claims
from paper.studies.cells import StudyCell, count_cells, error_value
from store import datasets
from store.db.errors import NotFound, Refused
from store.runs import forecast, reuse, speed
from store.runs.reuse import TrainerCode
from store.runs.verbs import Submission
from store.studies import NewMember
from studies import detection
from studies.examinations import examination_count
from studies.models import PlannedMember, StudyCreate, StudyPlan
from trainer import identity
from trainer.plan import plan
from trainer.spec import RunSpec

AnyMember = TypeVar("AnyMember", Member, NewMember)


def expand(session: Session, body: StudyCreate, owner: str, readable: datasets.Readable = None) -> list[NewMember]:
    """Every run of the study. Raises NotFound, and Refused if the data set is unknown or does not fit.

    `readable` is which data sets the owner may see (`store.people.rights.readable`); None: all.
    """
    recipe = recipe_named(body.recipe)
    if isinstance(recipe, DetectionRecipe):
        return list(_select(detection.expand(session, body, owner, readable), body.networks))
    if body.detection is not None:
        raise Refused("detection", f"{recipe.name} trains classifiers. Leave detection out.")
    members = _select(recipe_members(recipe, options_of(body)), body.networks)
    firsts = {member.label: member.spec for member in reversed(members)}
    plans = {label: plan(spec, datasets.classes(session, spec, readable)) for label, spec in firsts.items()}
    positions = {member.label: position for position, member in enumerate(members)}
    return [
        NewMember(
            label=member.label,
            seed=member.seed,
            position=positions[member.label],
            tests=member.tests,
            submission=Submission(
                spec=member.spec,
                plan=plans[member.label],
                owner=owner,
                name=member.label,
                project=body.project,
                priority=body.priority,
                queue=body.queue,
            ),
        )
        for member in members
    ]


def _select(members: Sequence[AnyMember], networks: Sequence[str] | None) -> Sequence[AnyMember]:
    labels = list(dict.fromkeys(member.label for member in members))
    if unknown := [network for network in networks or () if network not in labels]:
        raise Refused("networks", f"This recipe has no network {unknown[0]}. Its networks are {', '.join(labels)}.")
    return [member for member in members if networks is None or member.label in networks]


def recipe_members(recipe: Recipe, options: RecipeOptions) -> tuple[Member, ...]:
    """Raises Refused if the data set does not fit."""
    try:
        return recipes.members(recipe, options)
    except WrongData as error:
        raise Refused("dataset", str(error)) from error


def with_reusable_runs(session: Session, members: Sequence[NewMember]) -> list[NewMember]:
    """The members with the project's finished runs that they could reuse, if any."""
    hashes = {(member.label, member.seed): member.submission.spec.hash() for member in members}
    project = members[0].submission.project if members else ""
    reusable = reuse.find(session, set(hashes.values()), _trainer_code(), project)
    return [replace(member, reuse=reusable.get(hashes[member.label, member.seed])) for member in members]


def _trainer_code() -> TrainerCode:
    """The code of this process's release. A library that is not installed here (the api's image has no torch) is not
    compared; the images of one release have the same versions, because constraints.txt pins them.
    """
    versions = identity.versions()
    known = {name: versions[name] for name in identity.DECIDING if versions[name] != identity.ABSENT}
    return TrainerCode(identity.source_digest(), known)


def study_plan(session: Session, body: StudyCreate, members: Sequence[NewMember], lease_s: float) -> StudyPlan:
    """The plan for `members`, which name the runs that they could reuse."""
    recipe, options = recipe_named(body.recipe), options_of(body)
    conclusions = _conclusions(recipe, options, members)
    durations_s = _durations_s(session, members)
    training = [member for member in members if not (body.reuse and member.reuse)]
    measured_s = [duration for member in training if (duration := durations_s[member.label]) is not None]
    is_measured = len(measured_s) == len(training)
    return StudyPlan(
        recipe=recipe.name,
        title=recipe.title,
        section=recipe.section,
        options=options,
        members=[
            PlannedMember(
                label=member.label,
                seed=member.seed,
                spec_hash=member.submission.spec.hash(),
                predicted_s=durations_s[member.label],
                reuse=member.reuse,
            )
            for member in members
        ],
        runs=len(training),
        reusable=sum(member.reuse is not None for member in members),
        examinations=conclusions.examinations,
        device_hours=sum(measured_s) / 3600 if is_measured else None,
        finishes_in_s=forecast.end_of(session, lease_s, [member.submission for member in training]),
        predicted_from="recent runs" if is_measured else "nothing has been trained here yet",
        seed_plans=conclusions.seed_plans,
        counts=conclusions.counts,
        claims=conclusions.claims,
        departures=conclusions.departures,
    )


@dataclass(frozen=True)
class _Conclusions:
    """What the members can conclude, before any is trained."""

    examinations: int
    seed_plans: list[planner.SeedPlan]
    counts: list[StudyCell]
    claims: list[ClaimStatus]
    departures: list[Finding]


def _conclusions(
    recipe: Recipe | DetectionRecipe, options: RecipeOptions, members: Sequence[NewMember]
) -> _Conclusions:
    if isinstance(recipe, DetectionRecipe):
        untrained = detection.planned(members)
        return _Conclusions(
            examinations=detection.examination_count(recipe, members),
            seed_plans=[],
            counts=[],
            claims=judgement.claims(recipe, untrained),
            departures=judgement.findings(untrained),
        )
    return _Conclusions(
        examinations=examination_count(recipe, [member.label for member in members]),
        seed_plans=_seed_plans(members, options.seeds),
        counts=list(count_cells(_untrained(members))),
        claims=list(planned_claims(recipe, options.scale, (_spec(member) for member in members))),
        departures=list(recipes.departures(recipe, options)),
    )


def _durations_s(session: Session, members: Sequence[NewMember]) -> dict[str, float | None]:
    """Seconds per run of each network; None until a similar run has been measured here."""
    firsts = {member.label: member.submission for member in members}
    return {label: _duration_s(session, first) for label, first in firsts.items()}


def _duration_s(session: Session, submission: Submission) -> float | None:
    spec = submission.spec
    measured = speed.expected(session, spec, submission.plan.multiply_adds, submission.queue)
    return spec.iterations * spec.batch_size / measured.images_per_s if measured else None


def _spec(member: NewMember) -> RunSpec:
    assert isinstance(member.submission.spec, RunSpec)  # noqa: S101 (what a recipe's members are)
    return member.submission.spec


def _untrained(members: Sequence[NewMember]) -> list[MemberResult]:
    """The first member of each network."""
    firsts = {member.label: member for member in reversed(members)}
    return [
        MemberResult(
            label=first.label,
            seed=first.seed,
            tests=tuple(first.tests),
            state="unfinished",
            result=RunResult(spec=_spec(first)),
            parameters=first.submission.plan.parameters,
            multiply_adds=first.submission.plan.multiply_adds,
            weighted_layers=first.submission.plan.weighted_layers,
        )
        for first in sorted(firsts.values(), key=lambda member: member.position)
    ]


def _seed_plans(members: Sequence[NewMember], seeds: int) -> list[planner.SeedPlan]:
    firsts = {member.label: member for member in members}
    return [planner.plan(_spec(first), seeds, theirs=error_value(first.tests)) for first in firsts.values()]


def options_of(body: StudyCreate) -> RecipeOptions:
    return RecipeOptions(seeds=body.seeds, scale=body.scale, dataset=body.dataset)


def recipe_named(name: str) -> Recipe | DetectionRecipe:
    """Raises NotFound."""
    if name in detection.RECIPES:
        return detection.RECIPES[name]
    return classifiers(name)


def classifiers(name: str) -> Recipe:
    """The recipe of an experiment with classifiers. Raises NotFound."""
    if name not in recipes.RECIPES:
        names = ", ".join([*recipes.RECIPES, *detection.RECIPES])
        raise NotFound(f"There is no recipe {name}. The recipes are {names}.")
    return recipes.RECIPES[name]
