"""Where the runs of a recipe depart from the experiment that it is, in the lint's words.

What the experiment itself varies is no departure: footnote 5 trains 110 layers without their warm-up. A scale below 1
always is one, whatever number of iterations it comes to.
"""

from paper import lint, published
from paper.findings import Finding
from paper.recipes.recipe import Recipe, RecipeOptions, members

SHORTENED = "scale"
# What the lint says of a length; the recipe knows better which length was meant.
LENGTHS = frozenset({SHORTENED, "iterations"})


def departures(recipe: Recipe, options: RecipeOptions) -> tuple[Finding, ...]:
    """Each once, over all members. Raises WrongData where the data set does not fit."""
    meant = {(finding.rule, finding.message) for finding in _findings(recipe, RecipeOptions())}
    found = {
        (finding.rule, finding.message): finding
        for finding in _findings(recipe, options)
        if (finding.rule, finding.message) not in meant and finding.rule not in LENGTHS
    }
    shortened = [_shortened(recipe, options)] if options.scale < 1 else []
    return (*shortened, *found.values())


def _findings(recipe: Recipe, options: RecipeOptions) -> list[Finding]:
    one_seed = options.model_copy(update={"seeds": 1})  # a seed departs from nothing
    return [finding for member in members(recipe, one_seed) for finding in lint.departures(member.spec)]


def _shortened(recipe: Recipe, options: RecipeOptions) -> Finding:
    said = published.sentence("cifar-schedule" if recipe.family == "cifar" else "imagenet-schedule")
    return Finding(
        rule=SHORTENED,
        field="iterations",
        severity="departure",
        message=f"a scale of {options.scale:g}: this much of the paper's iterations",
        section=said.section,
        quote=said.text,
        casualty=None,
    )
