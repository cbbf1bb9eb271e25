"""Refusals in words: pydantic's errors as one entry a field that says what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.http.schema import FieldError

MOST = 100
# Follow-ups of another field's error: they tell nothing new.
SILENT = frozenset({"default_factory_not_called"})
# What stands in a location after a union's field: the tag that chose the member, which no caller wrote as a key.
TAGGED = {"schedule": frozenset({"steps", "plateau"})}

# The error's type → what is allowed there. `{…}` comes from the error's own context.
WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a sensible size",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a string",
    "string_unicode": "must hold no lone surrogate",
    "string_too_short": "must have at least {min_length} letters",
    "string_too_long": "must have at most {max_length} letters",
    "string_pattern_mismatch": "must match {pattern}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "union_tag_invalid": "must have a kind of {expected_tags}",
    "union_tag_not_found": "must say its kind: steps or plateau",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "json_invalid": "must be JSON: {error}",
    "unclean_text": "must hold no NUL and no lone surrogate",
    "unprintable": "must be one line of printable letters",
}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """One entry an error, the first hundred; several for one field stay several."""
    told = [_field_error(error) for error in errors[:MOST] if error["type"] not in SILENT]
    return list(dict.fromkeys(told))


def _field_error(error: Mapping[str, Any]) -> FieldError:
    field, entry = _place(error["loc"], error["type"])
    words = WORDS.get(error["type"])
    context = error.get("ctx") or {}
    if words is None:
        message = str(error["msg"])
    else:
        subject = _subject(field, entry)
        message = f"{subject} {words.format_map(_Context(context))}"
    return FieldError(field=field, message=_clean(message), allowed=_allowed(error["type"], context))


def _place(loc: Sequence[str | int], kind: str) -> tuple[str, int | None]:
    """The dotted field, and which entry of its list (from 1): ("body", "tags", 2) is ("tags", 3)."""
    if kind == "json_invalid":
        return "", None
    parts: list[str] = []
    entry = None
    for part in loc[1:]:
        if isinstance(part, int):
            entry = part + 1
        elif not (parts and part in TAGGED.get(parts[-1], ())):
            parts.append(part)
    return _clean(".".join(parts)[:200]), entry


def _subject(field: str, entry: int | None) -> str:
    name = field.rpartition(".")[2] or "the body"
    return name if entry is None else f"entry {entry} of {name}"


def _allowed(kind: str, context: Mapping[str, Any]) -> tuple[str, ...] | None:
    if kind not in ("literal_error", "enum"):
        return None
    return tuple(part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", "))


def _clean(text: str) -> str:
    """What was sent may come back in a message, so it must be UTF-8 again."""
    return text.encode("utf-8", "replace").decode()


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
