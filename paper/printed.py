"""The types of what the paper prints: tables of cells, values with their context, statements, figures, notes."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Printed(BaseModel):
    """Data of the paper: frozen, and a file may contain only known fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(Printed):
    """The spread over several runs, in the unit of the value it belongs to: best (mean±std)."""

    mean: float
    std: float
    runs: int | None = Field(default=None, description="null if the paper does not say.")


class PrintedColumn(Printed):
    name: str
    metric: str
    protocol: str | None = Field(default=None, description="How it was measured: 10-crop, single view …")
    split: str | None = Field(default=None, description="The data it was measured on.")
    unit: str | None = None
    decimals: int = Field(default=0, description="Decimals that the table prints.")


class PrintedCell(Printed):
    """A number, or the text printed instead of it or around it."""

    value: float | None = None
    text: str | None = None
    spread: Spread | None = None
    network: str | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_a_number(cls, cell: Any) -> Any:  # Any: what a JSON file may hold
        return {"value": cell} if isinstance(cell, int | float) else cell


class PrintedRow(Printed):
    label: str
    network: str | None = None
    cells: dict[str, PrintedCell]


class PrintedTable(Printed):
    """A table as printed. A row has no cell where the paper prints a dash."""

    number: int
    title: str
    section: str
    note: str | None = None
    columns: tuple[PrintedColumn, ...]
    rows: tuple[PrintedRow, ...]


class PrintedValue(Printed):
    """One number of a table, with everything a reader needs to interpret it."""

    key: str
    table: int
    row: str
    column: str
    metric: str
    protocol: str | None
    split: str | None
    unit: str | None
    network: str | None = Field(description="A spec's name, such as `ResNet-56 A`; null for other authors' networks.")
    value: float = Field(description="The best of `spread.runs` if there is a spread.")
    spread: Spread | None
    printed: str = Field(description="In the paper's form: one number, or best (mean±std).")
    notes: tuple[str, ...]

    @property
    def source(self) -> str:
        return f"Table {self.table}"


class Statement(Printed):
    """A number of the paper's text. `text` says about, up to, above or below where the paper does."""

    id: str
    section: str
    text: str
    value: float | tuple[float, ...] | None = None
    unit: str | None = None


class Sentence(Printed):
    """A sentence of the paper, quoted."""

    id: str
    section: str
    text: str


class PrintedAxis(Printed):
    label: str
    low: float
    high: float


MainError = Literal["val_error", "test_error"]


class PrintedFigure(Printed):
    """A figure of curves. The paper prints no number in any of them, only the axes."""

    number: int
    title: str
    section: str
    text: str
    networks: tuple[str, ...]
    panels: tuple[str, ...]
    x: PrintedAxis | None = None
    y: PrintedAxis | None = None
    preset: Literal["fig4", "fig6"] | None = Field(default=None, description="The form of charts that copies it.")
    dataset: str | None = Field(default=None, description="The data set of its runs, whose errors its y axis fits.")
    panel_networks: tuple[tuple[str, ...], ...] | None = Field(
        default=None, description="The networks of each panel; a network may be in several."
    )
    training: Literal["thin", "dashed"] | None = Field(default=None, description="How training error is drawn.")
    bold: MainError | None = Field(default=None, description="Which error is drawn bold.")


class Inconsistency(Printed):
    """Where the paper disagrees with itself. `about` lists keys of values and statements."""

    text: str
    about: tuple[str, ...]


class Misreading(Printed):
    where: str
    reading: str
    paper: str


class Notes(Printed):
    inconsistencies: tuple[Inconsistency, ...]
    misreadings: tuple[Misreading, ...]
