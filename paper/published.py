"""What the paper prints: every table, figure and number of its text, as data in `data/*.json`.

`tables()` are as printed: rows of cells. `values()` describes every cell that holds a number: its table, row, column,
metric and protocol, `value` (errors are percent), `spread` if the paper gives one (mean, std, runs), and `network`,
the name that `RunSpec.name` gives it ("plain-20", "ResNet-56 A"; None for other authors' networks). So
`values(network=spec.name)` is what a run can be compared with, `value(6, "ResNet-110", "error")` is one cell, and
`statement("warmup-lr")` a number of the text. A key such as `table-6:ResNet-110:error` names a value permanently.
"""

from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from paper.printed import (
    Notes,
    PrintedCell,
    PrintedColumn,
    PrintedFigure,
    PrintedRow,
    PrintedTable,
    PrintedValue,
    Sentence,
    Statement,
)


@cache
def tables() -> tuple[PrintedTable, ...]:
    """Tables 1 to 14, in order."""
    return TypeAdapter(tuple[PrintedTable, ...]).validate_json(read("tables"))


def table(number: int) -> PrintedTable:
    """Raises KeyError if the paper has no such table."""
    return {table.number: table for table in tables()}[number]


def values(network: str | None = None, table: int | None = None) -> tuple[PrintedValue, ...]:
    """Every number of the tables, or only those of one network (a spec's name) or of one table."""
    selected = (value for value in _values().values() if network is None or value.network == network)
    return tuple(value for value in selected if table is None or value.table == table)


def value(table: int, row: str, column: str) -> PrintedValue:
    """Raises KeyError if the paper prints no number there."""
    return named(f"table-{table}:{row}:{column}")


def named(key: str) -> PrintedValue:
    """The value with this key. Raises KeyError if there is none."""
    return _values()[key]


def printed(cell: PrintedCell, column: PrintedColumn) -> str:
    """In the paper's form: one number, or best (mean±std)."""
    if cell.text is not None or cell.value is None:
        return cell.text or ""
    text = f"{cell.value:.{column.decimals}f}"
    if cell.spread is None:
        return text
    return f"{text} ({cell.spread.mean:.{column.decimals}f}±{cell.spread.std:.{column.decimals}f})"


@cache
def statements() -> tuple[Statement, ...]:
    return TypeAdapter(tuple[Statement, ...]).validate_json(read("statements"))


def statement(id: str) -> Statement:  # noqa: A002 (the name in the file)
    """Raises KeyError if there is none with this id."""
    return _statements()[id]


@cache
def _statements() -> dict[str, Statement]:
    return {statement.id: statement for statement in statements()}


def number(id: str) -> float:  # noqa: A002 (as above)
    """The only number of a statement. Raises KeyError if there is no such statement."""
    (only,) = numbers(id)
    return only


def numbers(id: str) -> tuple[float, ...]:  # noqa: A002 (as above)
    """All numbers of a statement, such as the two drops of the learning rate."""
    value = statement(id).value
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


@cache
def sentences() -> tuple[Sentence, ...]:
    return TypeAdapter(tuple[Sentence, ...]).validate_json(read("sentences"))


def sentence(id: str) -> Sentence:  # noqa: A002 (as above)
    """A quoted sentence of the paper. Raises KeyError if there is none with this id."""
    return _sentences()[id]


@cache
def _sentences() -> dict[str, Sentence]:
    return {sentence.id: sentence for sentence in sentences()}


@cache
def figures() -> tuple[PrintedFigure, ...]:
    """The figures with curves: 1, 4, 6 and 7."""
    return TypeAdapter(tuple[PrintedFigure, ...]).validate_json(read("figures"))


@cache
def notes() -> Notes:
    return Notes.model_validate_json(read("notes"))


def read(name: str) -> str:
    """The text of a data file, wherever the package is installed."""
    return files("paper").joinpath("data", f"{name}.json").read_text(encoding="utf-8")


@cache
def _values() -> dict[str, PrintedValue]:
    return {value.key: value for table in tables() for value in _of(table)}


def _of(table: PrintedTable) -> list[PrintedValue]:
    columns = {column.name: column for column in table.columns}
    return [
        _value(table, row, columns[name], cell)
        for row in table.rows
        for name, cell in row.cells.items()
        if cell.value is not None
    ]


def _value(table: PrintedTable, row: PrintedRow, column: PrintedColumn, cell: PrintedCell) -> PrintedValue:
    assert cell.value is not None  # noqa: S101 (for mypy: `_of` checked it)
    key = f"table-{table.number}:{row.label}:{column.name}"
    doubts = (note.text for note in notes().inconsistencies if key in note.about)
    return PrintedValue(
        key=key,
        table=table.number,
        row=row.label,
        column=column.name,
        metric=column.metric,
        protocol=column.protocol,
        split=column.split,
        unit=column.unit,
        network=cell.network or row.network,
        value=cell.value,
        spread=cell.spread,
        printed=printed(cell, column),
        notes=tuple(note for note in (cell.note, *doubts) if note),
    )
