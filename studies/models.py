"""A study's request, plan and progress. The API answers with these models as they are."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from paper.claims import ClaimStatus
from paper.detection.recipes import DetectorChanges
from paper.findings import Finding
from paper.planner import SeedPlan
from paper.power import MOST_SEEDS
from paper.printed import PrintedFigure, PrintedTable
from paper.protocols import Protocol
from paper.recipes.recipe import Kind, RecipeOptions
from paper.studies import Addition, StudyCell
from paper.studies.claim_seeds import ClaimAttrition
from paper.studies.depths import DepthComparison
from paper.studies.judgement import DeletedNetwork, NetworkJudgement
from paper.studies.statements import StatementResult
from store.db.text import ShortText, Text
from store.runs.queue import Priority
from store.runs.states import Queue, Status
from studies.registration import RegistrationOutcome
from trainer.examination import ExaminationKind, Views

Seeds = Annotated[int, Field(strict=True, ge=1, le=MOST_SEEDS)]
StudyStatus = Literal["queued", "running", "paused", "ended"]


class StudyModel(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class RegistrationRequest(BaseModel):
    """Registers the study before its first run exists. Its claims, networks, seeds and stopping rule follow from the
    study's own options.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Annotated[Text, Field(min_length=1)] | None = Field(
        default=None, description="What the study is to answer. Default: what the recipe is about."
    )
    exclusion_rule: Annotated[Text, Field(min_length=1)] | None = Field(
        default=None, description="Which runs will not count, and why. Default: no run is excluded."
    )


class StudyCreate(RecipeOptions):
    """An experiment of the paper to run. Defaults are the paper's: its data set and its full schedule."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recipe": "figure-1", "seeds": 2, "scale": 0.005, "dataset": "digits"}]}
    )

    recipe: ShortText = Field(description="A name from `GET /api/v1/recipes`.")
    name: ShortText | None = Field(default=None, description="Default: the recipe's title.")
    networks: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="Labels of the networks to train, such as ResNet-20 A. Default: all of the recipe's."
    )
    budget: Seeds | None = Field(
        default=None,
        description="The most seeds per network. When all runs have ended, the planner adds as many as it expects to "
        "need, until everything is decided or the budget is used up. Default: no seeds are added.",
    )
    reuse: bool = Field(
        default=False,
        description="Reuse runs that succeeded with the same specification, seed, data, trainer source and libraries.",
    )
    registration: RegistrationRequest | None = Field(
        default=None, description="Registers the study before its first run exists; null: it is not registered."
    )
    detection: DetectorChanges | None = Field(
        default=None, description="For Tables 7 to 9: how the detectors differ from the paper's. Default: not at all."
    )
    project: ShortText = Field(default="default", description="The project of the study and its runs.")
    priority: Priority = 0
    queue: Queue | None = Field(default=None, description="The queue that its runs wait in; null: any.")

    @field_validator("budget")
    @classmethod
    def _holds_the_seeds(cls, budget: int | None, info: ValidationInfo) -> int | None:
        seeds = info.data.get("seeds", 1)
        if budget is not None and budget < seeds:
            raise PydanticCustomError("budget", "budget must be at least seeds ({seeds}).", {"seeds": seeds})
        return budget

    @field_validator("registration")
    @classmethod
    def _trains_all_of_its_runs(
        cls, registration: RegistrationRequest | None, info: ValidationInfo
    ) -> RegistrationRequest | None:
        if registration is not None and info.data.get("reuse"):
            raise PydanticCustomError(
                "registration", "A registered study trains all of its runs, so it can't reuse earlier ones."
            )
        return registration


class SeedsAdd(BaseModel):
    """Seeds to add to a study, after its results are known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    add: Seeds | None = Field(default=None, description="How many to add to every network; null: the planner decides.")
    budget: Seeds | None = Field(default=None, description="The study's budget, if it has none yet.")


class PlannedMember(StudyModel):
    label: str
    seed: int
    spec_hash: str
    predicted_s: float | None = Field(description="Seconds; null until a similar run has been measured here.")
    reuse: UUID | None = Field(
        description="A run that succeeded with the same specification, seed, data, trainer source and libraries."
    )


