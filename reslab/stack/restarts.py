"""When a dead child is started again, and when that is given up."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

# A child that lives this long has recovered: its next death is its first again.
_RECOVERED_S = 60.0
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass
class Restarts:
    """The deaths in a row of each child, and when each is due to be started again."""

    pauses_s: Sequence[float] = PAUSES_S
    _deaths: dict[str, int] = field(default_factory=dict)
    _due_at: dict[str, float] = field(default_factory=dict)

    def note_death(self, name: str, lived_s: float) -> float | None:
        """The pause before the next start, in seconds; None if the child has died too often in a row."""
        deaths = 0 if lived_s > _RECOVERED_S else self._deaths.get(name, 0)
        self._deaths[name] = deaths + 1
        if deaths >= len(self.pauses_s):
            return None
        self._due_at[name] = time.monotonic() + self.pauses_s[deaths]
        return self.pauses_s[deaths]

    def is_waiting(self, name: str) -> bool:
        """Whether a start of this child is due, now or later."""
        return name in self._due_at

    def is_due(self, name: str) -> bool:
        """Whether a start is due now. Forgets it then."""
        if time.monotonic() < self._due_at[name]:
            return False
        del self._due_at[name]
        return True
