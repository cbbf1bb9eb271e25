"""A spec from a command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from reslab import options

NOTHING: dict[str, Any] = {"file": None, "drops": None, "more": None}


def test_what_is_not_said_is_left_to_the_paper() -> None:
    assert options.spec({**NOTHING, "depth": 20, "shortcut": "A", "seed": None}) == {"depth": 20, "shortcut": "A"}


def test_drops_become_a_schedule_of_steps() -> None:
    made = options.spec({**NOTHING, "drops": "200,300"})
    assert made == {"schedule": {"kind": "steps", "at": [200, 300]}}


def test_no_drops_at_all_can_be_said() -> None:
    assert options.spec({**NOTHING, "drops": ""}) == {"schedule": {"kind": "steps", "at": []}}


def test_an_option_wins_over_the_file_and_set_wins_over_both(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({"depth": 20, "lr": 0.1, "seed": 1}))
    made = options.spec({**NOTHING, "file": file, "seed": 2, "more": ["lr=0.05", "warmup=null", "augment=none"]})
    assert made == {"depth": 20, "lr": 0.05, "seed": 2, "warmup": None, "augment": "none"}


def test_what_is_no_option_is_said_with_what_would_be(tmp_path: Path) -> None:
    lines, torn = tmp_path / "list.json", tmp_path / "torn.json"
    lines.write_text("[20]")
    torn.write_text('{"depth":')
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"drops": "32k"}, "--drops takes iterations with commas between"),
        ({"more": ["lr"]}, "--set takes FIELD=VALUE"),
        ({"file": lines}, "must hold a JSON object"),
        ({"file": torn}, "is no JSON"),
    )
    for given, told in wrong:
        with pytest.raises(ValueError, match=told):
            options.spec(NOTHING | given)
