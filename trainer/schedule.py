"""Owns the learning rate: the schedule's drops, and the warm-up that ends by the training error. Loads no torch.

Its state counts images in whole numbers, so that a resumed run makes the same decisions.
"""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from trainer.spec import PlateauSchedule, StepSchedule
from trainer.tasks import Spec

# The running training error that ends the warm-up is the mean over this many mini-batches, checked when they are
# complete: 2,560 images at the paper's batch size, so 80 % is known to ±0.8 points. The paper names no window.
WARMUP_WINDOW = 20


class Drop(NamedTuple):
    """The rate falls to `lr` after this iteration."""

    iteration: int
    lr: float


def planned_drops(spec: Spec) -> tuple[Drop, ...]:
    """Every drop that a step schedule plans; a plateau schedule plans none."""
    if not isinstance(spec.schedule, StepSchedule):
        return ()
    return tuple(Drop(at, _lowered(spec, _drops(spec, spec.schedule, at + 1))) for at in spec.schedule.at)


def _drops(spec: Spec, schedule: StepSchedule, iteration: int) -> int:
    """How often the rate has dropped before this iteration, since it last began again."""
    start = max((after for after in spec.restarts if after < iteration), default=0)
    return sum(start < at < iteration for at in schedule.at)


def _lowered(spec: Spec, drops: int) -> float:
    # Divided, as the paper says: 0.1 / 10 is 0.01, and 0.1 * 0.1 is not.
    return spec.lr / (1 / spec.schedule.factor) ** drops


class RateState(BaseModel):
    """Everything that the rate depends on besides the specification and the iteration."""

    model_config = ConfigDict(extra="forbid")

    warming: bool
    window_wrong: int = 0  # of the warm-up's window
    window_images: int = 0
    drops: int = 0  # of the plateau schedule
    best_error: float | None = None
    stalled: int = 0  # evaluations without a better error
    trained_wrong: int = 0  # since the last evaluation
    trained_images: int = 0


class Rate:
    """The learning rate of a run, iteration by iteration."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.state = RateState(warming=spec.warmup is not None)

    def at(self, iteration: int) -> float:
        """The rate of iteration `iteration` (from 1). The warm-up's iterations count towards the schedule."""
        if self.state.warming and self._spec.warmup:
            return self._spec.warmup.lr
        schedule = self._spec.schedule
        match schedule:
            case StepSchedule():
                drops = _drops(self._spec, schedule, iteration)
            case PlateauSchedule():
                drops = self.state.drops
        return _lowered(self._spec, drops)

    def needs_errors_at(self, iteration: int) -> bool:
        """True where the next rate depends on the training errors up to and including `iteration`."""
        return self.state.warming and iteration % WARMUP_WINDOW == 0

    def learn(self, iteration: int, wrong: int, images: int) -> None:
        """Add the mini-batches up to `iteration`, with `wrong` of `images` classified wrongly."""
        state = self.state
        state.trained_wrong += wrong
        state.trained_images += images
        if not state.warming:
            return
        state.window_wrong += wrong
        state.window_images += images
        if iteration % WARMUP_WINDOW == 0:
            self._end_warmup_below_threshold()

    def _end_warmup_below_threshold(self) -> None:
        state, warmup = self.state, self._spec.warmup
        if warmup and 100 * state.window_wrong < warmup.until_train_error * state.window_images:
            state.warming = False
        state.window_wrong = state.window_images = 0

    def observe(self, val_error: float | None) -> None:
        """Add an evaluation. Without a validation set the plateau is that of the training error since the previous
        evaluation: the test error is reported, but decides nothing.
        """
        state, schedule = self.state, self._spec.schedule
        train_error = 100 * state.trained_wrong / state.trained_images if state.trained_images else 100.0
        error = train_error if val_error is None else val_error
        state.trained_wrong = state.trained_images = 0
        if not isinstance(schedule, PlateauSchedule):
            return
        if state.best_error is None or error < state.best_error - schedule.threshold:
            state.best_error, state.stalled = error, 0
            return
        state.stalled += 1
        if state.stalled >= schedule.patience:
            state.drops, state.stalled = state.drops + 1, 0
