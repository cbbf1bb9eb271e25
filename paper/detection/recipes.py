"""Owns the recipes of Tables 7, 8 and 9: which detectors to train, how to test them, and which numbers that tests.

`members(recipe, options)` are the runs. A row of a table is a run and a way of testing it: App. B's rows add to the
test of one and the same run, except for global context, which is trained.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from paper.power import MOST_SEEDS
from paper.printed import Printed
from trainer.detection.parts import Start
from trainer.detection.spec import COCO, DATASET_PATTERN, VOC, DetectionNetwork, DetectionSpec
from trainer.detection.testing.method import PYRAMID, Method

# The number of a test that a column prints; all are percent.
Measure = Literal["map", "map_50", "map_50_95"]
NAMES: Final[dict[DetectionNetwork, str]] = {"vgg16": "VGG-16", "resnet101": "ResNet-101"}
# Fields that a scale changes, unless a study's changes name them.
NOT_SCALED: Final = ("schedule", "evaluate_every", "checkpoint_every")
# App. A; a detector that is trained at another side is tested at sides in proportion.
PAPER_SIDE: Final[int] = DetectionSpec.model_fields["side"].default
# What a study decides for each of its runs.
OWN_FIELDS: Final = frozenset({"task", "dataset", "network", "context", "start", "seed", "iterations"})


class Detector(Printed):
    """A network of a recipe, trained with or without global context."""

    network: DetectionNetwork
    context: bool = False

    @property
    def label(self) -> str:
        return NAMES[self.network] + (" with context" if self.context else "")


class Row(Printed):
    """A row of a table: a detector, and how it is tested."""

    label: str
    detector: Detector
    refine: bool = False
    sides: tuple[int, ...] = ()

    @property
    def method(self) -> Method:
        """App. B's box refinement includes box voting."""
        return Method(refine=self.refine, vote=self.refine, sides=self.sides)


class DetectionRecipe(Printed):
    """An experiment. `columns` are the table's that can be tested here, with the measure that each prints."""

    name: str
    title: str
    section: str
    about: str
    table: int
    dataset: str
    rows: tuple[Row, ...]
    columns: dict[str, Measure]

    @property
    def kind(self) -> Literal["detect"]:
        return "detect"

    @property
    def tables(self) -> tuple[int, ...]:
        return (self.table,)

    @property
    def figures(self) -> tuple[int, ...]:
        """None of the paper's figures is of detectors."""
        return ()

    @property
    def detectors(self) -> tuple[Detector, ...]:
        return tuple(dict.fromkeys(row.detector for row in self.rows))


class DetectorChanges(BaseModel):
    """How a study's detectors differ from the paper's, so that a small machine can train them. Each is a departure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instead: dict[DetectionNetwork, DetectionNetwork] = Field(
        default_factory=dict,
        description='Networks in the place of the paper\'s, such as {"vgg16": "resnet18", "resnet101": "resnet34"}.',
    )
    fields: dict[str, Any] = Field(  # Any: a spec's fields
        default_factory=dict, description='Fields of the specification that all runs share, such as {"side": 160}.'
    )
    starts: dict[DetectionNetwork, Start] = Field(
        default_factory=dict,
        description="For each network that is trained, its start weights; without, it starts from scratch.",
    )

    @field_validator("fields")
    @classmethod
    def _leave_the_studys_own(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if own := sorted(OWN_FIELDS & fields.keys()):
            message = "fields must not contain {field}: the study sets it"
            raise PydanticCustomError("fields", message, {"field": own[0]})
        return fields


class DetectionOptions(BaseModel):
    """How to run a recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = Field(default=1, description="Runs per network.")
    scale: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0, description="Fraction of the paper's schedule. Below 1, results are not comparable."
    )
    dataset: str | None = Field(
        default=None, pattern=DATASET_PATTERN, description="The name of a registered data set; null: the paper's."
    )
    changes: DetectorChanges = Field(default_factory=DetectorChanges)


class DetectionTest(Printed):
    """A printed number, how the run's weights are tested for it, and which of the test's numbers is compared."""

    key: str = Field(description="Names the value permanently, such as `table-7:VGG-16:VOC 07`.")
    row: str
    refine: bool
    vote: bool
    sides: tuple[int, ...]
    measure: Measure

    def method(self, spec: DetectionSpec) -> Method:
        """How weights that were trained by this specification are tested."""
        return Method(self.refine, self.vote, self.sides).at_side(spec.side, PAPER_SIDE)


class DetectionMember(Printed):
    """One run of a recipe. Runs with the same label differ only in their seed."""

    label: str
    seed: int
    spec: DetectionSpec
    tests: tuple[DetectionTest, ...]


VGG, RESNET = Detector(network="vgg16"), Detector(network="resnet101")
WITH_CONTEXT = Detector(network="resnet101", context=True)
BASELINES = (Row(label="VGG-16", detector=VGG), Row(label="ResNet-101", detector=RESNET))

