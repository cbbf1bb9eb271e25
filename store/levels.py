"""How serious a line of a log is: by its own words, or as the line before it that it goes on from."""

import re
from typing import Literal, get_args

Level = Literal["debug", "info", "warning", "error"]
# At rest a level is its first letter: a chunk's lines have one string of them.
LETTERS: dict[str, Level] = {level[0]: level for level in get_args(Level)}

# "2026-01-31 12:00:00,123 INFO trainer.loop: …", as the trainer and the supervisor write.
_OWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
_OWN_LETTERS = {"DEBUG": "d", "INFO": "i", "WARNING": "w", "ERROR": "e", "CRITICAL": "e"}
# What Python, and what lies below it, write past every logger.
_FATAL = re.compile(r"Traceback \(most recent call last\)|Fatal Python error|Exception in thread|terminate called")
_WARNING = re.compile(r"\S+:\d+: \w*Warning: ")


def letters(lines: list[str], before: str = "i") -> str:
    """A letter a line. A line without a level of its own, as all of a traceback but its first, has the last one's."""
    found = []
    for line in lines:
        before = _letter(line) or before
        found.append(before)
    return "".join(found)


def _letter(line: str) -> str | None:
    if own := _OWN.match(line):
        return _OWN_LETTERS[own[1]]
    if _FATAL.match(line):
        return "e"
    return "w" if _WARNING.match(line) else None
