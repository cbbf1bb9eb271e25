"""The whole of what there is to say of a study, from its members alone: pure, so that anybody can say it again."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from paper.claims import CLAIMS, Claim, ClaimStatus, evaluate
from paper.findings import Finding
from paper.planner import SeedPlan, plan
from paper.recipes import RECIPES, Recipe
from paper.studies.cells import StudyCell, cells, error_value, measured
from paper.studies.depths import DepthComparison, depths
from paper.studies.ensembles import Ensemble, together
from paper.studies.member import Frozen, Network, Question, Trained, by_network
from paper.studies.statements import StatementResult, statement_results
from paper.verdicts import in_its_form, report


class NetworkJudgement(Frozen):
    """One network of the study, over its seeds. Errors are percent."""

    label: str
    runs: int
    ended: int = Field(description="Those that ended well; only they count.")
    test_error: str = Field(description="At the last iteration, in the paper's form: best (mean±std).")
    train_error: str = Field(description="Mean over the last tenth of the iterations, in the same form.")
    findings: tuple[Finding, ...]
    plan: SeedPlan


class Judgement(Frozen):
    networks: tuple[NetworkJudgement, ...]
    cells: tuple[StudyCell, ...]
    statements: tuple[StatementResult, ...]
    claims: tuple[ClaimStatus, ...]
    depths: tuple[DepthComparison, ...]


def judge(question: Question, members: Sequence[Trained], ensembles: Sequence[Ensemble] = ()) -> Judgement:
    """Members network by network. Raises KeyError where the paper has no such recipe."""
    return judged(question, by_network(members), ensembles)


def judged(question: Question, networks: list[Network], ensembles: Sequence[Ensemble] = ()) -> Judgement:
    recipe = RECIPES[question.recipe]
    return Judgement(
        networks=tuple(_network(network) for network in networks),
        cells=cells(networks, question.looks) + together(recipe, networks, ensembles, question.looks),
        statements=statement_results(networks),
        claims=claims(question, [member for network in networks for member in network.members]),
        depths=depths(networks),
    )


def claims(question: Question, members: Iterable[Trained]) -> tuple[ClaimStatus, ...]:
    """Those that the recipe tests, by the runs that have not ended badly. Raises KeyError as `judge` does."""
    results = [member.result for member in members if member.ended != "badly"]
    return tuple(evaluate(results, question.scale, _claims(RECIPES[question.recipe])))


def _claims(recipe: Recipe) -> list[Claim]:
    return [claim for claim in CLAIMS if recipe.name in claim.recipes]


def _network(network: Network) -> NetworkJudgement:
    value = error_value(network.tests)
    ours = measured(network, value) if value else network.errors
    return NetworkJudgement(
        label=network.label,
        runs=len(network.members),
        ended=len(network.ended_well),
        test_error=report(network.errors),
        train_error=in_its_form(network.train_errors),
        findings=network.findings,
        plan=plan(network.spec, len(network.members), ours, value),
    )
