"""Values that no column can hold: a run that reports one has diverged, and keeps the points before it."""

import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trainer.events import CURVE_FIELDS, POINT_FIELDS, SCORE_FIELDS, Event, Failed, TrainerEventKind, parse

_OUT_OF_RANGE = frozenset({"finite_number", "greater_than_equal", "less_than_equal"})


def read_events(line: bytes) -> list[Event]:
    """The event in a line. If one of its values is not a float32: the points before that value, then the failure.

    Raises pydantic.ValidationError if the line is not an event.
    """
    try:
        return [parse(line)]
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        if not all(map(_is_out_of_range, problems)):
            raise
    return _salvage(json.loads(line), [problem["loc"] for problem in problems])


def _is_out_of_range(problem: ErrorDetails) -> bool:
    """Its `loc` is (kind, field), or (kind, field, index) in a column."""
    return problem["type"] in _OUT_OF_RANGE and tuple(problem["loc"][:2]) in CURVE_FIELDS


def _salvage(body: dict[str, Any], locations: list[tuple[int | str, ...]]) -> list[Event]:
    kind = TrainerEventKind(body["kind"])
    if kind in SCORE_FIELDS:
        _, field = locations[0]
        name = f"{body['split']} {field}"
        return [_failure(name, body[str(field)], body["iteration"])]
    _, field, index = min(locations, key=lambda location: int(location[2]))
    value, count = body[str(field)][index], int(index)
    points = body | {name: body[name][:count] for name in POINT_FIELDS[kind]}
    before = [parse(json.dumps(points))] if count else []
    return [*before, _failure(str(field), value, body["first"] + count * body.get("every", 1))]


def _failure(name: str, value: float, iteration: int) -> Failed:
    return Failed(reason="diverged", message=f"{name} is {value} at iteration {iteration}", iteration=iteration)
