"""What all results of a study must be read with: its data, its scale, and where it departs from the paper."""

from functools import lru_cache

from pydantic import Field

from paper.findings import Finding
from paper.recipes import RECIPES, RecipeOptions, departures
from paper.studies.member import Frozen, StudyQuestion


class Setting(Frozen):
    """The data set, the share of the paper's schedule, and the departures that follow from the study's options."""

    dataset: str
    scale: float = Field(description="The share of the paper's iterations.")
    departures: tuple[Finding, ...] = Field(description="Where the study departs from the paper's experiment.")

    @property
    def sentence(self) -> str:
        """Data and schedule: Trained on digits with 0.005 of the paper's iterations."""
        share = "all" if self.scale == 1 else f"{self.scale:g}"
        return f"Trained on {self.dataset} with {share} of the paper's iterations."


def setting(question: StudyQuestion) -> Setting:
    """Raises KeyError if the paper has no such recipe, WrongData if the recipe cannot be run on the data set."""
    return _setting(question.recipe, question.scale, question.dataset)


@lru_cache(maxsize=256)
def _setting(recipe: str, scale: float, dataset: str) -> Setting:
    options = RecipeOptions(scale=scale, dataset=dataset)
    return Setting(dataset=dataset, scale=scale, departures=departures(RECIPES[recipe], options))
