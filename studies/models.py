"""What a study is asked for, its plan, and how it stands. The api answers with these as they are."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from paper.claims import ClaimStatus
from paper.findings import Finding
from paper.planner import SeedPlan
from paper.power import MOST_SEEDS
from paper.printed import PrintedFigure, PrintedTable
from paper.protocols import Protocol
from paper.recipes.recipe import Kind, RecipeOptions
from paper.studies import Addition, StudyCell
from paper.studies.depths import DepthComparison
from paper.studies.judged import NetworkJudgement
from paper.studies.statements import StatementResult
from store.db.text import ShortText
from store.runs.queue import Priority
from store.runs.states import Queue, Status
from trainer.examination import ExaminationKind, Views

Seeds = Annotated[int, Field(strict=True, ge=1, le=MOST_SEEDS)]
StudyStatus = Literal["queued", "running", "paused", "ended"]


class StudyModel(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class StudyCreate(RecipeOptions):
    """An experiment of the paper to run. What is left out is the paper's: its data, its whole schedule."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits"}]}
    )

    recipe: ShortText = Field(description="As `GET /api/v1/recipes` lists them.")
    name: ShortText | None = Field(default=None, description="Default: the recipe's title.")
    networks: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="Only these of the recipe's, by their labels: table-6 without its 1202 layers."
    )
    budget: Seeds | None = Field(
        default=None,
        description="The most seeds of a network. Whenever all runs have ended the planner adds as many as decide what "
        "is open, until nothing is, or the budget is spent. null: `seeds` stay.",
    )
    reuse: bool = Field(
        default=False,
        description="Take runs that succeeded before with the same spec, seed, data and trainer instead of new ones.",
    )
    priority: Priority = 0
    queue: Queue | None = Field(default=None, description="The kind of device its runs must have; null: any.")

    @field_validator("budget")
    @classmethod
    def _holds_the_seeds(cls, budget: int | None, info: ValidationInfo) -> int | None:
        seeds = info.data.get("seeds", 1)
        if budget is not None and budget < seeds:
            raise PydanticCustomError("budget", "budget must be at least seeds, {seeds}", {"seeds": seeds})
        return budget


class SeedsAdd(BaseModel):
    """More seeds of a study, after a look at its results."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    add: Seeds | None = Field(default=None, description="So many of every network; null: as the planner says.")
    budget: Seeds | None = Field(default=None, description="The study's budget, where it has none yet.")


class PlannedMember(StudyModel):
    label: str
    seed: int
    spec_hash: str
    predicted_s: float | None = Field(description="Seconds of training; null where nothing was measured here yet.")
    reuse: UUID | None = Field(description="A run that succeeded before with the same spec, seed, data and trainer.")


class StudyPlan(StudyModel):
    """What a study would be. Nothing is queued."""

    recipe: str
    title: str
    section: str
    options: RecipeOptions
    members: list[PlannedMember]
    runs: int = Field(description="Runs to train: without those that are reused where `reuse` is true.")
    reusable: int
    examinations: int = Field(description="What will be asked of the weights once all have trained.")
    device_hours: float | None = Field(description="Of training; null where nothing was measured here yet.")
    finishes_in_s: float | None = Field(description="Behind what waits already; null where that is not known.")
    predicted_from: str
    seed_plans: list[SeedPlan] = Field(description="What so many seeds decide, network by network.")
    counts: list[StudyCell] = Field(description="Layers, parameters and multiply-adds, beside the paper's.")
    claims: list[ClaimStatus] = Field(description="The paper's claims that it tests; `missing` says what each needs.")
    departures: list[Finding] = Field(description="Where it departs from the paper's experiment.")


class StudyProgress(StudyModel):
    runs: int
    by_status: dict[Status, int]
    iteration: int = Field(description="Of all runs together.")
    iterations: int
    deleted: int = Field(description="Members whose run was deleted.")
    examinations: int = Field(description="That the recipe asks of the runs that have succeeded.")
    examinations_succeeded: int = Field(description="Those that have succeeded.")


class StudySummary(StudyModel):
    id: UUID
    name: str
    owner: str
    recipe: str
    title: str
    section: str
    seeds: int = Field(description="Of each network at the start; more may have been added.")
    scale: float
    dataset: str
    budget: int | None
    looks: int = Field(description="How often seeds were added after a look.")
    settled_at: datetime | None = Field(
        description="When a look had no seeds to add; null: none has looked yet, or there is no budget."
    )
    created_at: datetime
    status: StudyStatus
    progress: StudyProgress


class StudyMember(StudyModel):
    label: str
    seed: int
    run: UUID | None = Field(description="null where it was deleted.")
    reused: bool
    tests: list[str] = Field(description="Keys of the paper's values, and `statement:…`.")
    status: Status | None
    iteration: int | None
    iterations: int | None
    train_error: float | None
    test_error: float | None


class StudyExamination(StudyModel):
    """`GET /api/v1/examinations/{id}` has all of it."""

    id: UUID | None = Field(description="null before it was asked for.")
    kind: ExaminationKind
    views: Views | None
    runs: list[UUID]
    status: Status | None
    message: str | None = Field(description="Why it failed, or why what it found does not count.")
    error: float | None
    top5_error: float | None


class Study(StudySummary):
    """A study and all that there is to say of it by now, whether it trains or has ended."""

    about: str
    kind: Kind
    protocol: Protocol | None = Field(description="How the paper measured the errors of this experiment.")
    finishes_in_s: float | None
    members: list[StudyMember]
    tables: list[PrintedTable] = Field(description="As printed; `cells` fill them.")
    figures: list[PrintedFigure]
    examinations: list[StudyExamination] = Field(description="What is asked of its weights once all have trained.")
    cells: list[StudyCell]
    statements: list[StatementResult] = Field(description="Numbers of the paper's text beside ours.")
    networks: list[NetworkJudgement]
    claims: list[ClaimStatus]
    depths: list[DepthComparison] = Field(description="Degradation, pair by pair of neighbouring depths.")
    departures: list[Finding] = Field(description="Where it departs from the paper's experiment.")


class SeedsAdded(StudyModel):
    study: StudySummary
    added: list[Addition]
