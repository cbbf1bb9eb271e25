"""The paper over HTTP: its tables and figures as printed, its claims and inconsistencies, and the protocol's rules."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import Field

from api.http.problems import responses
from api.http.schema import Response
from paper import fields, lint, published, recipes, references
from paper.claims import CLAIMS, Claim
from paper.findings import Casualty, Severity
from paper.lint import detection
from paper.lint.detection.sources import DetectionSubject
from paper.lint.rule import Rule, Specification
from paper.printed import Inconsistency, Misreading, PrintedFigure, PrintedTable, PrintedValue, Sentence, Statement
from paper.references import Counts, Reimplementation
from store.db.errors import NotFound
from trainer.tasks import Task

router = APIRouter(prefix="/api/v1/paper", tags=["paper"])

Number = Annotated[int, InPath(ge=1, le=999)]


class TestedValue(PrintedValue):
    recipes: tuple[str, ...] = Field(description="The recipes that test this number, its own table's first.")

    @classmethod
    def of(cls, value: PrintedValue) -> "TestedValue":
        return cls(**value.model_dump(), recipes=recipes.that_test(value.key))


class ListedTable(PrintedTable):
    training: str = Field(description="Which of its numbers can be trained here, as a sentence.")

    @classmethod
    def of(cls, table: PrintedTable) -> "ListedTable":
        return cls(**table.model_dump(), training=recipes.training(table.number))


class PaperTable(Response):
    """A table as printed, and each of its numbers with its conditions."""

    table: ListedTable
    values: list[TestedValue]


class PaperTables(Response):
    items: list[ListedTable]


class TestedFigure(PrintedFigure):
    recipes: tuple[str, ...] = Field(description="The recipes that train the figure's networks.")

    @classmethod
    def of(cls, figure: PrintedFigure) -> "TestedFigure":
        names = (recipe.name for recipe in recipes.RECIPES.values() if figure.number in recipe.figures)
        return cls(**figure.model_dump(), recipes=tuple(names))


class PaperFigures(Response):
    items: list[TestedFigure]


class TestedStatement(Statement):
    recipes: tuple[str, ...] = Field(description="The recipes that test the statement; often empty.")

    @classmethod
    def of(cls, statement: Statement) -> "TestedStatement":
        return cls(**statement.model_dump(), recipes=recipes.that_test(f"statement:{statement.id}"))


class PaperText(Response):
    """The numbers in the text, the paper's inconsistencies, and common misreadings."""

    statements: list[TestedStatement]
    inconsistencies: list[Inconsistency]
    misreadings: list[Misreading]


class PaperReferences(Response):
    """References beside the paper's numbers: exact counts, and the results of other implementations."""

    counts: Counts
    reimplementations: list[Reimplementation]


class PaperClaim(Response):
    """A claim of the paper: its words, and the comparisons that test it."""

    id: str
    section: str
    quote: str
    sentence: str
    comparisons: list[str]
    networks: list[str] = Field(description="The networks, by their labels in the recipes.")
    recipes: list[str] = Field(description="The recipes whose runs test the claim.")
    untestable: str | None = Field(description="Why this service can't test the claim; null if it can.")


class PaperClaims(Response):
    items: list[PaperClaim]


class LintRule(Response):
    name: str
    looks_at: Literal["spec", "result"] = Field(description="A spec before it is queued, or an ended run's result.")
    severity: Severity
    demands: str
    sentences: list[Sentence] = Field(description="The paper's sentences; empty if it says nothing.")
    casualties: list[Casualty]


class LintRules(Response):
    items: list[LintRule]


class SpecField(Response):
    """A field of a specification, and the paper's sentences on it."""

    field: str
    about: str = Field(description="What the field means.")
    cifar: Sentence | None = Field(description="The paper's sentence for the networks of sec. 4.2, if any.")
    imagenet: Sentence | None = Field(description="The paper's sentence for the networks of Table 1, if any.")


