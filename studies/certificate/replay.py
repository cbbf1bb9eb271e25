"""Whether a part of a run that was trained again came out as certified.

On the same kind of device every loss, test error and checkpoint must be the same bit for bit. Another kind of device
rounds sums in another order, and the difference grows with every iteration: there the first losses must agree to within
`TOLERANCES`, and later ones are not compared. `python -m benchmarks.audits` measures this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from studies.certificate.stretch import CannotReplay, Stretch, trainers_of
from trainer.events import Evaluated, Event, Saved, Started, Steps
from trainer.spec import RunSpec

# Of the first, second and third iteration's loss, relative, with a floor for small losses: at least 12 times the
# largest difference that was measured. After ten iterations honest losses differ by 4 % (docs/experiments.md).
TOLERANCES: Final = (0.001, 0.003, 0.01)
SMALL_LOSS: Final = 0.1
HORIZON: Final = len(TOLERANCES)
# The libraries whose version may change the last bits of a result.
LIBRARIES: Final = ("torch", "numpy", "pillow")

Outcome = Literal["identical", "within tolerance", "DIFFERS"]
Points = Mapping[int, tuple[float, float]]


@dataclass
class Replay:
    """What a trainer reports, by iteration: losses and errors, test errors (percent), and checkpoints' hashes."""

    started: Started | None = None
    points: dict[int, tuple[float, float]] = field(default_factory=dict)
    tests: dict[int, float] = field(default_factory=dict)
    checkpoints: dict[int, str] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Adds what the event reports."""
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, Steps):
            for index, point in enumerate(zip(event.loss, event.error, strict=True)):
                self.points[event.first + index * event.every] = point
        elif isinstance(event, Evaluated) and event.split == "test":
            self.tests[event.iteration] = event.error
        elif isinstance(event, Saved) and event.role == "checkpoint":
            self.checkpoints[event.iteration] = event.sha256


@dataclass(frozen=True)
class Comparison:
    """How a replay compares with the certificate. `sentences` are the evidence, the worst first."""

    outcome: Outcome
    sentences: list[str]


def certified_points(stretch: Stretch, curve: np.ndarray[tuple[int], np.dtype[np.void]]) -> Points:
    """The certified losses and errors of the stretch's iterations, from the records of studies/certificate/curve.py."""
    part = curve[(curve["iteration"] > stretch.start) & (curve["iteration"] <= stretch.end)]
    return {int(point["iteration"]): (float(point["loss"]), float(point["error"])) for point in part}


def compare(stretch: Stretch, certified: Points, replay: Replay) -> Comparison:
    """Raises CannotReplay if the stretch has no points, or the replay began elsewhere or did not reach the end."""
    if replay.started is None or not certified or certified.keys() - replay.points.keys():
        raise CannotReplay("The curve has no points in these iterations, or the trainer did not reach their end.")
    if replay.started.resumed_from != stretch.start:
        raise CannotReplay(f"The trainer can't use the checkpoint of iteration {stretch.start:,}.")
    reasons = _other_machine(stretch, replay.started)
    exact = _compare_exactly(stretch, certified, replay)
    if exact.outcome == "identical" or not reasons:
        return exact
    return _compare_roughly(stretch, certified, replay, f"this is another machine ({'; '.join(reasons)})")


def _compare_exactly(stretch: Stretch, certified: Points, replay: Replay) -> Comparison:
    differing = [i for i in sorted(certified) if not _is_equal(certified[i], replay.points[i])]
    tests = {test.iteration: test.error for test in stretch.run.tests if test.iteration in replay.tests}
    errors = {i: error == replay.tests[i] for i, error in tests.items() if stretch.start < i <= stretch.end}
    checkpoints = {i: sha256 == replay.checkpoints.get(i) for i, sha256 in _certified_checkpoints(stretch).items()}
    if not differing and all(errors.values()) and all(checkpoints.values()):
        evidence = [f"{_losses(len(certified))} bit for bit"]
        evidence += [f"the test error of iteration {i:,}" for i in errors]
        return Comparison("identical", evidence + [f"the weights and momentum of iteration {i:,}" for i in checkpoints])
    sentences = [_difference(i, certified[i], replay.points[i]) for i in differing[:1]]
    sentences += [
        f"iteration {i:,} has the test error {replay.tests[i]:.2f} % here, certified {tests[i]:.2f} %"
        for i in errors
        if not errors[i]
    ]
    sentences += [
        f"the weights and momentum of iteration {i:,} are not the certified ones"
        for i in checkpoints
        if not checkpoints[i]
    ]
    return Comparison("DIFFERS", sentences)


