"""Everything there is to conclude about a study, from its members alone, so that anyone can repeat it."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from paper.claims import CLAIMS, Claim, ClaimStatus, evaluate
from paper.findings import Finding
from paper.planner import SeedPlan, plan
from paper.recipes import RECIPES, Recipe
from paper.studies.cells import StudyCell, cells, error_value, measured
from paper.studies.depths import DepthComparison, depth_comparisons
from paper.studies.ensembles import Ensemble, ensemble_cells
from paper.studies.member import Frozen, MemberResult, StudyNetwork, StudyQuestion, by_network
from paper.studies.statements import StatementResult, statement_results
from paper.verdicts import in_its_form, report


class NetworkJudgement(Frozen):
    """One network of the study, over its seeds. Errors are percent."""

    label: str
    runs: int
    ended: int = Field(description="Runs that have succeeded; only these count.")
    test_error: str = Field(description="At the last iteration, in the paper's form: best (mean±std).")
    train_error: str = Field(description="Mean over the last tenth of the iterations, in the same form.")
    findings: tuple[Finding, ...]
    plan: SeedPlan


class Judgement(Frozen):
    """The conclusions of a study. A certificate holds it as JSON, so a changed key or sentence needs a new format."""

    networks: tuple[NetworkJudgement, ...]
    cells: tuple[StudyCell, ...]
    statements: tuple[StatementResult, ...]
    claims: tuple[ClaimStatus, ...]
    depths: tuple[DepthComparison, ...]


def judge(question: StudyQuestion, members: Sequence[MemberResult], ensembles: Sequence[Ensemble] = ()) -> Judgement:
    """Judges the members, network by network. Raises KeyError if the paper has no such recipe."""
    return judge_networks(question, by_network(members), ensembles)


def judge_networks(
    question: StudyQuestion, networks: list[StudyNetwork], ensembles: Sequence[Ensemble] = ()
) -> Judgement:
    """The same for members that are grouped by network already."""
    recipe = RECIPES[question.recipe]
    return Judgement(
        networks=tuple(_network(network) for network in networks),
        cells=cells(networks, question.looks) + ensemble_cells(recipe, networks, ensembles, question.looks),
        statements=statement_results(networks),
        claims=claim_statuses(question, [member for network in networks for member in network.members]),
        depths=depth_comparisons(networks),
    )


def claim_statuses(question: StudyQuestion, members: Iterable[MemberResult]) -> tuple[ClaimStatus, ...]:
    """The status of the claims that the recipe tests, without runs that failed. Raises KeyError as `judge` does."""
    results = [member.result for member in members if member.state != "failed"]
    return tuple(evaluate(results, question.scale, _claims(RECIPES[question.recipe])))


def _claims(recipe: Recipe) -> list[Claim]:
    return [claim for claim in CLAIMS if recipe.name in claim.recipes]


def _network(network: StudyNetwork) -> NetworkJudgement:
    value = error_value(network.tests)
    ours = measured(network, value) if value else network.errors
    return NetworkJudgement(
        label=network.label,
        runs=len(network.members),
        ended=len(network.succeeded),
        test_error=report(network.errors),
        train_error=in_its_form(network.train_errors),
        findings=network.findings,
        plan=plan(network.spec, len(network.members), ours, value),
    )
