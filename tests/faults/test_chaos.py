"""Forty seconds of chaos, each time of another seed; `make chaos` is the long form."""

import secrets
from pathlib import Path

import pytest

from tests.faults import chaos


@pytest.mark.timeout(900)
def test_chaos_loses_doubles_and_mixes_up_nothing(tmp_path: Path) -> None:
    outcome = chaos.run(tmp_path, secrets.randbelow(10_000), seconds=40)
    print(outcome)
    outcome.taken.write(tmp_path / "history.json")
    assert outcome.faults.total() >= 5
    assert not outcome.violations, f"python -m tests.faults.check {tmp_path}/history.json"
