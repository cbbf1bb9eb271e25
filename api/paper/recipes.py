"""The paper's experiments over HTTP: the recipes, and the runs of a recipe."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import Field

from api.http.problems import responses
from api.http.schema import Response
from paper import recipes
from paper.findings import Finding
from paper.power import MOST_SEEDS
from paper.recipes import Member, Recipe, RecipeOptions, WrongData
from store.db.errors import Refused
from store.db.text import ShortText
from studies.plans import classifiers

router = APIRouter(prefix="/api/v1/recipes", tags=["paper"])

Name = Annotated[ShortText, InPath(examples=["table-6"])]


class Recipes(Response):
    items: list[Recipe]
    most_seeds: int = Field(description="The most runs of one network that a study may have.")


class ExpandedRecipe(Response):
    """A recipe's runs, and where they depart from the paper's experiment."""

    recipe: Recipe
    options: RecipeOptions
    members: list[Member]
    departures: list[Finding] = Field(description="Empty for the paper's experiment on the paper's data.")


@router.get("", operation_id="list_recipes")
def list_recipes() -> Recipes:
    """The paper's experiments that this service can train."""
    return Recipes(items=list(recipes.RECIPES.values()), most_seeds=MOST_SEEDS)


@router.get("/{name}", operation_id="get_recipe", responses=responses(404, 422))
def get_recipe(name: Name, options: Annotated[RecipeOptions, Query()]) -> ExpandedRecipe:
    """A recipe's runs for a number of seeds, a scale of the schedule and a data set. Queues nothing."""
    recipe = classifiers(name)
    try:
        members = recipes.members(recipe, options)
        departures = recipes.departures(recipe, options)
    except WrongData as error:
        raise Refused("dataset", str(error)) from error
    return ExpandedRecipe(recipe=recipe, options=options, members=list(members), departures=list(departures))