def _compare_roughly(stretch: Stretch, certified: Points, replay: Replay, elsewhere: str) -> Comparison:
    near = [i for i in sorted(certified) if i - stretch.start <= HORIZON]
    if not near:
        raise CannotReplay(f"Elsewhere, only the {HORIZON} iterations after a checkpoint can be compared; {elsewhere}.")
    drifts = {i: _drift(certified[i][0], replay.points[i][0]) for i in near}
    allowed = {i: TOLERANCES[i - stretch.start - 1] for i in near}
    for i, drift in drifts.items():
        if drift > allowed[i]:
            return Comparison("DIFFERS", [_difference(i, certified[i], replay.points[i]), elsewhere])
    most = ", then ".join(f"{100 * tolerance:.2g} %" for tolerance in allowed.values())
    agreement = f"{_losses(len(near))} to within {100 * max(drifts.values()):.2g} % (allowed: {most})"
    return Comparison("within tolerance", [agreement, elsewhere, "later losses and weights were not compared"])


def _certified_checkpoints(stretch: Stretch) -> dict[int, str]:
    """The hashes of the checkpoints that a replay saves as well.

    A stop may cut an evaluation short. The checkpoint that is saved then knows that, and a replay's does not.
    """
    run = stretch.run
    stops = {trainer["resumed_from"] for trainer in run.trainers}
    stops |= {run.iteration} if run.iteration < run.iterations else set()
    every = RunSpec.model_validate(run.spec).checkpoint_every
    return {
        checkpoint.iteration: checkpoint.sha256
        for checkpoint in run.checkpoints
        if stretch.start < checkpoint.iteration <= stretch.end
        and checkpoint.iteration not in stops
        and (checkpoint.iteration % every == 0 or checkpoint.iteration == run.iterations)
    }


def _is_equal(certified: tuple[float, float], replayed: tuple[float, float]) -> bool:
    """Curves are stored as float32."""
    return all(np.float32(ours) == np.float32(theirs) for ours, theirs in zip(certified, replayed, strict=True))


def _drift(certified: float, replayed: float) -> float:
    return abs(certified - replayed) / max(certified, SMALL_LOSS)


def _difference(iteration: int, certified: tuple[float, float], replayed: tuple[float, float]) -> str:
    if np.float32(certified[0]) == np.float32(replayed[0]):
        return (
            f"iteration {iteration:,} has the training error {replayed[1]:.4g} % here, certified {certified[1]:.4g} %"
        )
    return f"iteration {iteration:,} has the loss {replayed[0]:.6g} here, certified {certified[0]:.6g}"


def _other_machine(stretch: Stretch, here: Started) -> list[str]:
    """What differs between the machines that trained the stretch and this one; empty on the same kind of device."""
    ours = _machine(here)
    reasons: list[str] = []
    for body in trainers_of(stretch):
        theirs = _machine(Started.model_validate({name: body[name] for name in body.keys() & Started.model_fields}))
        reasons += [
            f"{name} {theirs[name]}, here {ours.get(name, 'none')}" for name in theirs if theirs[name] != ours.get(name)
        ]
    return list(dict.fromkeys(reasons))


def _machine(started: Started) -> dict[str, str]:
    """What decides the last bits of a result, by name; "unknown" where a run was trained before it was recorded."""
    libraries = {name: started.versions.get(name, "unknown") for name in LIBRARIES}
    common = {"device": started.device} | libraries | {"the trainer's source": (started.source or "unknown")[:12]}
    if started.device_kind == "gpu":
        return common
    return common | {"CPU": started.processor or "unknown", "threads": str(started.threads)}


def _losses(count: int) -> str:
    return "1 loss" if count == 1 else f"{count:,} losses"
