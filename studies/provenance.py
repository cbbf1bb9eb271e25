"""What a study's verdicts must be read with: seeds that were added after a look, and runs from before the study."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from paper.power import LEVEL
from paper.studies import StudyQuestion
from studies import detection


class MemberRow(Protocol):
    """A member of a study: its row, or what a certificate says of it."""

    @property
    def label(self) -> str: ...
    @property
    def reused(self) -> bool: ...


def provenance(question: StudyQuestion, members: Sequence[MemberRow]) -> list[str]:
    """Sentences; none for a study whose runs were all planned at its start and trained for it."""
    return [*_looks(question, members), *_reused(members)]


def _looks(question: StudyQuestion, members: Sequence[MemberRow]) -> Iterator[str]:
    most = max(Counter(member.label for member in members).values(), default=0)
    if most > question.seeds:
        planned = f"{question.seeds} per network at the start, up to {most} now"
        yield f"Seeds were added after looking at the results ({planned}){_level(question)}"
    elif question.budget is not None:
        yield f"Seeds may be added after looking at the results, up to {question.budget} per network{_level(question)}"


def _level(question: StudyQuestion) -> str:
    """The level of each verdict, as the end of a sentence. A detector's verdict has no part in it."""
    if question.recipe in detection.RECIPES:
        return "."
    shared = f"{LEVEL} / {question.looks}"
    if question.budget is not None:
        return f", so each verdict has a level of {shared}."
    # docs/experiments.md, "Seeds added after a look".
    return f". The first verdict had the whole level of {LEVEL}, later ones {shared}: together they err in up to 7 %."


def _reused(members: Sequence[MemberRow]) -> Iterator[str]:
    count = sum(member.reused for member in members)
    if count:
        runs = f"{count} of its {len(members)} runs {'was' if count == 1 else 'were'}"
        yield f"{runs} trained before the study was created, when the results could already be known."
