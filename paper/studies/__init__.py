"""The judgement of a study: its runs compared with the paper's numbers, claims and curves that its recipe tests."""

from paper.studies.cells import StudyCell
from paper.studies.ensembles import Ensemble
from paper.studies.judgement import Judgement, claim_standings, judge, planned_claims
from paper.studies.member import DeletedMember, MemberResult, StudyNetwork, StudyQuestion, by_network
from paper.studies.seeds import Addition, additions

__all__ = [
    "Addition", "DeletedMember", "Ensemble", "Judgement", "MemberResult", "StudyCell", "StudyNetwork", "StudyQuestion",
    "additions", "by_network", "claim_standings", "judge", "planned_claims",
]  # fmt: skip
