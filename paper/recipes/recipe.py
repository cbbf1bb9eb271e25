"""Recipes: the experiments of the paper as networks to train, and how a recipe becomes runs.

`members(recipe, options)` are the runs: a complete `RunSpec` each, with its label, its seed and the keys of what it
tests (`paper/published.py`). A scale below 1 shortens the schedule in proportion: iterations, drops, evaluations and
checkpoints, rounded and at least 1. The protocol check reports it for each run as a departure. Evaluations stay at
least one pass over the test set apart, or an eighth of the run: closer together they would cost more than training.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field

from paper import published
from paper.lint.rule import DATA, NAMES
from paper.power import MOST_SEEDS
from paper.printed import Printed
from paper.protocols import Protocol
from trainer.catalog import BUILT_IN, Family
from trainer.spec import DATASET_PATTERN, RunSpec, Shortcut

# What follows training. train: nothing, the run's own errors are used; evaluate: its weights are evaluated in other
# views; ensemble: the weights of all members are evaluated together; responses: its layers' responses are measured;
# count: nothing is trained, and the plan's counts are used (Table 1).
Kind = Literal["train", "evaluate", "ensemble", "responses", "count"]
# Iterations that process as many images as CIFAR-10's test set has: 10,000 in mini-batches of 128.
PASS = 78


class Network(Printed):
    """A network of a recipe. `changes` are fields that the experiment varies; `first_seed` separates equal networks."""

    depth: int
    shortcut: Shortcut
    changes: dict[str, Any] = Field(default_factory=dict)  # Any: a spec's fields
    suffix: str = ""
    # Its changes are another reading of what the paper leaves open, so it is still the network in the table.
    is_reading: bool = False
    first_seed: int = 0
    statements: tuple[str, ...] = ()


def networks(shortcut: Shortcut, *depths: int) -> tuple[Network, ...]:
    """The paper's networks with these depths."""
    return tuple(Network(depth=depth, shortcut=shortcut) for depth in depths)


class Recipe(Printed):
    """An experiment. It tests `tables`, `figures` and `statements`; `protocol` is how its errors are measured."""

    name: str
    title: str
    section: str
    about: str
    family: Family
    kind: Kind
    protocol: Protocol | None
    networks: tuple[Network, ...]
    tables: tuple[int, ...] = ()
    figures: tuple[int, ...] = ()
    statements: tuple[str, ...] = ()
    together: tuple[str, ...] = Field(default=(), description="Keys of values that only all members together test.")

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def dataset(self) -> str:
        """The paper's data set."""
        return DATA[self.family]


class RecipeOptions(BaseModel):
    """How to run a recipe: how many seeds, how much of the schedule, and on which data set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = Field(default=1, description="Runs per network.")
    scale: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0,
        description="Fraction of the paper's schedule. Below 1, results are not comparable.",
    )
    dataset: str | None = Field(
        default=None, pattern=DATASET_PATTERN, description="The name of a registered data set; null: the paper's."
    )


class Member(Printed):
    """One run of a recipe. Runs with the same label differ only in their seed."""

    label: str
    seed: int
    spec: RunSpec
    tests: tuple[str, ...] = Field(description="Keys of the values and statements (`statement:…`) that it tests.")

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def spec_hash(self) -> str:
        """SHA-256 of the spec's canonical JSON. Two runs with the same hash have the same specification."""
        return self.spec.hash()


class WrongData(ValueError):
    """The recipe cannot be run on this data set."""


def members(recipe: Recipe, options: RecipeOptions) -> tuple[Member, ...]:
    """Every run, network by network, seeds ascending. Raises WrongData if the data set does not fit."""
    dataset = options.dataset or recipe.dataset
    _check(recipe, dataset)
    try:
        return tuple(
            _member(recipe, network, network.first_seed + nth, dataset, options.scale)
            for network in recipe.networks
            for nth in range(options.seeds)
        )
    except ValidationError as error:
        # For example, 45,000 training images of a data set that has fewer.
        raise WrongData(f"{recipe.name} can't be trained on {dataset}: {error.errors()[0]['msg']}") from error


def tested(recipe: Recipe) -> Iterator[str]:
    """The keys of everything that a recipe tests."""
    for member in members(recipe, RecipeOptions()):
        yield from member.tests
    yield from recipe.together
    yield from (f"statement:{statement}" for statement in recipe.statements)


def scaled(spec: RunSpec, scale: float) -> RunSpec:
    """The same experiment with a shorter schedule; `spec` has its family's default schedule."""
    if scale == 1:
        return spec
    iterations = max(1, round(spec.iterations * scale))
    # Plateaus are counted in evaluations, so theirs may be closer together.
    apart = min(PASS, iterations // 8) if spec.schedule.kind == "steps" else 1
    shorter = {
        "iterations": iterations,
        "evaluate_every": max(1, apart, round(spec.evaluate_every * scale)),
        "checkpoint_every": max(1, apart, round(spec.checkpoint_every * scale)),
    }
    # Without a schedule the spec gets its family's: drops in proportion to the iterations, or plateaus.
    return RunSpec.model_validate(spec.model_dump(exclude={"schedule"}) | shorter)


def _member(recipe: Recipe, network: Network, seed: int, dataset: str, scale: float) -> Member:
    fields = {
        "depth": network.depth,
        "shortcut": network.shortcut,
        "dataset": dataset,
        "family": recipe.family,
        "seed": seed,
    }
    spec = scaled(RunSpec.model_validate(fields | network.changes), scale)
    cells = (value.key for table in recipe.tables for value in published.values(spec.name, table))
    statements = (f"statement:{statement}" for statement in network.statements)
    # A network with changed fields is not the one in the table.
    is_printed = network.is_reading or not network.changes
    tests = (*(cells if is_printed else ()), *statements)
    return Member(label=spec.name + network.suffix, seed=seed, spec=spec, tests=tests)


def _check(recipe: Recipe, dataset: str) -> None:
    data = BUILT_IN.get(dataset)
    if data is not None and data.family != recipe.family:
        fitting = ", ".join(data.name for data in BUILT_IN.values() if data.family == recipe.family)
        raise WrongData(
            f"{recipe.name} trains networks for {NAMES[recipe.family]}, so it can't use {dataset}. "
            f"Use {fitting}, or your own data set."
        )
