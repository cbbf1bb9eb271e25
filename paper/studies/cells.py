"""A cell of the paper's table with our result: the printed number, ours in the same form, and the verdict."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from pydantic import Field, TypeAdapter

from paper import published
from paper.findings import Finding
from paper.power import LEVEL
from paper.printed import PrintedValue
from paper.protocols import Protocol
from paper.results import LastErrors, RunResult
from paper.studies.attrition import Attrition, MissingSeed, bounded
from paper.studies.member import Frozen, MemberResult, StudyNetwork
from paper.verdicts import Verdict, report, tested_against, verdict

# Counts that follow from the architecture, with the unit that the table prints.
COUNTS = {"layers": 1.0, "parameters": 1e6, "multiply-adds": 1e9}
ERRORS = ("test error", "top-1 error", "top-5 error")
STATEMENT = "statement:"


class StudyCell(Frozen):
    """One number of the paper that a network of the study tests."""

    key: str
    network: str = Field(description="The member's label.")
    theirs: str = Field(description="As printed.")
    ours: str = Field(description="In the paper's form: best (mean±std), one run's error, or a count; empty before.")
    runs: int = Field(description="The number of runs behind `ours`.")
    verdict: Verdict | None = Field(description="For errors; null for counts.")
    is_same: bool | None = Field(default=None, description="For counts: whether ours, rounded, is the paper's.")
    attrition: Attrition | None = Field(
        default=None,
        description="The seeds behind the verdict, and what became of the others; null for counts and imports.",
    )


Measure = Callable[[StudyNetwork, PrintedValue], LastErrors]


def cells(networks: Sequence[StudyNetwork], looks: int) -> tuple[StudyCell, ...]:
    """For every network, each number that it tests and that this service can measure."""
    return _cells(networks, looks, measured)


def _cells(networks: Sequence[StudyNetwork], looks: int, measure: Measure) -> tuple[StudyCell, ...]:
    return tuple(
        cell
        for network in networks
        for value in values(network.tests)
        if (cell := _cell(network, value, looks, measure)) is not None
    )


def values(tests: Iterable[str]) -> list[PrintedValue]:
    return [published.named(key) for key in tests if not key.startswith(STATEMENT)]


def error_value(tests: Iterable[str]) -> PrintedValue | None:
    """The error that a network is judged by; None if the paper prints none."""
    return next((value for value in values(tests) if value.metric in ERRORS), None)


def measured(network: StudyNetwork, value: PrintedValue) -> LastErrors:
    """Our last errors, measured as the value was; empty until the weights have been evaluated in that way."""
    protocol = _protocol(value.protocol)
    if value.metric == "top-5 error":
        return LastErrors.of_top5(network.succeeded, protocol)
    return LastErrors.of(network.succeeded, protocol)


def _measured_in_any_way(network: StudyNetwork, value: PrintedValue) -> LastErrors:
    """The same, or if there are none, the run's own errors, which then are not comparable."""
    ours = measured(network, value)
    return ours if ours.values or value.metric == "top-5 error" else network.errors


@cache
def _protocol(name: str | None) -> Protocol:
    return TypeAdapter[Protocol](Protocol).validate_python(name)


def _cell(network: StudyNetwork, value: PrintedValue, looks: int, measure: Measure) -> StudyCell | None:
    if value.metric in COUNTS:
        return _count(network, value)
    if value.metric not in ERRORS:
        return None
    ours = measure(network, value)
    missing = network.missing(lambda result: _is_measured(result, value, ours.protocol))
    return error_cell(ErrorQuestion(network.label, value, network.findings, looks), ours, missing)


class ErrorQuestion(NamedTuple):
    """An error that the paper prints, for the network or ensemble with this label."""

    label: str
    value: PrintedValue
    findings: Sequence[Finding]
    looks: int


def error_cell(question: ErrorQuestion, ours: LastErrors, missing: Sequence[MissingSeed]) -> StudyCell:
    """Our errors beside the paper's. `missing` are the seeds that have none."""
    conclusion = verdict(ours, question.value, question.findings, question.looks)
    theirs, level = tested_against(question.value), LEVEL / question.looks
    return StudyCell(
        key=question.value.key,
        network=question.label,
        theirs=question.value.printed,
        ours=report(ours),
        runs=len(ours.values),
        verdict=conclusion,
        attrition=bounded(ours.values, missing, conclusion.outcome, theirs, level),
    )


def _is_measured(result: RunResult, value: PrintedValue, protocol: Protocol) -> bool:
    return protocol in (result.last_top5 if value.metric == "top-5 error" else result.last)


def _count(network: StudyNetwork, value: PrintedValue) -> StudyCell:
    decimals = len(value.printed.partition(".")[2])
    ours = f"{_counted(network.members[0], value.metric) / COUNTS[value.metric]:.{decimals}f}"
    return StudyCell(
        key=value.key,
        network=network.label,
        theirs=value.printed,
        ours=ours,
        runs=len(network.members),
        verdict=None,
        is_same=ours == value.printed,
    )


def _counted(member: MemberResult, metric: str) -> int:
    match metric:
        case "layers":
            return member.weighted_layers
        case "parameters":
            return member.parameters
        case _:
            return member.multiply_adds


def count_cells(members: Sequence[MemberResult]) -> tuple[StudyCell, ...]:
    """Counts that follow from the architectures, before anything is trained, compared with the paper's."""
    networks = [StudyNetwork(member.label, (member,)) for member in members]
    return tuple(cell for cell in cells(networks, looks=1) if cell.verdict is None)


def cells_of_runs(members: Sequence[MemberResult], findings: Sequence[Finding]) -> tuple[StudyCell, ...]:
    """Runs of one network outside a study, compared with every number that the paper prints for it."""
    tests = tuple(value.key for value in published.values(network=members[0].spec.name))
    tested = tuple(member.model_copy(update={"tests": tests}) for member in members)
    return _cells([StudyNetwork(members[0].label, tested, tuple(findings))], 1, _measured_in_any_way)
