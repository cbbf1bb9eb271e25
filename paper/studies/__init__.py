"""A study judged: its runs beside the numbers, the claims and the curves of the paper that its recipe tests."""

from paper.studies.cells import StudyCell
from paper.studies.ensembles import Ensemble
from paper.studies.judged import Judgement, claims, judge
from paper.studies.member import Network, Question, Trained, by_network
from paper.studies.seeds import Addition, additions

__all__ = [
    "Addition",
    "Ensemble",
    "Judgement",
    "Network",
    "Question",
    "StudyCell",
    "Trained",
    "additions",
    "by_network",
    "claims",
    "judge",
]  # fmt: skip
