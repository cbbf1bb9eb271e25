"""The short form of the table of faults: the most telling ones, once each. `make faults` strikes them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import table
from tests.faults.faults import Fault
from tests.faults.stack import Stack

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
SHORT = [fault for fault in table.FAULTS if fault.in_short]
# `make test` strikes a worker, the database and the broker; the others are long.
QUICK = ("worker killed with its trainer", "postgres killed", "broker killed with messages queued")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, warm: None) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), s3=True) as running:
        yield running


def test_the_page_on_reliability_lists_every_fault() -> None:
    rows = [line.split(" | ")[:2] for line in PAGE.read_text().partition("## The faults")[2].splitlines()]
    assert rows[4:] == [[f"| {fault.name}", fault.sentence] for fault in table.FAULTS]
    assert len(SHORT) == 10
    assert {fault.name for fault in SHORT} > set(QUICK)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name.replace(" ", "-"), marks=() if fault.name in QUICK else pytest.mark.long)
        for fault in SHORT
    ],
)
def test_the_promise_holds_when(fault: Fault, stack: Stack) -> None:
    """Checks safety only; `make faults` measures recovery times, on an otherwise idle machine."""
    outcome = table.strike(fault, stack)
    if outcome.violations:
        print(stack.logs())
    assert not outcome.violations
    if outcome.skipped:
        pytest.skip(outcome.skipped)
