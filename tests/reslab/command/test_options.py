"""A specification from a command line."""

import json
from pathlib import Path

import pytest

from reslab.command import options
from reslab.command.options import SpecOptions


def test_a_field_that_is_left_out_is_left_to_the_paper() -> None:
    assert options.spec(depth=20, shortcut="A", seed=None) == {"depth": 20, "shortcut": "A"}


def test_drops_become_a_schedule_of_steps() -> None:
    assert options.spec(drops="200,300") == {"schedule": {"kind": "steps", "at": [200, 300]}}


def test_an_empty_list_of_drops_is_a_constant_learning_rate() -> None:
    assert options.spec(drops="") == {"schedule": {"kind": "steps", "at": []}}


def test_an_option_wins_over_the_file_and_set_wins_over_both(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({"depth": 20, "lr": 0.1, "seed": 1}))
    spec = options.spec(file=file, seed=2, fields=["lr=0.05", "warmup=null", "augment=none"])
    assert spec == {"depth": 20, "lr": 0.05, "seed": 2, "warmup": None, "augment": "none"}


def test_an_invalid_option_is_refused_with_what_is_allowed(tmp_path: Path) -> None:
    array, torn = tmp_path / "list.json", tmp_path / "torn.json"
    array.write_text("[20]")
    torn.write_text('{"depth":')
    invalid: tuple[tuple[SpecOptions, str], ...] = (
        ({"drops": "32k"}, "--drops takes iterations separated by commas"),
        ({"fields": ["lr"]}, "--set takes FIELD=VALUE"),
        ({"file": array}, "must hold a JSON object"),
        ({"file": torn}, "is not valid JSON"),
    )
    for line, message in invalid:
        with pytest.raises(ValueError, match=message):
            options.spec(**line)
