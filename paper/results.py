"""Owns what a verdict or a claim knows about a run: its specification and the numbers it ended with.

The error at the last iteration and the error of the best checkpoint are different types, so that a type checker refuses
one for the other. The paper's errors are taken to be those at the end of training (assumption: the paper does not say).
Its "best" is the best of several runs, never of several evaluations on the test set.
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
    """Mean errors, percent, of consecutive buckets of `every` iterations. The first begins after iteration `start`."""

    model_config = ConfigDict(frozen=True)

    every: int = Field(ge=1)
    start: int = Field(default=0, ge=0)
    means: tuple[float, ...]

    @property
    def end(self) -> int:
        """The last iteration in the buckets."""
        return self.start + self.every * len(self.means)

    def within(self, start: int, end: int) -> tuple[float, ...]:
        """The buckets that lie entirely after `start` and not beyond `end`."""
        first = max(0, -(-(start - self.start) // self.every))
        return self.means[first : max(first, (end - self.start) // self.every)]


class RunResult(BaseModel):
    """A run, finished or in training. `last` is empty until the run has succeeded."""

    model_config = ConfigDict(frozen=True)

    spec: RunSpec
    last: dict[Protocol, LastError] = Field(default={}, description="Test or validation error at the last iteration.")
    last_top5: dict[Protocol, LastError] = Field(default={}, description="The same, top-5, from evaluations.")
    best: dict[Protocol, BestError] = Field(default={}, description="Error of the checkpoint chosen on validation.")
    train_error: float | None = Field(
        default=None, description="Training error at the end: the mean over the last tenth of the iterations."
    )
    train_errors: ErrorCurve | None = Field(default=None, description="Error of mini-batches, as in Fig. 1.")
    test_errors: ErrorCurve | None = Field(default=None, description="One bucket per evaluation.")
    responses: tuple[float, ...] | None = Field(
        default=None, description="Fig. 7: the standard deviation of each 3×3 layer's response, in network order."
    )


@dataclass(frozen=True)
class LastErrors:
    """Errors at the last iteration, percent, one for each seed, all measured in the same way."""

    values: tuple[LastError, ...]
    protocol: Protocol = "single view"

    @classmethod
    def of(cls, results: Iterable[RunResult], protocol: Protocol = "single view") -> Self:
        """The errors of the runs that have one."""
        return cls(tuple(result.last[protocol] for result in results if protocol in result.last), protocol)

    @classmethod
    def of_top5(cls, results: Iterable[RunResult], protocol: Protocol) -> Self:
        return cls(tuple(result.last_top5[protocol] for result in results if protocol in result.last_top5), protocol)

    @property
    def best_of_runs(self) -> LastError:
        """The paper's "best": the lowest of the runs' last errors. Raises ValueError if there are no runs."""
        return min(self.values)
