"""Every experiment of the paper as runs, by the table, figure or footnote that reports it.

The detectors of Tables 7 to 9 are in `paper.detection.recipes`. Tables 10 to 14 are left out.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from paper import published
from paper.detection import recipes as detection
from paper.printed import PrintedValue
from paper.recipes.cifar import CIFAR
from paper.recipes.departures import departures
from paper.recipes.imagenet import IMAGENET
from paper.recipes.recipe import Member, Network, Recipe, RecipeOptions, WrongData, members, tested

__all__ = [
    "RECIPES",
    "Member",
    "Network",
    "Recipe",
    "RecipeOptions",
    "WrongData",
    "departures",
    "members",
    "that_test",
    "training",
]

RECIPES = {recipe.name: recipe for recipe in (*IMAGENET, *CIFAR)}


def that_test(key: str) -> tuple[str, ...]:
    """The recipes that test a value of the paper, the table's own first; none for other authors' numbers."""
    return _tests().get(key, ())


def training(table: int) -> str:
    """Which of a table's numbers can be trained here, as a sentence. Raises KeyError if the paper has no such table."""
    values = published.values(table=published.table(table).number)
    ours = [value for value in values if that_test(value.key)]
    names = sorted({name for value in ours for name in that_test(value.key) if name.startswith("table-")})
    if not ours:
        return _detection([value for value in values if detection.that_test(value.key)], len(values))
    if RECIPES[names[0]].kind == "count":
        return f"Nothing in this table needs training: {names[0]} counts all of its numbers."
    if all(value.split == "ImageNet test server" for value in ours):
        return f"The paper's networks can be trained here, by {names[0]}, but ImageNet's test server is not public."
    if len(ours) == len(values):
        return f"Every number of this table can be trained here, by {names[0]}."
    return f"{len(ours)} of the {len(values)} numbers in this table can be trained here, by {names[0]}."


def _detection(ours: Sequence[PrintedValue], count: int) -> str:
    if not ours:
        return "No number of this table can be trained here: there is no recipe for it."
    return (
        f"{len(ours)} of the {count} numbers in this table are those of detectors that the trainer can train and test "
        "(docs/detection.md)."
    )


@cache
def _tests() -> dict[str, tuple[str, ...]]:
    recipes_by_key: dict[str, list[str]] = {}
    for recipe in _own_table_first(RECIPES.values()):
        for key in dict.fromkeys(tested(recipe)):
            recipes_by_key.setdefault(key, []).append(recipe.name)
    return {key: tuple(names) for key, names in recipes_by_key.items()}


def _own_table_first(recipes: Iterable[Recipe]) -> list[Recipe]:
    return sorted(recipes, key=lambda recipe: not recipe.name.startswith("table-"))
