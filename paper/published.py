"""What the paper prints: every table, figure and number of its text, as data that stands once, in `data/*.json`.

The shape: `tables()` are as printed, rows of cells. `values()` is every cell that holds a number, said in full: its
table, row and column, its metric and protocol, `value` (errors are percent), `spread` where the paper gives one
(mean, std, runs), and `network`, which is what `RunSpec.name` calls that network ("plain-20", "ResNet-56 A"; None
for nets of others). So `values(network=spec.name)` is what a run can stand beside, `value(6, "ResNet-110", "error")`
is one cell, and `statement("warmup-lr")` a number of the text. A key names one for good: `table-6:ResNet-110:error`.
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
    """Raises KeyError where the paper has no such table."""
    return {table.number: table for table in tables()}[number]


def values(network: str | None = None, table: int | None = None) -> tuple[PrintedValue, ...]:
    """Every number of the tables; only those of one network (a spec's name) or of one table where that is given."""
    wanted = (value for value in _values().values() if network is None or value.network == network)
    return tuple(value for value in wanted if table is None or value.table == table)


def value(table: int, row: str, column: str) -> PrintedValue:
    """Raises KeyError where the paper prints no number there."""
    return named(f"table-{table}:{row}:{column}")


def named(key: str) -> PrintedValue:
    """The value of a key; raises KeyError where there is none."""
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


def statement(id: str) -> Statement:  # noqa: A002 (it is called that in the file)
    """Raises KeyError where there is none of that id."""
    return _statements()[id]


@cache
def _statements() -> dict[str, Statement]:
    return {statement.id: statement for statement in statements()}


def number(id: str) -> float:  # noqa: A002 (as above)
    """The one number of a statement; raises KeyError where there is no such statement."""
    (only,) = numbers(id)
    return only


def numbers(id: str) -> tuple[float, ...]:  # noqa: A002 (as above)
    """All numbers of a statement, such as the two drops of the rate."""
    value = statement(id).value
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


@cache
def sentences() -> tuple[Sentence, ...]:
    return TypeAdapter(tuple[Sentence, ...]).validate_json(read("sentences"))


def sentence(id: str) -> Sentence:  # noqa: A002 (as above)
    """What the paper says, quoted; raises KeyError where there is none of that id."""
    return _sentences()[id]


@cache
def _sentences() -> dict[str, Sentence]:
    return {sentence.id: sentence for sentence in sentences()}


@cache
def figures() -> tuple[PrintedFigure, ...]:
    """Those with curves: 1, 4, 6 and 7."""
    return TypeAdapter(tuple[PrintedFigure, ...]).validate_json(read("figures"))


@cache
def notes() -> Notes:
    return Notes.model_validate_json(read("notes"))


def read(name: str) -> str:
    """The text of a data file, wherever the package lies."""
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
    assert cell.value is not None  # noqa: S101 (for mypy: `_of` asked)
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
