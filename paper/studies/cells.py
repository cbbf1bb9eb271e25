"""A cell of the paper's table beside ours: its number as printed, ours in the same form, and the verdict."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from paper import published
from paper.findings import Finding
from paper.printed import Value
from paper.results import LastErrors
from paper.studies.member import Frozen, Network, Trained
from paper.verdicts import Verdict, report, verdict

# What follows from the architecture, in the unit that the table prints.
COUNTS = {"layers": 1.0, "parameters": 1e6, "multiply-adds": 1e9}
ERRORS = ("test error", "top-1 error", "top-5 error")
STATEMENT = "statement:"


class Cell(Frozen):
    """One number of the paper that a network of the study tests."""

    key: str
    network: str = Field(description="The member's label.")
    theirs: str = Field(description="As printed.")
    ours: str = Field(description="In the paper's form: best (mean±std), a lone run's error, a count; empty before.")
    runs: int = Field(description="Runs behind ours.")
    verdict: Verdict | None = Field(description="On errors; a count is the same or it is not.")
    is_same: bool | None = Field(default=None, description="Of a count: rounded as the paper rounds, it is theirs.")


def cells(networks: Sequence[Network], looks: int) -> tuple[Cell, ...]:
    """Of every network each number that it tests and that this service can put a number beside."""
    return tuple(
        cell
        for network in networks
        for value in values(network.tests)
        if (cell := _cell(network, value, looks)) is not None
    )


def values(tests: Iterable[str]) -> list[Value]:
    return [published.named(key) for key in tests if not key.startswith(STATEMENT)]


def error_value(tests: Iterable[str]) -> Value | None:
    """The error that a network is judged by; None where the paper prints none."""
    return next((value for value in values(tests) if value.metric in ERRORS), None)


def measured(network: Network, value: Value) -> LastErrors:
    """Our last errors beside a value: none where it is a top-5 error, as those are not kept of a run."""
    return LastErrors((), network.errors.protocol) if value.metric == "top-5 error" else network.errors


def _cell(network: Network, value: Value, looks: int) -> Cell | None:
    if value.metric in COUNTS:
        return _count(network, value)
    return _error(network, value, looks) if value.metric in ERRORS else None


def _error(network: Network, value: Value, looks: int) -> Cell:
    ours = measured(network, value)
    return Cell(
        key=value.key,
        network=network.label,
        theirs=value.printed,
        ours=report(ours),
        runs=len(ours.values),
        verdict=verdict(ours, value, network.findings, looks),
    )


def _count(network: Network, value: Value) -> Cell:
    decimals = len(value.printed.partition(".")[2])
    ours = f"{_counted(network.members[0], value.metric) / COUNTS[value.metric]:.{decimals}f}"
    return Cell(
        key=value.key,
        network=network.label,
        theirs=value.printed,
        ours=ours,
        runs=len(network.members),
        verdict=None,
        is_same=ours == value.printed,
    )


def _counted(member: Trained, metric: str) -> int:
    match metric:
        case "layers":
            return member.weighted_layers
        case "parameters":
            return member.parameters
        case _:
            return member.multiply_adds


def alone(member: Trained, findings: Sequence[Finding]) -> tuple[Cell, ...]:
    """A run by itself beside every number of its network."""
    tests = tuple(value.key for value in published.values(network=member.spec.name))
    network = Network(member.label, (member.model_copy(update={"tests": tests}),), tuple(findings))
    return cells([network], looks=1)
