"""Which part of a certified run an audit trains again: requested, or drawn at random."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from studies import detection
from studies.certificate.contents import CertifiedCheckpoint, CertifiedMember, CertifiedRun


class CannotReplay(ValueError):
    """This audit can't be made. The message says what is missing."""


@dataclass(frozen=True)
class Stretch:
    """The iterations `start` + 1 to `end` of a run. `checkpoint` is None if they begin with the seed."""

    member: CertifiedMember
    run: CertifiedRun
    start: int
    end: int
    checkpoint: CertifiedCheckpoint | None


def auditable(members: Iterable[CertifiedMember]) -> dict[int, tuple[CertifiedMember, CertifiedRun, list[int]]]:
    """The runs that can be trained again, with their starting points, by their number in the certificate from 1."""
    return {
        number: (member, member.run, starts)
        for number, member in enumerate(members, 1)
        if member.run is not None and member.run.curve is not None and (starts := _starts(member.run))
    }


def refuse_detectors(recipe: str) -> None:
    """Raises CannotReplay for a study of detectors, whose losses an audit doesn't compare."""
    if recipe in detection.RECIPES:
        raise CannotReplay(f"{recipe} trains detectors, and an audit trains classifiers only.")


def find(members: Sequence[CertifiedMember], run: int, start: int, iterations: int) -> Stretch:
    """The stretch from the nearest starting point at or before `start`, to `iterations` after `start`.

    `run` is its number in the certificate, from 1. Raises CannotReplay.
    """
    runs = auditable(members)
    if run not in runs:
        numbers = ", ".join(map(str, runs)) or "none"
        raise CannotReplay(f"{run} is not the number of a run that can be trained again. The runs that can: {numbers}.")
    member, certified, starts = runs[run]
    if not 0 <= start < certified.iteration:
        raise CannotReplay(f"The run has {certified.iteration:,} iterations, so none follows iteration {start:,}.")
    earlier = [candidate for candidate in starts if candidate <= start]
    if not earlier:
        raise CannotReplay(f"This run is a fork, and the certificate includes none of its checkpoints up to {start:,}.")
    return _stretch(member, certified, earlier[-1], start + iterations)


def draw(members: Sequence[CertifiedMember], seed: int, iterations: int) -> Stretch:
    """A run and one of its iterations, drawn from the seed: the same ones each time from the same certificate.

    Each iteration is as likely as another, so that a signer can't know which parts will never be drawn. Raises
    CannotReplay if no run can be trained again.
    """
    runs = list(auditable(members).values())
    if not runs:
        raise CannotReplay("No run of this certificate can be trained again: each is missing, a fork, or has no curve.")
    drawn = random.Random(seed)  # noqa: S311 (repeatable; the command draws the seed itself from `secrets`)
    member, run, starts = drawn.choice(runs)
    iteration = drawn.randrange(starts[0], run.iteration)
    return _stretch(member, run, max(start for start in starts if start <= iteration), iteration + iterations)


def next_checkpoint(stretch: Stretch) -> int | None:
    """The run's next certified checkpoint after the stretch, if none is within it."""
    later = [c.iteration for c in stretch.run.checkpoints if c.iteration > stretch.start]
    return later[0] if later and later[0] > stretch.end else None


def trainers_of(stretch: Stretch) -> Iterator[dict[str, Any]]:  # Any: a `started` event
    """The `started` events of the processes that trained some of these iterations."""
    trainers = stretch.run.trainers
    for index, trainer in enumerate(trainers):
        until = trainers[index + 1]["resumed_from"] if index + 1 < len(trainers) else stretch.run.iteration
        if trainer["resumed_from"] < stretch.end and until > stretch.start:
            yield trainer


def _starts(run: CertifiedRun) -> list[int]:
    from_seed = [0] if run.parent_iteration is None else []
    included = sorted(checkpoint.iteration for checkpoint in run.checkpoints if checkpoint.file is not None)
    return [start for start in from_seed + included if 0 <= start < run.iteration]


def _stretch(member: CertifiedMember, run: CertifiedRun, start: int, end: int) -> Stretch:
    checkpoint = next((c for c in run.checkpoints if c.iteration == start), None)
    return Stretch(member, run, start, min(end, run.iteration), checkpoint)
