"""Fail points: named points in the code where a test can kill, stop, fail or block this process.

RESLAB_FAILPOINT="worker.claimed=kill" arms them, several with commas between; with `@3` the fail point acts when it is
reached for the third time. Without the variable, `reach` is one look-up in an empty dictionary. To list the fail
points: `git grep failpoints.reach`.
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
    """What `raise` raises. To every caller it looks like a defect in our code."""


@dataclass
class FailPoint:
    """An armed fail point. It is passed `left` more times without effect, then acts once."""

    action: Action
    left: int


def parse(text: str) -> dict[str, FailPoint]:
    """Returns the fail points by name. Raises ValueError if the text names no action."""
    armed = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        action, _, number = value.partition("@")
        if action not in get_args(Action):
            raise ValueError(
                f"RESLAB_FAILPOINT must be name=action[@n] with an action of {', '.join(get_args(Action))}, not {part}"
            )
        armed[name] = FailPoint(action, int(number or 1) - 1)  # type: ignore[arg-type] # one of Action by the check
    return armed


_armed = parse(os.environ.get("RESLAB_FAILPOINT", ""))


def reach(name: str) -> None:
    """Marks a fail point. Nothing happens unless it is armed."""
    if point := _armed.get(name):
        _act(name, point)


def _act(name: str, point: FailPoint) -> None:
    if point.left > 0:
        point.left -= 1
        return
    del _armed[name]
    match point.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "exit":
            os._exit(1)
        case "raise":
            raise InjectedFailure(name)
        case "wait":  # blocks this thread only; others, such as the heartbeat, continue
            while not Path(os.environ["RESLAB_FAILPOINT_GATE"]).exists():
                time.sleep(_POLL_S)
