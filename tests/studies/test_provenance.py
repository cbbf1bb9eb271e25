"""Exports, pages and certificates say which seeds came after a look, and which runs before the study."""

from typing import NamedTuple

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
    grown = QUESTION.model_copy(update={"looks": 3})
    (sentence,) = provenance(grown, [*PLANNED, Member("ResNet-32 A")])
    assert sentence == (
        "Seeds were added after looking at the results (2 per network at the start, up to 3 now), so each verdict "
        "has a level of 0.05 / 3."
    )


def test_a_budget_is_said_before_it_is_used() -> None:
    budget = QUESTION.model_copy(update={"looks": 3, "budget": 9})
    assert provenance(budget, PLANNED) == [
        "Seeds may be added after looking at the results, up to 9 per network, so each verdict has a level of 0.05 / 3."
    ]


def test_runs_from_before_the_study_are_counted() -> None:
    assert provenance(QUESTION, [*PLANNED[:3], Member("ResNet-32 A", reused=True)]) == [
        "1 of its 4 runs was trained before the study was created, when the results could already be known."
    ]
