"""A study of detectors: which runs it trains, and what they say beside the paper's table (paper/detection/).

Tables 7 and 8 need no test after training: the mAP is the run's own, measured at its last iteration.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from paper.detection import recipes
from paper.detection.judgement import DetectorMember
from paper.detection.recipes import DetectionOptions, DetectionRecipe, DetectorChanges
from paper.detection.results import DetectionResult
from paper.studies.attrition import Fate
from store import datasets
from store.db.errors import Refused
from store.db.models import Evaluation, Run, StudyMember
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


def expand(session: Session, body: StudyCreate, owner: str, readable: datasets.Readable = None) -> list[NewMember]:
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
            submission=_submission(session, member.spec, member.label, owner, body, readable),
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
                project=run.project,
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
    present = [(member, run) for member, run in rows if run is not None]
    tests = _last_tests(session, [run for _, run in present])
    return [_member(recipe, member, run, tests.get(run.id)) for member, run in present]


def _member(recipe: DetectionRecipe, row: StudyMember, run: Run, test: Evaluation | None) -> DetectorMember:
    spec = DetectionSpec.model_validate(run.spec)
    fate = "not evaluated" if run.status == Status.succeeded else FATES.get(Status(run.status), "unfinished")
    result = _result(spec, test, _stands_for(recipe, row.label)) if test and run.status == Status.succeeded else None
    return DetectorMember(row.label, row.seed, spec, tuple(row.tests), result, fate, run.reason)


def _last_tests(session: Session, runs: Sequence[Run]) -> dict[UUID, Evaluation]:
    """Each run's evaluation at its last iteration."""
    last = {run.id: run.iterations for run in runs}
    rows = session.scalars(select(Evaluation).where(Evaluation.run_id.in_(last), Evaluation.split == "test"))
    return {row.run_id: row for row in rows if row.iteration == last[row.run_id]}


def _result(spec: DetectionSpec, test: Evaluation, stands_for: DetectionNetwork | None) -> DetectionResult | None:
    if test.map is None or test.map_50 is None or test.map_50_95 is None:
        return None
    return DetectionResult(spec, test.map, test.map_50, test.map_50_95, stands_for=stands_for)


def _stands_for(recipe: DetectionRecipe, label: str) -> DetectionNetwork | None:
    """The network of the paper in whose place a member's was trained: VGG-16 for "ResNet-18 for VGG-16"."""
    return next((own.network for own in recipe.detectors if label.endswith(f" for {own.label}")), None)


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


def _submission(
    session: Session, spec: DetectionSpec, label: str, owner: str, body: StudyCreate, readable: datasets.Readable
) -> Submission:
    return Submission(
        spec=spec,
        plan=plan(spec, datasets.classes(session, spec, readable)),
        owner=owner,
        name=label,
        project=body.project,
        priority=body.priority,
        queue=body.queue,
    )
