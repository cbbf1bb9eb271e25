"""A study of detectors: which runs it trains, and what they say beside the paper's table (paper/detection/).

The mAP of a plain test is the run's own, measured at its last iteration. Table 9 also tests the weights in the ways of
App. B, each in an examination once all runs have trained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol
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
from store.db.models import Evaluation
from store.examinations import ExaminationSpec
from store.runs.states import Status
from store.runs.verbs import Submission
from store.studies import NewMember
from studies.judging import ExaminationResult, MemberRows
from studies.models import StudyCreate
from trainer.detection.spec import DetectionNetwork, DetectionSpec
from trainer.detection.testing.method import Method
from trainer.tasks import plan

RECIPES: Final[dict[str, DetectionRecipe]] = recipes.RECIPES
PLAIN: Final = Method()
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
        DetectorMember(member.label, member.seed, member.submission.spec, tuple(member.tests))
        for member in members
        if isinstance(member.submission.spec, DetectionSpec)
    ]


def examination_specs(recipe: DetectionRecipe, rows: MemberRows) -> list[ExaminationSpec]:
    """The tests, besides the plain one, of the members that have succeeded."""
    return [
        ExaminationSpec(kind="detect", runs=(run.id,), **asdict(method))
        for member, run in rows
        if run is not None and run.status == Status.succeeded
        for method in _methods(recipe, member.tests, DetectionSpec.model_validate(run.spec))
    ]


def examination_count(recipe: DetectionRecipe, members: Sequence[NewMember]) -> int:
    """How many examinations there will be if these runs all succeed."""
    specs = [(member.tests, member.submission.spec) for member in members]
    return sum(len(_methods(recipe, tests, spec)) for tests, spec in specs if isinstance(spec, DetectionSpec))


def _methods(recipe: DetectionRecipe, keys: Sequence[str], spec: DetectionSpec) -> list[Method]:
    """The ways of testing that these values ask for, without the plain test, which the run makes itself."""
    methods = (test.method(spec) for test in recipes.tests_of(recipe) if test.key in keys)
    return [method for method in dict.fromkeys(methods) if method != Method()]


def members(
    recipe: DetectionRecipe,
    rows: MemberRows,
    tests: Mapping[UUID, Evaluation],
    examinations: Sequence[ExaminationResult] = (),
) -> list[DetectorMember]:
    """Every member whose run still exists, with its last test if the run has succeeded, and with its examinations."""
    return [
        member(recipe, row, run, tests.get(run.id), [each for each in examinations if each.runs == (run.id,)])
        for row, run in rows
        if run is not None
    ]


def last_tests(session: Session, rows: MemberRows) -> dict[UUID, Evaluation]:
    """Each run's evaluation at its last iteration."""
    last = {run.id: run.iterations for _, run in rows if run is not None}
    tests = session.scalars(select(Evaluation).where(Evaluation.run_id.in_(last), Evaluation.split == "test"))
    return {test.run_id: test for test in tests if test.iteration == last[test.run_id]}


class MemberRow(Protocol):
    """A member of a study: its row, or what a certificate says of it."""

    @property
    def label(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def tests(self) -> list[str]: ...


class RunRow(Protocol):
    """A member's run, likewise."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def spec(self) -> dict[str, Any]: ...  # Any: a spec's fields


class Precision(Protocol):
    """A test of weights; percent."""

    @property
    def map(self) -> float | None: ...
    @property
    def map_50(self) -> float | None: ...
    @property
    def map_50_95(self) -> float | None: ...


def member(
    recipe: DetectionRecipe,
    row: MemberRow,
    run: RunRow,
    test: Precision | None,
    examinations: Sequence[ExaminationResult],
) -> DetectorMember:
    """What is known of a member. `test` is the run's own at its last iteration."""
    spec = DetectionSpec.model_validate(run.spec)
    is_done = run.status == Status.succeeded
    fate = "not evaluated" if is_done else FATES.get(Status(run.status), "unfinished")
    stands_for = _stands_for(recipe, row.label)
    own = [_result(spec, test, stands_for)] if test and is_done else []
    others = [_result(spec, each, stands_for, each.method) for each in examinations] if is_done else []
    results = tuple(result for result in (*own, *others) if result)
    return DetectorMember(row.label, row.seed, spec, tuple(row.tests), results, fate, run.reason)


def _result(
    spec: DetectionSpec,
    test: Precision,
    stands_for: DetectionNetwork | None,
    method: Method = PLAIN,
) -> DetectionResult | None:
    if test.map is None or test.map_50 is None or test.map_50_95 is None:
        return None
    return DetectionResult(spec, test.map, test.map_50, test.map_50_95, method, stands_for)


def _stands_for(recipe: DetectionRecipe, label: str) -> DetectionNetwork | None:
    """The network of the paper in whose place a member's was trained: VGG-16 for "ResNet-18 for VGG-16"."""
    return next((own.network for own in recipe.detectors if label.endswith(f" for {own.label}")), None)


def _check(body: StudyCreate) -> None:
    """Raises Refused for what studies of detectors don't have."""
    if body.budget is not None:
        raise Refused(
            "budget", "A study of detectors has no budget: the spread of mAP over seeds isn't known. Add seeds."
        )
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
