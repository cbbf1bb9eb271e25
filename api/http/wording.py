"""Refusals in words: pydantic's errors as one entry a field, each a sentence that says what is allowed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api.curves.patterns import SENTENCES
from api.http.schema import FieldError
from trainer.detection.spec import DATASET_PATTERN as ANNOTATED_PATTERN
from trainer.spec import DATASET_PATTERN
from trainer.tasks import TASKS

MOST = 100
# Consequences of another field's error: they add nothing.
SILENT = frozenset({"default_factory_not_called"})
# Pydantic adds the tag that chose a union's member to the location: no caller wrote it as a key.
TAGS = {"schedule": frozenset({"steps", "plateau"}), "spec": frozenset(TASKS)}
# A value longer than this is not repeated in the message.
LONGEST_VALUE = 50

# The error's type → what is allowed. `{…}` comes from the error's own context.
WORDS = {
    "missing": "is required",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a string",
    "string_unicode": "must not contain a lone surrogate",
    "string_too_short": "must have at least {min_length:character}",
    "string_too_long": "must have at most {max_length:character}",
    "string_pattern_mismatch": "{pattern}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length:entry}",
    "too_long": "must have at most {max_length:entry}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "union_tag_invalid": "must have the kind {expected_tags}, not '{tag}'",
    "union_tag_not_found": "must have a kind: 'steps' or 'plateau'",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "json_invalid": "is not valid JSON: {error}",
    "unclean_text": "must not contain NUL or a lone surrogate",
    "unprintable": "must be a single line of printable characters",
}
# Kinds whose message ends with the value that came: ", not 21".
WITH_VALUE = ("int_", "float_", "finite_", "bool_", "greater_", "less_", "literal_", "enum", "model_", "dict_", "list_",
              "tuple_", "uuid_", "string_type")  # fmt: skip
PATTERNS = {
    DATASET_PATTERN: "must consist of at most 64 lowercase letters, digits, '.', '_' and '-', and start with a letter "
    "or a digit",
    ANNOTATED_PATTERN: "must consist of at most 64 lowercase letters, digits, '.', '_', '+' and '-', and start with a "
    "letter or a digit",
    r"^[0-9a-f]{64}$": "must be a SHA-256: 64 hexadecimal digits in lower case",
    **SENTENCES,
}
PLURALS = {"character": "characters", "entry": "entries"}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """One entry per error, at most a hundred; a field may have several."""
    entries = [_field_error(error) for error in errors[:MOST] if error["type"] not in SILENT]
    return list(dict.fromkeys(entries))


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind, context, is_body = error["type"], error.get("ctx") or {}, error["loc"][0] == "body"
    field, entry = _location(error["loc"], kind)
    subject = _subject(field, entry if is_body else None)
    if kind == "extra_forbidden":
        message = f"{subject} is not a known {'field' if is_body else 'parameter'}"
    elif kind in WORDS:
        message = f"{subject} {WORDS[kind].format_map(_Context(context))}"
        if kind.startswith(WITH_VALUE):
            message += _value(error.get("input"), kind)
    else:
        message = str(error["msg"])
    return FieldError(field=field, message=_clean(_sentence(message)), allowed=_allowed(kind, context))


def _location(loc: Sequence[str | int], kind: str) -> tuple[str, int | None]:
    """The dotted field, and which entry of its list (from 1): ("body", "tags", 2) is ("tags", 3)."""
    if kind == "json_invalid":
        return "", None
    parts: list[str] = []
    entry = None
    for part in loc[1:]:
        if isinstance(part, int):
            entry = part + 1
        elif not (parts and part in TAGS.get(parts[-1], ())):
            parts.append(part)
    return _clean(".".join(parts)[:200]), entry


def _subject(field: str, entry: int | None) -> str:
    name = field.rpartition(".")[2] or "The body"
    return name if entry is None else f"Entry {entry} of {name}"


def _value(value: object, kind: str) -> str:
    """ ", not 0": the value that came, where it is short."""
    if isinstance(value, bytes):
        return ". Send it with Content-Type: application/json"
    if not (value is None or isinstance(value, str | int | float)):
        return ""
    if isinstance(value, int) and abs(value) > 2**64:  # Python refuses to print thousands of digits
        return ""
    if isinstance(value, str):
        text = value if kind.startswith(("greater", "less")) else f"'{value}'"  # a number of the query is a string
    else:
        text = f"{value:,}" if type(value) is int else json.dumps(value)
    return f", not {text}" if len(text) <= LONGEST_VALUE and text.isprintable() else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…", "?")) else f"{text}."


def _allowed(kind: str, context: Mapping[str, Any]) -> tuple[str, ...] | None:
    if kind not in ("literal_error", "enum"):
        return None
    return tuple(part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", "))


def _clean(text: str) -> str:
    """What was sent may come back in a message, so it must be UTF-8 again."""
    return text.encode("utf-8", "replace").decode()


class _Context(dict[str, Any]):
    """An error's own context, as the words of a sentence."""

    def __getitem__(self, key: str) -> object:
        value = self.get(key, "…")
        if key == "pattern":
            return PATTERNS.get(value, f"must match {value}")
        if key == "expected_tags":
            return value.replace(", ", " or ")
        return _Count(value) if isinstance(value, int | float) else value


class _Count:
    """10000 is "10,000", and with a noun as its format "10,000 characters"."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __format__(self, noun: str) -> str:
        number = f"{int(self._value):,}" if self._value == int(self._value) else f"{self._value:g}"
        return f"{number} {noun if self._value == 1 else PLURALS[noun]}" if noun else number
