"""An ensemble of a study's members, compared with the paper's: one run of every network, scores averaged (Table 5)."""

from collections.abc import Sequence

from paper import published
from paper.findings import Finding
from paper.recipes import Recipe
from paper.results import LastError, LastErrors
from paper.studies.attrition import MissingSeed
from paper.studies.cells import ErrorQuestion, StudyCell, error_cell
from paper.studies.member import Frozen, StudyNetwork


class Ensemble(Frozen):
    """The errors, percent, of an ensemble of the members with these labels."""

    labels: tuple[str, ...]
    error: float
    top5_error: float | None


def ensemble_cells(
    recipe: Recipe, networks: Sequence[StudyNetwork], ensembles: Sequence[Ensemble], looks: int
) -> tuple[StudyCell, ...]:
    """The numbers that only all members together test. With fewer networks, the ensemble is not the paper's."""
    findings = [finding for network in networks for finding in network.findings]
    findings += [_too_few(recipe, networks)] if len(networks) < len(recipe.networks) else []
    once = list({(finding.rule, finding.message): finding for finding in findings}.values())
    label = f"ensemble of {len(networks)}"
    return tuple(
        _cell(ErrorQuestion(label, published.named(key), once, looks), networks, ensembles) for key in recipe.together
    )


def _cell(question: ErrorQuestion, networks: Sequence[StudyNetwork], ensembles: Sequence[Ensemble]) -> StudyCell:
    ours = _errors(ensembles, is_top5=question.value.metric == "top-5 error")
    return error_cell(question, ours, _missing(networks, len(ours.values)))


def _missing(networks: Sequence[StudyNetwork], counted: int) -> tuple[MissingSeed, ...]:
    """An ensemble takes the nth seed of every network; it is missing if one of these is, or if it was not evaluated."""
    planned = max((network.planned for network in networks), default=0)
    lost = {seed.seed: seed for network in reversed(networks) for seed in network.missing()}
    missing = list(lost.values())[: planned - counted]
    whole = (seed for network in networks[:1] for seed in network.seeds if seed not in lost)
    lacking = planned - counted - len(missing)
    missing += [MissingSeed(seed=seed, fate="not evaluated") for seed, _ in zip(whole, range(lacking), strict=False)]
    return tuple(sorted(missing, key=lambda seed: seed.seed))


def _errors(ensembles: Sequence[Ensemble], *, is_top5: bool) -> LastErrors:
    errors = [ensemble.top5_error if is_top5 else ensemble.error for ensemble in ensembles]
    return LastErrors(tuple(LastError(error) for error in errors if error is not None), "ensemble")


def _too_few(recipe: Recipe, networks: Sequence[StudyNetwork]) -> Finding:
    sentence = published.sentence("ensemble-wins")
    return Finding(
        rule="ensemble",
        field="networks",
        severity="departure",
        message=f"This ensemble has {len(networks)} networks; the paper's has {len(recipe.networks)}.",
        section=sentence.section,
        quote=sentence.text,
        casualty=None,
    )
