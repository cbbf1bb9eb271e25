"""Values that no column can hold: a run that tells of one has diverged, and keeps the points before it."""

import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trainer.events import CURVE_FIELDS, Event, Failed, parse

_OUT_OF_RANGE = frozenset({"finite_number", "greater_than_equal", "less_than_equal"})


def understood(line: bytes) -> list[Event]:
    """The event of a line; where a value of it is no float32, what can be kept of it and the failure.

    Raises pydantic.ValidationError where the line is no event.
    """
    try:
        return [parse(line)]
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False)
        if not all(map(_is_unfit, wrong)):
            raise
    return _kept_and_failed(json.loads(line), [each["loc"] for each in wrong])


def _is_unfit(wrong: ErrorDetails) -> bool:
    """Its place is (kind, field), and in a column the number behind that."""
    return wrong["type"] in _OUT_OF_RANGE and tuple(wrong["loc"][:2]) in CURVE_FIELDS


def _kept_and_failed(told: dict[str, Any], places: list[tuple[int | str, ...]]) -> list[Event]:
    if told["kind"] == "evaluated":
        _, field = places[0]
        name = f"{told['split']} {field}"
        return [_failed(name, told[str(field)], told["iteration"])]
    _, field, place = min(places, key=lambda found: int(found[2]))
    value, place = told[str(field)][place], int(place)
    kept = told | {name: told[name][:place] for name in ("loss", "error", "lr")}
    before = [parse(json.dumps(kept))] if place else []
    return [*before, _failed(str(field), value, told["first"] + place * told.get("every", 1))]


def _failed(name: str, value: float, iteration: int) -> Failed:
    return Failed(reason="diverged", message=f"{name} is {value} at iteration {iteration}", iteration=iteration)
