"""What a fork may change has the bounds of a run's specification, and is exactly what its checkpoint allows."""

from typing import Any

from api.runs.schema import ForkChanges
from trainer.spec import CHANGEABLE, RunSpec


def test_a_fork_may_change_what_its_checkpoint_allows() -> None:
    assert set(ForkChanges.model_fields) == set(CHANGEABLE)


def test_the_bounds_of_a_change_are_those_of_the_specification() -> None:
    changes, spec = bounds(ForkChanges.model_json_schema()), bounds(RunSpec.model_json_schema())
    assert changes == {name: spec[name] for name in CHANGEABLE}


def bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """Each field's JSON schema, without null, words and defaults."""
    words = {"title", "description", "default"}
    plain = {}
    for name, field in schema["properties"].items():
        options = [option for option in field.pop("anyOf", ()) if option != {"type": "null"}]
        merged = {**field, **(options[0] if len(options) == 1 else {})}
        plain[name] = {key: value for key, value in merged.items() if key not in words}
    return plain
