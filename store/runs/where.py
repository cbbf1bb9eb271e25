"""A condition on a column of the list, as a user types it: test_error < 7, lr=0.1, created_at>=2026-11-24."""

import json
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, literal, or_

from store.db.errors import Refused
from store.runs.columns import COLUMNS, COMPARED, Column

Value = int | float | bool | str | date | datetime

# Longer operators first, or <= would be read as < and a value that begins with "=".
OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": lambda column, value: column.is_distinct_from(value),
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(rf"\s*(\w+?)\s*(==|{'|'.join(OPERATORS)})\s*(.+?)\s*", re.ASCII)
_LARGEST = 2**63 - 1
_ALLOWED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    datetime: "a day such as 2026-11-24 or a time such as 2026-11-24T18:00Z",
}


@dataclass(frozen=True)
class Condition:
    """A run without a value in the column meets only `!=`. A day stands for all its times, in UTC."""

    column: str
    operator: str
    value: Value

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Parses COLUMN OPERATOR VALUE, spaces allowed between them. Raises Refused, which says what is allowed."""
        match = _CONDITION.fullmatch(text)
        if match is None:
            symbols = " ".join(sorted(OPERATORS))
            raise Refused(
                "where", f"where must be a column, an operator ({symbols}) and a value, as in test_error<7, not {text}."
            )
        name, symbol, value = match[1], "=" if match[2] == "==" else match[2], match[3]
        if name not in COMPARED:
            raise Refused("where", f"where can't compare {name}. It can compare {', '.join(sorted(COMPARED))}.")
        column = COMPARED[name]
        if column.kind in (str, bool) and symbol not in ("=", "!="):
            raise Refused("where", f"{name} can only be compared with = or !=, not with {symbol}.")
        try:
            return cls(name, symbol, _read(column, value))
        except (ValueError, OverflowError) as error:
            allowed = f"one of {', '.join(column.choices)}" if column.choices else _ALLOWED[column.kind]
            raise Refused("where", f"{name} must be compared with {allowed}, not with {value}.") from error

    def holds(self) -> ColumnElement[bool]:
        column = COLUMNS[self.column].value
        if isinstance(self.value, date) and not isinstance(self.value, datetime):
            return _on_day(column, self.operator, self.value)
        # The number may exceed its column's range. An index on integers works with a bigint, too.
        kind = BigInteger() if isinstance(self.value, int) and not isinstance(self.value, bool) else column.type
        return OPERATORS[self.operator](column, literal(self.value, kind))


def _read(column: Column, text: str) -> Value:
    """Raises ValueError or OverflowError if the text isn't a value of the column's kind."""
    if column.kind is str:
        if column.choices and text not in column.choices:
            raise ValueError(text)
        return text
    return _time(text) if column.kind is datetime else _number_or_boolean(column.kind, json.loads(text))


def _number_or_boolean(kind: type[object], value: object) -> float | bool:
    """JSON's true isn't a number here, and its Infinity can't be compared."""
    if isinstance(value, bool):
        if kind is bool:
            return value
    elif kind is int and isinstance(value, int) and abs(value) <= _LARGEST:
        return value
    elif kind is float and isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    raise ValueError(value)


def _time(text: str) -> date | datetime:
    """A time without an offset is in UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=instant.tzinfo or UTC)
    day + timedelta(days=1)  # raises if there is no next day, which `_on_day` needs
    return day


def _on_day(column: Any, symbol: str, day: date) -> ColumnElement[bool]:
    """Compares ranges of times, which can use an index; the day itself would be an expression on every row."""
    start = datetime.combine(day, time(), UTC)
    before, after = column < start, column >= start + timedelta(days=1)
    ranges: dict[str, ColumnElement[bool]] = {
        "<": before,
        "<=": ~after,
        ">": after,
        ">=": ~before,
        "=": and_(~before, ~after),
        "!=": or_(column.is_(None), before, after),
    }
    return ranges[symbol]
