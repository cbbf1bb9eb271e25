"""Where the runs of a recipe depart from the paper's experiment, as findings of the protocol check.

What the experiment itself varies is not a departure: footnote 5 trains 110 layers without warm-up. A scale below 1
always is, whatever number of iterations it gives.
"""

from paper import lint, published
from paper.findings import Finding
from paper.recipes.recipe import Recipe, RecipeOptions, members

SHORTENED = "scale"
# Rules on length that are left out here, because the recipe knows which length was intended.
LENGTHS = frozenset({SHORTENED, "iterations"})


def departures(recipe: Recipe, options: RecipeOptions) -> tuple[Finding, ...]:
    """The departures of all members, each once. Raises WrongData if the data set does not fit."""
    intended = {(finding.rule, finding.message) for finding in _findings(recipe, RecipeOptions())}
    departures_by_rule = {
        (finding.rule, finding.message): finding
        for finding in _findings(recipe, options)
        if (finding.rule, finding.message) not in intended and finding.rule not in LENGTHS
    }
    shortened = [_shortened(recipe, options)] if options.scale < 1 else []
    return (*shortened, *departures_by_rule.values())


def _findings(recipe: Recipe, options: RecipeOptions) -> list[Finding]:
    single = options.model_copy(update={"seeds": 1})  # seeds make no difference to findings
    return [finding for member in members(recipe, single) for finding in lint.departures(member.spec)]


def _shortened(recipe: Recipe, options: RecipeOptions) -> Finding:
    sentence = published.sentence("cifar-schedule" if recipe.family == "cifar" else "imagenet-schedule")
    return Finding(
        rule=SHORTENED,
        field="iterations",
        severity="departure",
        message=f"The scale is {options.scale:g}: training has only this fraction of the paper's iterations.",
        section=sentence.section,
        quote=sentence.text,
        casualty=None,
    )
