"""A study of detectors: which runs it trains, and what they say beside the paper's table (paper/detection/).

Tables 7 and 8 need no test after training: the mAP is the run's own, measured at its last iteration.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from paper.detection import recipes
from paper.detection.judgement import DetectorMember
from paper.detection.recipes import DetectionOptions, DetectionRecipe, DetectorChanges
from paper.detection.results import DetectionResult
from paper.studies.attrition import Fate
from store import datasets
from store.db.errors import Refused
from store.db.models import Evaluation, Run
from store.runs.states import Status
from store.runs.verbs import Submission
from store.studies import NewMember
from studies.judging import MemberRows
from studies.models import StudyCreate
from trainer.detection.spec import DetectionNetwork, DetectionSpec
from trainer.tasks import plan

# Table 9's rows are tested with box refinement and at several sides, each in an examination of its own.
RECIPES: Final[dict[str, DetectionRecipe]] = {name: recipes.RECIPES[name] for name in ("table-7", "table-8")}
FATES: Final[dict[Status, Fate]] = {Status.failed: "failed", Status.cancelled: "cancelled"}
Fields = dict[str, Any]  # Any: a spec's fields


def expand(session: Session, body: StudyCreate, owner: str) -> list[NewMember]:
    """Every run of the study.

    Raises Refused if its data set is unknown, and pydantic.ValidationError if a change isn't a field's value.
    """
    _check(body)
    options = DetectionOptions(
        seeds=body.seeds, scale=body.scale, dataset=body.dataset, changes=body.detection or DetectorChanges()
    )
    members = recipes.members(RECIPES[body.recipe], options)
    positions = {member.label: position for position, member in enumerate(members)}
    return [
        NewMember(
            label=member.label,
            seed=member.seed,
            position=positions[member.label],
            tests=[test.key for test in member.tests],
            submission=_submission(session, member.spec, member.label, owner, body),
        )
        for member in members
    ]


def more(session: Session, rows: MemberRows, seeds: int, owner: str) -> list[NewMember]:
    """The next seeds of each network, with the specification, queue and priority of an existing run."""
    new = []
    for label in dict.fromkeys(member.label for member, _ in rows):
        own = [(member, run) for member, run in rows if member.label == label]
        first, run = next((pair for pair in own if pair[1] is not None), own[0])
        if run is None:
            continue  # every run of this network was deleted, and its specification with them
        start = max(member.seed for member, _ in own) + 1
        for seed in range(start, start + seeds):
            spec = DetectionSpec.model_validate(run.spec | {"seed": seed})
            submission = Submission(
                spec=spec,
                plan=plan(spec, datasets.classes(session, spec)),
                owner=owner,
                name=label,
                priority=run.priority,
                queue=run.queue,
            )
            new.append(NewMember(label, seed, first.position, first.tests, submission))
    return new


def planned(members: Sequence[NewMember]) -> list[DetectorMember]:
    """The members before they are trained."""
    return [
        DetectorMember(member.label, member.seed, member.submission.spec, tuple(member.tests), None)
        for member in members
        if isinstance(member.submission.spec, DetectionSpec)
    ]


def members(session: Session, recipe: DetectionRecipe, rows: MemberRows) -> list[DetectorMember]:
    """Every member whose run still exists, with its mAP at the last iteration if the run has succeeded."""
    runs = [run for _, run in rows if run is not None]
    results = _results(session, recipe, runs)
    return [
        DetectorMember(
            label=member.label,
            seed=member.seed,
            spec=DetectionSpec.model_validate(run.spec),
            tests=tuple(member.tests),
            result=(result := results.get(str(run.id))),
            fate="not evaluated" if run.status == Status.succeeded else FATES.get(Status(run.status), "unfinished"),
            reason=run.reason if result is None and run.status == Status.failed else None,
        )
        for member, run in rows
        if run is not None
    ]


def _results(session: Session, recipe: DetectionRecipe, runs: Sequence[Run]) -> dict[str, DetectionResult]:
    ended = {run.id: run for run in runs if run.status == Status.succeeded}
    tested = select(Evaluation).where(Evaluation.run_id.in_(ended), Evaluation.split == "test")
    results = {}
    for row in session.scalars(tested):
        run = ended[row.run_id]
        if row.iteration != run.iterations or row.map is None or row.map_50 is None or row.map_50_95 is None:
            continue
        spec = DetectionSpec.model_validate(run.spec)
        results[str(run.id)] = DetectionResult(
            spec, row.map, row.map_50, row.map_50_95, stands_for=_stands_for(recipe, run)
        )
    return results


def _stands_for(recipe: DetectionRecipe, run: Run) -> DetectionNetwork | None:
    """The network of the paper in whose place a run's was trained, which its name says: "ResNet-18 for VGG-16"."""
    return next((own.network for own in recipe.detectors if run.name.endswith(f" for {own.label}")), None)


def _check(body: StudyCreate) -> None:
    """Raises Refused for what studies of detectors don't have."""
    if body.budget is not None:
        raise Refused(
            "budget", "A study of detectors has no budget: the spread of mAP over seeds isn't known. Add seeds."
        )
    if body.registration is not None:
        raise Refused("registration", "A study of detectors can't be registered.")
    for network in body.detection.instead if body.detection else {}:
        if network not in {own.network for own in RECIPES[body.recipe].detectors}:
            raise Refused("detection.instead", f"{body.recipe} doesn't train {network}, so nothing can take its place.")


def _submission(session: Session, spec: DetectionSpec, label: str, owner: str, body: StudyCreate) -> Submission:
    return Submission(
        spec=spec,
        plan=plan(spec, datasets.classes(session, spec)),
        owner=owner,
        name=label,
        priority=body.priority,
        queue=body.queue,
    )
