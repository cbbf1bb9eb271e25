"""The short form of the table of faults: where other services fail first, once each. The rest: `make faults`."""

from collections.abc import Iterator

import pytest

from tests.faults import table
from tests.faults.faults import Fault
from tests.faults.stack import Stack

SHORT = [fault for fault in table.FAULTS if fault.in_short]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), s3=True) as running:
        yield running


@pytest.mark.parametrize("fault", SHORT, ids=[fault.name.replace(" ", "-") for fault in SHORT])
def test_the_promise_holds_when(fault: Fault, stack: Stack) -> None:
    """Safety only: recovery times are the command's, on a machine that does nothing else."""
    outcome = table.strike(fault, stack)
    if outcome.violations:
        print(stack.logs())
    assert not outcome.violations