class SpecFields(Response):
    items: list[SpecField]


@router.get("/tables", operation_id="list_paper_tables")
def list_tables() -> PaperTables:
    """Tables 1 to 14 as printed."""
    return PaperTables(items=list(map(ListedTable.of, published.tables())))


@router.get("/tables/{number}", operation_id="get_paper_table", responses=responses(404, 422))
def get_table(number: Number) -> PaperTable:
    """One table as printed, and each of its numbers."""
    tables = {table.number: table for table in published.tables()}
    if number not in tables:
        raise NotFound(f"The paper has no table {number}. Its tables are 1 to {max(tables)}.")
    values = [TestedValue.of(value) for value in published.values(table=number)]
    return PaperTable(table=ListedTable.of(tables[number]), values=values)


@router.get("/figures", operation_id="list_paper_figures")
def list_figures() -> PaperFigures:
    """The figures with error curves, and their axes. None of them prints a number."""
    return PaperFigures(items=[TestedFigure.of(figure) for figure in published.figures()])


@router.get("/text", operation_id="get_paper_text")
def get_text() -> PaperText:
    """The numbers in the paper's text, its inconsistencies, and common misreadings."""
    notes = published.notes()
    return PaperText(
        statements=[TestedStatement.of(statement) for statement in published.statements()],
        inconsistencies=list(notes.inconsistencies),
        misreadings=list(notes.misreadings),
    )


@router.get("/references", operation_id="get_paper_references")
def get_references() -> PaperReferences:
    """Exact counts, and the results of other implementations."""
    return PaperReferences(counts=references.counts(), reimplementations=list(references.reimplementations()))


@router.get("/fields", operation_id="list_spec_fields", responses=responses(422))
def list_spec_fields(task: Task = "classification") -> SpecFields:
    """Every field of a specification and of its parts: its meaning and, of a classifier's, the paper's sentences."""
    if task == "detection":
        described = fields.of_detection().items()
        return SpecFields(
            items=[SpecField(field=name, about=about, cifar=None, imagenet=None) for name, about in described]
        )
    return SpecFields(
        items=[
            SpecField(
                field=name,
                about=fields.about(name),
                cifar=fields.sentence(name, "cifar"),
                imagenet=fields.sentence(name, "imagenet"),
            )
            for name in fields.SENTENCES
        ]
    )


@router.get("/claims", operation_id="list_paper_claims")
def list_claims() -> PaperClaims:
    """The paper's claims. A study shows whether its runs support them."""
    return PaperClaims(items=[_claim(claim) for claim in CLAIMS])


@router.get("/lint", operation_id="list_lint_rules")
def list_lint_rules() -> LintRules:
    """The protocol's rules for specifications and results, with the paper's sentences and known casualties."""
    return LintRules(
        items=[
            *(_rule(rule, "spec") for rule in lint.RULES),
            *(_rule(rule, "spec") for rule in detection.RULES),
            *(_rule(rule, "result") for rule in lint.RESULT_RULES),
        ]
    )


def _claim(claim: Claim) -> PaperClaim:
    sentence = published.sentence(claim.quote)
    return PaperClaim(
        id=claim.id,
        section=sentence.section,
        quote=sentence.text,
        sentence=claim.sentence,
        comparisons=[part.sentence for part in claim.parts],
        networks=list(dict.fromkeys(net.label for part in claim.parts for net in part.nets)),
        recipes=list(claim.recipes),
        untestable=claim.untestable,
    )


def _rule(
    rule: Rule[Specification] | Rule[lint.Result] | Rule[DetectionSubject], looks_at: Literal["spec", "result"]
) -> LintRule:
    return LintRule(
        name=rule.name,
        looks_at=looks_at,
        severity=rule.severity,
        demands=rule.demands,
        sentences=rule.quotes,
        casualties=rule.listed_casualties,
    )
