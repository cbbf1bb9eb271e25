"""Everything there is to conclude about a study, from its members alone, so that anyone can repeat it."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from paper.claims import CLAIMS, Claim, ClaimStatus, evaluate
from paper.findings import Finding
from paper.planner import SeedPlan, plan
from paper.recipes import RECIPES, Recipe
from paper.results import RunResult
from paper.studies.attrition import Attrition, MissingSeed, attrition
from paper.studies.cells import StudyCell, cells, error_value, measured
from paper.studies.claim_seeds import ClaimAttrition, claim_attrition
from paper.studies.depths import DepthComparison, depth_comparisons
from paper.studies.ensembles import Ensemble, ensemble_cells
from paper.studies.member import DeletedMember, Frozen, MemberResult, StudyNetwork, StudyQuestion, by_network
from paper.studies.setting import Setting, setting
from paper.studies.statements import StatementResult, statement_results
from paper.verdicts import in_its_form, report
from trainer.spec import RunSpec


class NetworkJudgement(Frozen):
    """One network of the study, over its seeds. Errors are percent."""

    label: str
    runs: int
    ended: int = Field(description="Runs that have succeeded; only these count.")
    attrition: Attrition = Field(description="How many of its seeds count, and what became of the others.")
    test_error: str = Field(description="At the last iteration, in the paper's form: best (mean±std).")
    train_error: str = Field(description="Mean over the last tenth of the iterations, in the same form.")
    findings: tuple[Finding, ...]
    plan: SeedPlan


class DeletedNetwork(Frozen):
    """A network of which every run was deleted."""

    label: str
    attrition: Attrition


class Judgement(Frozen):
    """The conclusions of a study. A certificate holds it as JSON, so a changed key or sentence needs a new format."""

    setting: Setting
    networks: tuple[NetworkJudgement, ...]
    deleted_networks: tuple[DeletedNetwork, ...]
    cells: tuple[StudyCell, ...]
    statements: tuple[StatementResult, ...]
    claims: tuple[ClaimStatus, ...]
    claim_attrition: tuple[ClaimAttrition, ...] = Field(description="For each claim, the seeds that it rests on.")
    depths: tuple[DepthComparison, ...]


def judge(
    question: StudyQuestion,
    members: Sequence[MemberResult],
    ensembles: Sequence[Ensemble] = (),
    deleted: Sequence[DeletedMember] = (),
) -> Judgement:
    """Judges the members, network by network. `deleted` are the members whose runs were deleted.

    Raises KeyError if the paper has no such recipe, WrongData if the recipe cannot be run on the study's data.
    """
    recipe, networks = RECIPES[question.recipe], by_network(members, deleted)
    claims = claim_statuses(question, members)
    gone = _deleted_networks(networks, deleted)
    return Judgement(
        setting=setting(question),
        networks=tuple(_network(network) for network in networks),
        deleted_networks=tuple(
            DeletedNetwork(label=label, attrition=attrition(0, missing)) for label, missing in gone.items()
        ),
        cells=cells(networks, question.looks) + ensemble_cells(recipe, networks, ensembles, question.looks),
        statements=statement_results(networks),
        claims=claims,
        claim_attrition=claim_attrition(claims, networks, gone),
        depths=depth_comparisons(networks),
    )


def _deleted_networks(
    networks: Iterable[StudyNetwork], deleted: Iterable[DeletedMember]
) -> dict[str, tuple[MissingSeed, ...]]:
    """The seeds of networks of which every run was deleted, by label."""
    present = {network.label for network in networks}
    gone: dict[str, tuple[MissingSeed, ...]] = {}
    for member in deleted:
        if member.label not in present:
            gone[member.label] = (*gone.get(member.label, ()), MissingSeed(seed=member.seed, fate="deleted"))
    return gone


def claim_standings(
    question: StudyQuestion, members: Sequence[MemberResult], deleted: Sequence[DeletedMember] = ()
) -> list[tuple[ClaimStatus, ClaimAttrition]]:
    """The status of each claim that the recipe tests, with the seeds that it rests on.

    Raises KeyError as `judge` does.
    """
    networks = by_network(members, deleted)
    claims = claim_statuses(question, members)
    return list(zip(claims, claim_attrition(claims, networks, _deleted_networks(networks, deleted)), strict=True))


def claim_statuses(question: StudyQuestion, members: Iterable[MemberResult]) -> tuple[ClaimStatus, ...]:
    """The status of the claims that the recipe tests, without runs that failed or were cancelled.

    Raises KeyError as `judge` does.
    """
    results = [member.result for member in members if member.is_alive]
    return tuple(evaluate(results, question.scale, _claims(RECIPES[question.recipe])))


def planned_claims(recipe: Recipe, scale: float, specs: Iterable[RunSpec]) -> tuple[ClaimStatus, ...]:
    """The claims that the recipe tests before any run has started: what each needs, or why these runs can't test it."""
    return tuple(evaluate([RunResult(spec=spec) for spec in specs], scale, _claims(recipe)))


def _claims(recipe: Recipe) -> list[Claim]:
    return [claim for claim in CLAIMS if recipe.name in claim.recipes]


def _network(network: StudyNetwork) -> NetworkJudgement:
    value = error_value(network.tests)
    ours = measured(network, value) if value else network.errors
    return NetworkJudgement(
        label=network.label,
        runs=len(network.members),
        ended=len(network.succeeded),
        attrition=attrition(len(network.succeeded), network.missing()),
        test_error=report(network.errors),
        train_error=in_its_form(network.train_errors),
        findings=network.findings,
        plan=plan(network.spec, len(network.members), ours, value),
    )