class StudyPlan(StudyModel):
    """The plan of a study. Nothing is queued."""

    recipe: str
    title: str
    section: str
    options: RecipeOptions
    members: list[PlannedMember]
    runs: int = Field(description="Runs to train, without those reused if `reuse` is true.")
    reusable: int
    examinations: int = Field(description="Examinations of the weights, requested once all have trained.")
    device_hours: float | None = Field(description="null until similar runs have been measured here.")
    finishes_in_s: float | None = Field(
        description="Seconds until all have ended, behind the waiting runs; null if unknown."
    )
    predicted_from: str
    seed_plans: list[SeedPlan] = Field(description="What this number of seeds can decide, network by network.")
    counts: list[StudyCell] = Field(description="Layers, parameters and multiply-adds, beside the paper's.")
    claims: list[ClaimStatus] = Field(description="Claims that it tests; `missing` says how many runs each needs.")
    departures: list[Finding] = Field(description="Where the study departs from the paper's experiment.")


class StudyProgress(StudyModel):
    runs: int
    by_status: dict[Status, int]
    iteration: int = Field(description="Iterations done, in all runs together.")
    iterations: int
    deleted: int = Field(description="Members whose run was deleted.")
    examinations: int = Field(description="Examinations that the recipe needs of the runs that have succeeded.")
    examinations_succeeded: int = Field(description="Examinations that have succeeded.")


class StudySummary(StudyModel):
    id: UUID
    name: str
    project: str
    owner: str
    recipe: str
    title: str
    section: str
    seeds: int = Field(description="Seeds per network at the start; more may have been added.")
    scale: float
    dataset: str
    budget: int | None
    looks: int = Field(description="How often seeds were added after looking at the results.")
    settled_at: datetime | None = Field(
        description="When the planner had no more seeds to add; null if that has not happened, or without a budget."
    )
    created_at: datetime
    status: StudyStatus
    progress: StudyProgress


class StudyMember(StudyModel):
    label: str
    seed: int
    run: UUID | None = Field(description="null if the run was deleted.")
    reused: bool
    tests: list[str] = Field(description="Keys of the paper's values and statements (`statement:…`) that it tests.")
    status: Status | None
    iteration: int | None
    iterations: int | None
    train_error: float | None
    test_error: float | None
    test_map: float | None = Field(description="For a detector.")


class StudyExamination(StudyModel):
    """An examination of the study's weights. `GET /api/v1/examinations/{id}` has its whole report."""

    id: UUID | None = Field(description="null before it was requested.")
    kind: ExaminationKind
    views: Views | None
    runs: list[UUID]
    status: Status | None
    message: str | None = Field(description="Why it failed, or why its result does not count.")
    error: float | None
    top5_error: float | None
    refine: bool | None = Field(default=None, description="For a detector's test: with box refinement and voting.")
    sides: list[int] = Field(default=[], description="For a detector's test: the sides of multi-scale testing.")
    map: float | None = Field(default=None, description="For a detector's test: its mAP, percent.")


class StudyRegistration(RegistrationOutcome):
    """What the study was registered with, and what departed from it since. `GET …/registration` has all of it."""

    registered_at: datetime
    question: str
    stopping_rule: str
    exclusion_rule: str
    sha256: str = Field(description="SHA-256 of the text that was signed.")
    fingerprint: str = Field(description="Of the key that signed it.")


class Study(StudySummary):
    """A study and everything that is known about it so far, during training or afterwards."""

    about: str
    kind: Kind | Literal["detect"] = Field(description="detect: detectors, each tested as it is trained.")
    protocol: Protocol | None = Field(description="How the paper measured the errors of this experiment.")
    finishes_in_s: float | None
    members: list[StudyMember]
    tables: list[PrintedTable] = Field(description="The paper's tables as printed; `cells` has the results for them.")
    figures: list[PrintedFigure]
    examinations: list[StudyExamination] = Field(description="Examinations of its weights, once all have trained.")
    cells: list[StudyCell]
    statements: list[StatementResult] = Field(description="Numbers of the paper's text with our results.")
    networks: list[NetworkJudgement]
    claims: list[ClaimStatus]
    claim_attrition: list[ClaimAttrition] = Field(description="The seeds that each claim rests on, network by network.")
    deleted_networks: list[DeletedNetwork] = Field(description="Networks of which every run was deleted.")
    depths: list[DepthComparison] = Field(description="Degradation, for each pair of neighbouring depths.")
    departures: list[Finding] = Field(description="Where the study departs from the paper's experiment.")
    registration: StudyRegistration | None = Field(description="null if the study was not registered.")
    provenance: list[str] = Field(
        description="What its verdicts must be read with: seeds added after a look, and runs from before the study."
    )


class SeedsAdded(StudyModel):
    study: StudySummary
    added: list[Addition]
