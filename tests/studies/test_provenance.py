"""Exports, pages and certificates say which seeds came after a look, and which runs before the study."""

from typing import NamedTuple

from benchmarks.attrition import share
from paper.planner import LOOKS
from paper.power import LEVEL, MARGIN
from paper.studies import StudyQuestion
from studies.provenance import provenance


class Member(NamedTuple):
    label: str
    reused: bool = False


QUESTION = StudyQuestion(recipe="table-6", seeds=2, scale=1, dataset="cifar10")
PLANNED = [Member("ResNet-20 A"), Member("ResNet-20 A"), Member("ResNet-32 A"), Member("ResNet-32 A")]


def test_a_study_as_it_was_planned_needs_no_word() -> None:
    assert provenance(QUESTION, PLANNED) == []


def test_seeds_that_were_added_after_a_look_are_said_with_the_level() -> None:
    grown = [*PLANNED, Member("ResNet-32 A")]
    (planned,) = provenance(QUESTION.model_copy(update={"looks": 3, "budget": 9}), grown)
    assert planned == (
        "Seeds were added after looking at the results (2 per network at the start, up to 3 now), so each verdict "
        "has a level of 0.05 / 3."
    )
    (by_hand,) = provenance(QUESTION.model_copy(update={"looks": 3}), grown)
    assert by_hand.endswith(
        "The first verdict had the whole level of 0.05, later ones 0.05 / 3: together they err in up to 7 %."
    )


def test_seeds_added_by_hand_err_as_often_as_is_said() -> None:
    """benchmarks/attrition.py with fewer studies: more than the level of 5 %, and at most 7 %."""
    by_hand = share("reproduced", MARGIN, (0.35, 0.16), LEVEL, 1500)
    assert 5 < by_hand < 7.5
    assert share("reproduced", MARGIN, (0.35, 0.16), LEVEL / LOOKS, 1500) < 5


def test_a_budget_is_said_before_it_is_used() -> None:
    budget = QUESTION.model_copy(update={"looks": 3, "budget": 9})
    assert provenance(budget, PLANNED) == [
        "Seeds may be added after looking at the results, up to 9 per network, so each verdict has a level of 0.05 / 3."
    ]


def test_runs_from_before_the_study_are_counted() -> None:
    assert provenance(QUESTION, [*PLANNED[:3], Member("ResNet-32 A", reused=True)]) == [
        "1 of its 4 runs was trained before the study was created, when the results could already be known."
    ]
