"""How long a trainer may be silent: one that hangs keeps its lease, and would block its device forever.

An iteration is reported at most `log_every` iterations later, so the pace so far tells what is usual. Preparing the
data, the first points and an evaluation take longer and report nothing meanwhile.
"""

from trainer.events import Event, Points
from trainer.tasks import Spec

# Times the slowest pace so far: a shared machine may become several times slower.
_SLOWER = 10
# Times the limit of one iteration, for preparing data and for evaluating.
_LONGER = 6
# The most that the time between two checks counts: an upload, an outage, or a worker that was stopped itself is not
# the trainer's silence.
_LONGEST_GAP_S = 1.0


class Silence:
    """One trainer's silence. Call `check` in every turn of the loop and `hear` for each event or log line."""

    def __init__(self, spec: Spec, limit_s: float, now: float) -> None:
        self._spec, self._limit_s = spec, limit_s
        self._checked_at = now
        self._silent_s = 0.0
        self._longest_s: float | None = None  # between two events of points; None before the first
        self._since_points_s = 0.0
        self._evaluates = False

    def hear(self, event: Event | None = None) -> None:
        """Ends the silence. `event` is None for a line of the log."""
        self._silent_s = 0.0
        if event is None:
            return
        self._evaluates = False
        if isinstance(event, Points):
            self._longest_s = max(self._since_points_s, self._longest_s or 0.0)
            self._since_points_s = 0.0
            last = event.first + (len(event.loss) - 1) * event.every
            self._evaluates = last % self._spec.evaluate_every < event.every or last == self._spec.iterations

    def check(self, now: float) -> bool:
        """Whether the trainer has been silent for too long. `now` is from a monotonic clock."""
        passed_s = min(now - self._checked_at, _LONGEST_GAP_S)
        self._checked_at = now
        self._silent_s += passed_s
        self._since_points_s += passed_s
        return self._silent_s > self.limit_s

    @property
    def limit_s(self) -> float:
        if self._longest_s is None:
            return self._limit_s * max(_LONGER, self._spec.log_every)
        usual_s = max(self._limit_s, _SLOWER * self._longest_s)
        return usual_s * _LONGER if self._evaluates else usual_s
