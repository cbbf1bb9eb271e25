"""Every experiment of the paper as runs, by the table, figure or footnote that reports it.

The detection and localization of Tables 7 to 14 are left out: they need networks that this service does not train.
"""

from collections.abc import Iterable
from functools import cache

from paper.recipes.cifar import CIFAR
from paper.recipes.departures import departures
from paper.recipes.imagenet import IMAGENET
from paper.recipes.recipe import Member, Network, Recipe, RecipeOptions, WrongData, members, tested

__all__ = ["RECIPES", "Member", "Network", "Recipe", "RecipeOptions", "WrongData", "departures", "members", "that_test"]

RECIPES = {recipe.name: recipe for recipe in (*IMAGENET, *CIFAR)}


def that_test(key: str) -> tuple[str, ...]:
    """The recipes that test a value of the paper, the table's own first; none for other authors' numbers."""
    return _tests().get(key, ())


@cache
def _tests() -> dict[str, tuple[str, ...]]:
    recipes_by_key: dict[str, list[str]] = {}
    for recipe in _own_table_first(RECIPES.values()):
        for key in dict.fromkeys(tested(recipe)):
            recipes_by_key.setdefault(key, []).append(recipe.name)
    return {key: tuple(names) for key, names in recipes_by_key.items()}


def _own_table_first(recipes: Iterable[Recipe]) -> list[Recipe]:
    return sorted(recipes, key=lambda recipe: not recipe.name.startswith("table-"))
