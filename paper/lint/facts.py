"""A result as the lint looks at it: a run that has ended, what it ran on, and the runs that stand beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from paper.lint.rule import Judged
from trainer.spec import RunSpec

# Which of a run's errors is quoted. The paper's is the network at the end of training.
Quoted = Literal["last", "best on validation", "best on test"]


@dataclass(frozen=True)
class Conditions:
    """What one attempt trained on, as its `started` event says."""

    device: str
    versions: Mapping[str, str]  # of python, torch, trainer …
    data_hash: str


@dataclass(frozen=True)
class Result(Judged):
    """Errors are percent. `conditions` has one entry an attempt; `neighbours` are the finished runs it is shown with.

    `warmed_up_at` is the iteration at which the warm-up ended, None where it has not or there is none; `forked_at` the
    iteration of another run's checkpoint that it started from, None where it started from nothing.
    """

    spec: RunSpec
    iteration: int
    test_error: float | None
    test_images: int | None
    conditions: Sequence[Conditions] = ()
    quoted: Quoted = "last"
    warmed_up_at: int | None = None
    forked_at: int | None = None
    neighbours: Sequence["Result"] = field(default=(), repr=False)

    def seeds(self) -> set[int]:
        """The seeds of this very experiment, this run's own included."""
        same = [each for each in self.neighbours if each.seedless == self.seedless]
        return {self.spec.seed, *(each.spec.seed for each in same)}

    @cached_property
    def seedless(self) -> RunSpec:
        """The specification but for the seed."""
        return self.spec.model_copy(update={"seed": 0})
