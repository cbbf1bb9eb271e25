"""Owns what a verdict or a claim is given of a run: its specification and the numbers that it ended with.

An error at the last iteration and an error of the best checkpoint are two types, and lists of them are too: a type
checker refuses one where the other belongs. The paper's errors are taken as those at the end of training
(assumption: it does not say); its "best" is the best of several runs, never of several looks at the test set.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType, Self

from pydantic import BaseModel, ConfigDict, Field

from paper.protocols import Protocol
from trainer.spec import RunSpec

LastError = NewType("LastError", float)
BestError = NewType("BestError", float)


class ErrorCurve(BaseModel):
    """Mean errors, percent, of consecutive buckets of `every` iterations; the first begins after iteration `start`."""

    model_config = ConfigDict(frozen=True)

    every: int = Field(ge=1)
    start: int = Field(default=0, ge=0)
    means: tuple[float, ...]

    @property
    def end(self) -> int:
        """The last iteration that the buckets hold."""
        return self.start + self.every * len(self.means)

    def within(self, start: int, end: int) -> tuple[float, ...]:
        """The buckets that lie wholly after `start` and up to `end`."""
        first = max(0, -(-(start - self.start) // self.every))
        return self.means[first : max(first, (end - self.start) // self.every)]


class RunResult(BaseModel):
    """A run, finished or still training: `last` is empty until it has ended well."""

    model_config = ConfigDict(frozen=True)

    spec: RunSpec
    last: dict[Protocol, LastError] = Field(default={}, description="Test or validation error at the last iteration.")
    last_top5: dict[Protocol, LastError] = Field(default={}, description="The same, top-5: examinations measure it.")
    best: dict[Protocol, BestError] = Field(default={}, description="Of the checkpoint that validation chose.")
    train_error: float | None = Field(
        default=None, description="Training error at the end: the mean over the last tenth of the iterations."
    )
    train_errors: ErrorCurve | None = Field(default=None, description="The running error of mini-batches, as Fig. 1.")
    test_errors: ErrorCurve | None = Field(default=None, description="One bucket an evaluation.")
    responses: tuple[float, ...] | None = Field(
        default=None, description="Fig. 7: the deviation of each 3×3 layer's response, in the network's order."
    )


@dataclass(frozen=True)
class LastErrors:
    """Errors at the last iteration, percent, one a seed, all measured alike."""

    values: tuple[LastError, ...]
    protocol: Protocol = "single view"

    @classmethod
    def of(cls, results: Iterable[RunResult], protocol: Protocol = "single view") -> Self:
        """Those of the runs that have one."""
        return cls(tuple(result.last[protocol] for result in results if protocol in result.last), protocol)

    @classmethod
    def of_top5(cls, results: Iterable[RunResult], protocol: Protocol) -> Self:
        return cls(tuple(result.last_top5[protocol] for result in results if protocol in result.last_top5), protocol)

    @property
    def best_of_runs(self) -> LastError:
        """The paper's "best": the least of the runs' last errors. Raises ValueError where there is no run."""
        return min(self.values)
