"""Numbers of the paper's text with our results. There is no verdict: a bound is tested as a claim, "about" is not."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from pydantic import Field

from paper import published
from paper.printed import Statement
from paper.studies.member import Frozen, StudyNetwork
from paper.verdicts import in_its_form, report


class StatementResult(Frozen):
    """A statement of the paper about a network, with a number, and our result."""

    statement: str = Field(description="The statement's id.")
    section: str
    text: str = Field(description="As in the paper, with above, below or about.")
    theirs: str
    network: str = Field(description="The member's label.")
    ours: str = Field(description="Measured as in the text; empty before there is a result.")
    runs: int = Field(description="The number of runs behind `ours`.")


Read = Callable[[StudyNetwork], tuple[str, int]]


def statement_results(networks: Sequence[StudyNetwork]) -> tuple[StatementResult, ...]:
    """For every network, each number of the text that it tests and that a run can measure."""
    return tuple(_result(network, statement, read) for network in networks for statement, read in _tested(network))


def _tested(network: StudyNetwork) -> Iterator[tuple[Statement, Read]]:
    for key in network.tests:
        kind, _, name = key.partition(":")
        if kind == "statement" and name in READ:
            yield published.statement(name), READ[name]


def _result(network: StudyNetwork, statement: Statement, read: Read) -> StatementResult:
    ours, runs = read(network)
    return StatementResult(
        statement=statement.id,
        section=statement.section,
        text=statement.text,
        theirs=f"{statement.value:g}{f' {statement.unit}' if statement.unit else ''}",
        network=network.label,
        ours=ours,
        runs=runs,
    )


def _test_error(network: StudyNetwork) -> tuple[str, int]:
    return report(network.errors), len(network.errors.values)


def _train_error(network: StudyNetwork) -> tuple[str, int]:
    return in_its_form(network.train_errors), len(network.train_errors)


def _warmed_up(network: StudyNetwork) -> tuple[str, int]:
    """Iterations at the warm-up's learning rate, as the mean over the runs whose warm-up has ended."""
    lengths = [member.warmed_up_at - 1 for member in network.members if member.warmed_up_at is not None]
    return (f"{fmean(lengths):.0f}" if lengths else ""), len(lengths)


READ: dict[str, Read] = {
    "plain-110-error": _test_error,
    "resnet-1202-train-error": _train_error,
    "warmup-length": _warmed_up,
}
