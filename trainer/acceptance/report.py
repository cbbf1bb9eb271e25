"""Owns the report of a check: one measurement per claim, and the machine on which it was made. Loads no torch."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

# A measurement without a bar is `measured`; one that this machine or these options leave out is `not run`.
Verdict = Literal["passed", "failed", "measured", "not run"]
NO_GPU = "not run here: no GPU"
NO_BAR = "–"
HEAD = "| what | measured | bar | verdict | reason |\n|---|---|---|---|---|"


class Measurement(BaseModel):
    """One claim about a machine. `topic` is the name that --only takes."""

    model_config = ConfigDict(frozen=True)

    topic: str
    what: str
    measured: str
    bar: str = NO_BAR
    verdict: Verdict
    reason: str

    def row(self) -> str:
        """The measurement as a row of a Markdown table."""
        return f"| {self.what} | {self.measured} | {self.bar} | {self.verdict} | {self.reason} |"


class LayerShare(BaseModel):
    """A kind of convolution, and how much of the matrix product's speed each of its passes reaches, from 0 to about 1.

    `input_gradient` is None for a network's first layer, which needs none.
    """

    model_config = ConfigDict(frozen=True)

    network: str
    layer: str
    count: int
    forward: float
    input_gradient: float | None
    weight_gradient: float


class Machine(BaseModel):
    """What a reader needs to compare two reports."""

    model_config = ConfigDict(frozen=True)

    device: str
    processor: str
    cores: int
    threads: int
    memory_bytes: int = Field(description="The device's memory.")
    load: float = Field(description="Processes that wanted to run in the minute before the check.")
    versions: dict[str, str]
    source: str = Field(description="The SHA-256 of the trainer's source files.")


class Report(BaseModel):
    """All measurements of one check."""

    model_config = ConfigDict(frozen=True)

    machine: Machine
    is_short: bool
    started_at: AwareDatetime
    seconds: float
    measurements: tuple[Measurement, ...]
    layers: tuple[LayerShare, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether no measurement failed."""
        return all(measurement.verdict != "failed" for measurement in self.measurements)

    def summary(self) -> str:
        """The verdicts, counted, in a sentence."""
        counts = dict.fromkeys(("passed", "failed", "measured", "not run"), 0)
        for measurement in self.measurements:
            counts[measurement.verdict] += 1
        return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) + "."

    def markdown(self) -> str:
        """The report as a page: machine, table of measurements, table of layers."""
        rows = [measurement.row() for measurement in self.measurements]
        parts = [self._machine(), "\n".join((HEAD, *rows)), self.summary()]
        return "\n\n".join([*parts, *([_layers(self.layers)] if self.layers else [])]) + "\n"

    def write(self, file: Path) -> None:
        """Write JSON if the file's name ends in .json, otherwise Markdown."""
        is_json = file.suffix == ".json"
        file.write_text(self.model_dump_json(indent=2) + "\n" if is_json else self.markdown(), encoding="utf-8")

    def _machine(self) -> str:
        machine = self.machine
        versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
        form = "short form" if self.is_short else "full form"
        when = self.started_at.astimezone(UTC)
        return (
            f"# Check of {machine.device}\n\n"
            f"- {form}, {when:%Y-%m-%d %H:%M} UTC, {self.seconds:.0f} s\n"
            f"- {machine.processor}, {machine.cores} cores, {machine.threads} threads, load {machine.load:.1f}; "
            f"the device has {machine.memory_bytes / 2**30:,.1f} GiB\n"
            f"- {versions}\n"
            f"- the trainer's source: {machine.source}"
        )


def _layers(layers: tuple[LayerShare, ...]) -> str:
    head = (
        "Convolutions, as a share of the matrix product's speed:\n\n"
        "| network | layer | times | forward | input gradient | weight gradient |\n|---|---|---|---|---|---|"
    )
    rows = (
        f"| {share.network} | {share.layer} | {share.count} | {share.forward:.2f} | "
        f"{'–' if share.input_gradient is None else f'{share.input_gradient:.2f}'} | {share.weight_gradient:.2f} |"
        for share in layers
    )
    return "\n".join((head, *rows))


def now() -> datetime:
    return datetime.now(UTC)
