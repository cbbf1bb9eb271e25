"""How long a trainer may say nothing: one that hangs keeps its lease, and would keep its device for ever.

An iteration is told at the latest `log_every` iterations after it, so the pace so far says what is usual. Preparing the
data, the first points and an evaluation take longer, and tell nothing meanwhile.
"""

from trainer.events import Event, Steps
from trainer.spec import RunSpec

# Against the pace so far: a shared machine slows down several times.
_SLOWER = 10
# Preparing data or evaluating, against one iteration's limit.
_LONGER = 6
# One look counts for this much at most: neither an upload, nor an outage that was waited for, nor a time in which we
# stood still ourselves is the trainer's silence.
_LONGEST_LOOK_S = 1.0


class Silence:
    """Of one trainer. `look` at every turn of the loop, `hear` what it says, on either stream."""

    def __init__(self, spec: RunSpec, limit_s: float, now: float) -> None:
        self._spec, self._limit_s = spec, limit_s
        self._looked_at = now
        self._silent_s = 0.0
        self._longest_s: float | None = None  # between two events of points; None before the first
        self._since_points_s = 0.0
        self._evaluates = False

    def hear(self, event: Event | None = None) -> None:
        """An event, or None for a line of the log."""
        self._silent_s = 0.0
        if event is None:
            return
        self._evaluates = False
        if isinstance(event, Steps):
            self._longest_s = max(self._since_points_s, self._longest_s or 0.0)
            self._since_points_s = 0.0
            last = event.first + (len(event.loss) - 1) * event.every
            self._evaluates = last % self._spec.evaluate_every < event.every or last == self._spec.iterations

    def look(self, now: float) -> bool:
        """Whether it has been silent for too long; `now` is a monotonic clock's."""
        passed_s = min(now - self._looked_at, _LONGEST_LOOK_S)
        self._looked_at = now
        self._silent_s += passed_s
        self._since_points_s += passed_s
        return self._silent_s > self.limit_s

    @property
    def limit_s(self) -> float:
        if self._longest_s is None:
            return self._limit_s * max(_LONGER, self._spec.log_every)
        usual_s = max(self._limit_s, _SLOWER * self._longest_s)
        return usual_s * _LONGER if self._evaluates else usual_s