RECIPES = {
    recipe.name: recipe
    for recipe in (
        DetectionRecipe(
            name="table-7",
            title="Faster R-CNN on PASCAL VOC with VGG-16 and ResNet-101",
            section="4.3",
            about="Only the network differs. The column VOC 12 needs PASCAL's evaluation server.",
            table=7,
            dataset=VOC,
            rows=BASELINES,
            columns={"VOC 07": "map"},
        ),
        DetectionRecipe(
            name="table-8",
            title="Faster R-CNN on COCO with VGG-16 and ResNet-101",
            section="4.3",
            about="Only the network differs. Trained on train, tested on val.",
            table=8,
            dataset=COCO,
            rows=BASELINES,
            columns={"mAP@.5": "map_50", "mAP@[.5,.95]": "map_50_95"},
        ),
        DetectionRecipe(
            name="table-9",
            title="Box refinement, global context and multi-scale testing on COCO",
            section="App. B",
            about="The columns of the validation set. Box refinement and multi-scale testing are tests of trained "
            "weights; global context is trained. The columns of test-dev need COCO's evaluation server.",
            table=9,
            dataset=COCO,
            rows=(
                Row(label="baseline Faster R-CNN (VGG-16)", detector=VGG),
                Row(label="baseline Faster R-CNN (ResNet-101)", detector=RESNET),
                Row(label="+box refinement", detector=RESNET, refine=True),
                Row(label="+context", detector=WITH_CONTEXT, refine=True),
                Row(label="+multi-scale testing", detector=WITH_CONTEXT, refine=True, sides=PYRAMID),
            ),
            columns={"val mAP@.5": "map_50", "val mAP@[.5,.95]": "map_50_95"},
        ),
    )
}


def members(recipe: DetectionRecipe, options: DetectionOptions) -> tuple[DetectionMember, ...]:
    """Every run, network by network, seeds ascending."""
    return tuple(
        DetectionMember(
            label=_label(detector, options.changes),
            seed=seed,
            spec=_spec(recipe, detector, seed, options),
            tests=tests_of_detector(recipe, detector),
        )
        for detector in recipe.detectors
        for seed in range(options.seeds)
    )


def tests_of(recipe: DetectionRecipe) -> list[DetectionTest]:
    """Every printed number that the recipe tests."""
    return [test for row in recipe.rows for test in _tests(recipe, row)]


def tests_of_detector(recipe: DetectionRecipe, detector: Detector) -> tuple[DetectionTest, ...]:
    """The printed numbers that one of its detectors tests."""
    return tuple(test for row in recipe.rows if row.detector == detector for test in _tests(recipe, row))


def that_test(key: str) -> tuple[str, ...]:
    """The recipes that test a value of the paper, in the order of the tables."""
    return tuple(recipe.name for recipe in RECIPES.values() if any(test.key == key for test in tests_of(recipe)))


def scaled(spec: DetectionSpec, scale: float) -> DetectionSpec:
    """The same experiment with a shorter schedule; the rate drops in proportion."""
    if scale == 1:
        return spec
    shorter = {
        "iterations": max(1, round(spec.iterations * scale)),
        "evaluate_every": max(1, round(spec.evaluate_every * scale)),
        "checkpoint_every": max(1, round(spec.checkpoint_every * scale)),
    }
    return DetectionSpec.model_validate(spec.model_dump(exclude={"schedule"}) | shorter)


def _label(detector: Detector, changes: DetectorChanges) -> str:
    """ "ResNet-18 for VGG-16" where another network is trained in the place of the paper's."""
    network = changes.instead.get(detector.network, detector.network)
    if network == detector.network:
        return detector.label
    return (
        f"ResNet-{network.removeprefix('resnet')} for {detector.label}"
        if network != "vgg16"
        else (f"VGG-16 for {detector.label}")
    )


def _spec(recipe: DetectionRecipe, detector: Detector, seed: int, options: DetectionOptions) -> DetectionSpec:
    """Raises pydantic.ValidationError if a change isn't a field's value."""
    changes = options.changes
    network = changes.instead.get(detector.network, detector.network)
    start = changes.starts.get(network)
    fields = {
        # An own data set is scored as the paper's is.
        "ap": "coco" if recipe.dataset == COCO else "voc07",
        **changes.fields,
        "task": "detection",
        "dataset": options.dataset or recipe.dataset,
        "network": network,
        "context": detector.context,
        "start": start,
        "seed": seed,
    }
    spec = scaled(DetectionSpec.model_validate(fields), options.scale)
    # A field that was given keeps its value at every scale.
    given = {name: changes.fields[name] for name in NOT_SCALED if name in changes.fields}
    return DetectionSpec.model_validate(spec.model_dump() | given) if given else spec


def _tests(recipe: DetectionRecipe, row: Row) -> tuple[DetectionTest, ...]:
    method = row.method
    return tuple(
        DetectionTest(
            key=f"table-{recipe.table}:{row.label}:{column}",
            row=row.label,
            refine=method.refine,
            vote=method.vote,
            sides=method.sides,
            measure=measure,
        )
        for column, measure in recipe.columns.items()
    )
