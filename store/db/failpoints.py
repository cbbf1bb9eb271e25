"""Fail points: places in the code where a test may have this process killed, stopped, failed or held.

RESLAB_FAILPOINT="worker.claimed=kill" names them, several by commas; `@3` waits for the third time that the place is
reached. Without it `reach` is one look-up in an empty dictionary. Which places there are: `git grep failpoints.reach`.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Action = Literal["kill", "stop", "exit", "raise", "wait"]

_POLL_S = 0.02


class InjectedFailure(Exception):
    """What `raise` raises: a defect of ours, as far as any caller can tell."""


@dataclass
class FailPoint:
    """`left` times the place is still passed unharmed; it acts once."""

    action: Action
    left: int


def parse(text: str) -> dict[str, FailPoint]:
    """The fail points by their places. Raises ValueError where the text names no action."""
    armed = {}
    for part in filter(None, text.split(",")):
        place, _, wish = part.partition("=")
        action, _, number = wish.partition("@")
        if action not in get_args(Action):
            raise ValueError(f"RESLAB_FAILPOINT must be place=action[@n], {', '.join(get_args(Action))}; got {part}")
        armed[place] = FailPoint(action, int(number or 1) - 1)  # type: ignore[arg-type] # one of Action by the check
    return armed


_armed = parse(os.environ.get("RESLAB_FAILPOINT", ""))


def reach(place: str) -> None:
    """Says that the process is at `place`. Nothing happens unless that place is armed."""
    if point := _armed.get(place):
        _act(place, point)


def _act(place: str, point: FailPoint) -> None:
    if point.left > 0:
        point.left -= 1
        return
    del _armed[place]
    match point.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "exit":
            os._exit(1)
        case "raise":
            raise InjectedFailure(place)
        case "wait":  # this thread only; the others, such as the heartbeat, go on
            while not Path(os.environ["RESLAB_FAILPOINT_GATE"]).exists():
                time.sleep(_POLL_S)
