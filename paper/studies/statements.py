"""A number of the paper's text beside ours. No verdict: that a bound is kept is a claim, "about" is none."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from pydantic import Field

from paper import published
from paper.printed import Statement
from paper.studies.member import Frozen, Network
from paper.verdicts import in_its_form, report


class StatementResult(Frozen):
    """What the paper says of a network in words and a number."""

    statement: str = Field(description="Its id.")
    section: str
    text: str = Field(description="With its above, below or about.")
    theirs: str
    network: str = Field(description="The member's label.")
    ours: str = Field(description="As the text measures; empty before.")
    runs: int = Field(description="Runs behind ours.")


Read = Callable[[Network], tuple[str, int]]


def statement_results(networks: Sequence[Network]) -> tuple[StatementResult, ...]:
    """Of every network each number of the text that it tests, where a run shows one."""
    return tuple(_result(network, statement, read) for network in networks for statement, read in _tested(network))


def _tested(network: Network) -> Iterator[tuple[Statement, Read]]:
    for key in network.tests:
        kind, _, name = key.partition(":")
        if kind == "statement" and name in READ:
            yield published.statement(name), READ[name]


def _result(network: Network, statement: Statement, read: Read) -> StatementResult:
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


def _test_error(network: Network) -> tuple[str, int]:
    return report(network.errors), len(network.errors.values)


def _train_error(network: Network) -> tuple[str, int]:
    return in_its_form(network.train_errors), len(network.train_errors)


def _warmed_up(network: Network) -> tuple[str, int]:
    """Iterations at the warm-up's rate, the mean over the runs that have left it."""
    lengths = [member.warmed_up_at - 1 for member in network.members if member.warmed_up_at is not None]
    return (f"{fmean(lengths):.0f}" if lengths else ""), len(lengths)


READ: dict[str, Read] = {
    "plain-110-error": _test_error,
    "resnet-1202-train-error": _train_error,
    "warmup-length": _warmed_up,
}
