"""The shapes of what the paper prints: tables of cells, values said in full, numbers of the text, figures, notes."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Printed(BaseModel):
    """Of the paper: frozen, and nothing in a file that a model does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(Printed):
    """Over several runs, in the unit of the value that stands before it: best (mean±std)."""

    mean: float
    std: float
    runs: int | None = Field(default=None, description="null where the paper does not say.")


class PrintedColumn(Printed):
    name: str
    metric: str
    protocol: str | None = Field(default=None, description="How it was measured: 10-crop, single view …")
    split: str | None = Field(default=None, description="The data that it was measured on.")
    unit: str | None = None
    decimals: int = Field(default=0, description="As many as the table prints.")


class PrintedCell(Printed):
    """A number, or the text that is printed in place of or around one."""

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
    """As printed; a row has no cell where the paper prints a dash."""

    number: int
    title: str
    section: str
    note: str | None = None
    columns: tuple[PrintedColumn, ...]
    rows: tuple[PrintedRow, ...]


class PrintedValue(Printed):
    """One number of a table, with all that a reader needs beside it."""

    key: str
    table: int
    row: str
    column: str
    metric: str
    protocol: str | None
    split: str | None
    unit: str | None
    network: str | None = Field(description="As a spec's name, such as `ResNet-56 A`; null for nets of others.")
    value: float = Field(description="The best of `spread.runs`, where there is a spread.")
    spread: Spread | None
    printed: str = Field(description="In the paper's form: one number, or best (mean±std).")
    notes: tuple[str, ...]

    @property
    def source(self) -> str:
        return f"Table {self.table}"


class Statement(Printed):
    """A number of the text; `text` says about, up to, above or below where the paper does."""

    id: str
    section: str
    text: str
    value: float | tuple[float, ...] | None = None
    unit: str | None = None


class Sentence(Printed):
    """Quoted, not retold."""

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
    training: Literal["thin", "dashed"] | None = Field(default=None, description="How training error is drawn.")
    bold: MainError | None = Field(default=None, description="Which error is drawn bold.")


class Inconsistency(Printed):
    """Where the paper and its own numbers disagree; `about` are keys of values and of statements."""

    text: str
    about: tuple[str, ...]


class Misreading(Printed):
    where: str
    reading: str
    paper: str


class Notes(Printed):
    inconsistencies: tuple[Inconsistency, ...]
    misreadings: tuple[Misreading, ...]
