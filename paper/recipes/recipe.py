"""What a recipe is: an experiment of the paper as networks to train, and how it becomes runs.

`members(recipe, wanted)` are the runs, each a complete `RunSpec` with its label, its seed and the keys of what it
tests (`paper/published.py`). A scale below 1 shortens the schedule in proportion: iterations, drops, evaluations and
checkpoints, rounded to the nearest and at least 1. The lint says so of each of these runs: it is always a departure.
Evaluations stay a pass over the test set apart, or an eighth of the run where that is less: closer together they would
cost more than the training.
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

# What is done once a member has trained: its own curves and last errors are read; its weights are evaluated in other
# views; the weights of all members are evaluated together; the responses of its layers are measured; or, for Table 1,
# nothing is trained at all and the plan's counts are read.
Kind = Literal["train", "evaluate", "ensemble", "responses", "count"]
# Iterations that see as many images as CIFAR-10's test set has: 10,000 at a mini-batch of 128.
PASS = 78


class Network(Printed):
    """One line of a recipe. `changes` are fields that the experiment itself varies; `first_seed` tells twins apart."""

    depth: int
    shortcut: Shortcut
    changes: dict[str, Any] = Field(default_factory=dict)  # Any: a spec's fields
    suffix: str = ""
    # Its changes are another reading of what the paper leaves open: it still is the network in the table.
    is_reading: bool = False
    first_seed: int = 0
    statements: tuple[str, ...] = ()


def networks(shortcut: Shortcut, *depths: int) -> tuple[Network, ...]:
    """As they are in the paper, one a depth."""
    return tuple(Network(depth=depth, shortcut=shortcut) for depth in depths)


class Recipe(Printed):
    """`tables`, `figures` and `statements` are what it tests; `protocol` is how its errors are measured."""

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
    together: tuple[str, ...] = Field(default=(), description="Keys of what only all members together test.")

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def dataset(self) -> str:
        """The paper's."""
        return DATA[self.family]


class RecipeOptions(BaseModel):
    """How a recipe is to be run: how often, how much of the schedule, and on which images."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = Field(default=1, description="Runs of each network.")
    scale: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0, description="Of the paper's schedule. Below 1 the result does not stand beside the paper's."
    )
    dataset: str | None = Field(
        default=None, pattern=DATASET_PATTERN, description="A registered data set's name; null is the paper's."
    )


class Member(Printed):
    """One run of a recipe. Runs of one label differ in their seed only."""

    label: str
    seed: int
    spec: RunSpec
    tests: tuple[str, ...] = Field(description="Keys of the paper's values, and `statement:…`, that it tests.")

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on a property
    @property
    def spec_hash(self) -> str:
        """SHA-256 of the spec's canonical JSON. Two runs with the same hash have the same specification."""
        return self.spec.hash()


class WrongData(ValueError):
    """The recipe cannot be run on this data set."""


def members(recipe: Recipe, options: RecipeOptions) -> tuple[Member, ...]:
    """Every run, network by network, seeds ascending. Raises WrongData where the data set does not fit."""
    dataset = options.dataset or recipe.dataset
    _check(recipe, dataset)
    try:
        return tuple(
            _member(recipe, network, network.first_seed + nth, dataset, options.scale)
            for network in recipe.networks
            for nth in range(options.seeds)
        )
    except ValidationError as error:
        # Such as 45000 training images of a data set that has fewer.
        raise WrongData(f"{recipe.name} does not fit {dataset}: {error.errors()[0]['msg']}") from error


def tested(recipe: Recipe) -> Iterator[str]:
    """The keys of everything that it tests."""
    for member in members(recipe, RecipeOptions()):
        yield from member.tests
    yield from recipe.together
    yield from (f"statement:{said}" for said in recipe.statements)


def scaled(spec: RunSpec, scale: float) -> RunSpec:
    """The same experiment in a shorter time; `spec` has its family's own schedule."""
    if scale == 1:
        return spec
    iterations = max(1, round(spec.iterations * scale))
    # Plateaus are counted in evaluations.
    apart = min(PASS, iterations // 8) if spec.schedule.kind == "steps" else 1
    shorter = {
        field: max(1, apart, round(getattr(spec, field) * scale)) for field in ("evaluate_every", "checkpoint_every")
    }
    shorter["iterations"] = iterations
    # Left out, the schedule is the family's: drops in proportion to the iterations, or plateaus of its evaluations.
    return RunSpec.model_validate(spec.model_dump(exclude={"schedule"}) | shorter)


def _member(recipe: Recipe, network: Network, seed: int, dataset: str, scale: float) -> Member:
    asked = {
        "depth": network.depth,
        "shortcut": network.shortcut,
        "dataset": dataset,
        "family": recipe.family,
        "seed": seed,
    }
    spec = scaled(RunSpec.model_validate(asked | network.changes), scale)
    cells = (value.key for table in recipe.tables for value in published.values(spec.name, table))
    statements = (f"statement:{said}" for said in network.statements)
    # A network that the experiment varies is not the one in the table.
    is_printed = network.is_reading or not network.changes
    tests = (*(cells if is_printed else ()), *statements)
    return Member(label=spec.name + network.suffix, seed=seed, spec=spec, tests=tests)


def _check(recipe: Recipe, dataset: str) -> None:
    data = BUILT_IN.get(dataset)
    if data is not None and data.family != recipe.family:
        fitting = ", ".join(each.name for each in BUILT_IN.values() if each.family == recipe.family)
        raise WrongData(
            f"{recipe.name} trains the networks for {NAMES[recipe.family]}: its data set is {fitting} "
            f"or one of your own, not {dataset}"
        )
