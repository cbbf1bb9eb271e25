"""A result as the protocol check reads it: a run that has ended, what it trained on, and the runs shown with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from paper.lint.rule import LintSubject
from trainer.spec import RunSpec

# Which of a run's errors is quoted. The paper quotes the error at the end of training.
Quoted = Literal["last", "best on validation", "best on test"]


@dataclass(frozen=True)
class Conditions:
    """What one attempt trained on, from its `started` event."""

    device: str
    versions: Mapping[str, str]  # of python, torch, trainer …
    data_hash: str
    source: str | None = None  # the digest of the trainer's source; None for a run of an earlier version


@dataclass(frozen=True)
class ForeignResult:
    """What is known of a result that was made elsewhere: the fields of its specification that nobody declared, whether
    its learning rates are recorded, and the iteration of its last test error."""

    unknown: frozenset[str]
    has_rates: bool
    tested_at: int | None


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The finished runs that are shown together, summed up once: a study of 2,000 runs is checked in linear time.

    A run may be among its own neighbours. It never differs from itself, so that changes no finding.
    """

    results: Sequence["Result"] = ()
    _values: dict[Callable[[Conditions], str | None], frozenset[str]] = field(default_factory=dict, repr=False)

    def values(self, read: Callable[[Conditions], str | None]) -> frozenset[str]:
        """What `read` finds in any attempt of any of them; `read` is a function of a module, not a lambda."""
        if read not in self._values:
            values = (read(conditions) for result in self.results for conditions in result.conditions)
            self._values[read] = frozenset(value for value in values if value is not None)
        return self._values[read]

    @cached_property
    def data_hashes(self) -> Mapping[str, set[str]]:
        """By the data set's name."""
        hashes: dict[str, set[str]] = {}
        for result in self.results:
            own = (conditions.data_hash for conditions in result.conditions)
            hashes.setdefault(result.spec.dataset, set()).update(own)
        return hashes

    @cached_property
    def seeds(self) -> Mapping[RunSpec, set[int]]:
        """By the specification without its seed."""
        seeds: dict[RunSpec, set[int]] = {}
        for result in self.results:
            seeds.setdefault(result.seedless, set()).add(result.spec.seed)
        return seeds


@dataclass(frozen=True)
class Result(LintSubject):
    """A run that has ended. Errors are percent.

    `conditions` has an entry for each attempt; `neighbours` are the finished runs shown with this one.
    `warmed_up_at` is the iteration at which the warm-up ended: None if it has not, or if there is none.
    `forked_at` is the iteration of the other run's checkpoint that this run started from: None if it started afresh.
    `foreign` is None for a run of this service.
    """

    spec: RunSpec
    iteration: int
    test_error: float | None
    test_images: int | None
    conditions: Sequence[Conditions] = ()
    quoted: Quoted = "last"
    warmed_up_at: int | None = None
    forked_at: int | None = None
    neighbours: Neighbours = field(default_factory=Neighbours, repr=False)
    foreign: ForeignResult | None = None

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of its specification that nobody declared; none for a run of this service."""
        return frozenset() if self.foreign is None else self.foreign.unknown

    def seeds(self) -> set[int]:
        """The seeds of the same experiment, including this run's."""
        return {self.spec.seed} | self.neighbours.seeds.get(self.seedless, set())

    @cached_property
    def seedless(self) -> RunSpec:
        """The specification with the seed set to 0."""
        return self.spec.model_copy(update={"seed": 0})
