"""Twenty seconds of chaos, with a new seed each time. The long form is `make chaos`."""

import secrets
from pathlib import Path

import pytest

from tests.faults import chaos


@pytest.mark.long
@pytest.mark.usefixtures("warm")
@pytest.mark.timeout(900)
def test_chaos_neither_loses_nor_duplicates_nor_mixes_up_anything(tmp_path: Path) -> None:
    outcome = chaos.run(tmp_path, secrets.randbelow(10_000), seconds=20)
    print(outcome)
    outcome.history.write(tmp_path / "history.json")
    assert outcome.faults.total() >= 3
    assert not outcome.violations, f"python -m tests.faults.check {tmp_path}/history.json"
