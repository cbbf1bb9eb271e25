"""An ensemble of a study's members beside the paper's: one run of every network, their scores averaged (Table 5)."""

from collections.abc import Sequence

from paper import published
from paper.findings import Finding
from paper.recipes import Recipe
from paper.results import LastError, LastErrors
from paper.studies.cells import StudyCell, error_cell
from paper.studies.member import Frozen, Network


class Ensemble(Frozen):
    """Of the members of these labels. Errors are percent."""

    labels: tuple[str, ...]
    error: float
    top5_error: float | None


def together(
    recipe: Recipe, networks: Sequence[Network], ensembles: Sequence[Ensemble], looks: int
) -> tuple[StudyCell, ...]:
    """The numbers that only all members together test. An ensemble of fewer networks is none of the paper's."""
    findings = [finding for network in networks for finding in network.findings]
    findings += [_too_few(recipe, networks)] if len(networks) < len(recipe.networks) else []
    once = list({(finding.rule, finding.message): finding for finding in findings}.values())
    label = f"ensemble of {len(networks)}"
    values = (published.named(key) for key in recipe.together)
    return tuple(
        error_cell(label, value, _errors(ensembles, is_top5=value.metric == "top-5 error"), once, looks)
        for value in values
    )


def _errors(ensembles: Sequence[Ensemble], *, is_top5: bool) -> LastErrors:
    errors = [each.top5_error if is_top5 else each.error for each in ensembles]
    return LastErrors(tuple(LastError(error) for error in errors if error is not None), "ensemble")


def _too_few(recipe: Recipe, networks: Sequence[Network]) -> Finding:
    said = published.sentence("ensemble-wins")
    return Finding(
        rule="ensemble",
        field="networks",
        severity="departure",
        message=f"an ensemble of {len(networks)} networks; the paper's has {len(recipe.networks)}",
        section=said.section,
        quote=said.text,
        casualty=None,
    )
