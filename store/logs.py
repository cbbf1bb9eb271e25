"""A run's log: whole lines in append-only chunks, numbered from 1 over all attempts, with a limit on its size.

A log at its limit keeps its first half and its newest lines. The lines between are deleted and counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal, get_args
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.models import Log, LogChunk

Level = Literal["debug", "info", "warning", "error"]
# A level is stored as its first letter: a chunk has a string of them, one for each line.
LETTERS: dict[str, Level] = {level[0]: level for level in get_args(Level)}

# "2026-01-31 12:00:00,123 INFO trainer.loop: …", as the trainer and the supervisor write.
_OWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
_OWN_LETTERS = {"DEBUG": "d", "INFO": "i", "WARNING": "w", "ERROR": "e", "CRITICAL": "e"}
# What Python and its libraries write without a logger.
_FATAL = re.compile(r"Traceback \(most recent call last\)|Fatal Python error|Exception in thread|terminate called")
_WARNING = re.compile(r"\S+:\d+: \w*Warning: ")

# A full log is cut by this part of its limit, so that it isn't cut with every chunk.
_CUT = 10
_PAGE = 16
_EMPTY: Final[dict[str, Any]] = {
    "lines": 0, "level": "i", "kept_bytes": 0, "head_lines": 0, "left_out_lines": 0, "left_out_bytes": 0
}  # fmt: skip


@dataclass(frozen=True)
class LogLine:
    """A line of a log. `at` is when it was stored, about a second after it was written."""

    number: int
    at: datetime
    attempt: int
    level: Level
    text: str


def append(session: Session, chunk: LogChunk, limit_bytes: int) -> None:
    """Adds a chunk of whole lines; the caller has locked the run. Safe to repeat: a chunk is added once."""
    chunk.text = chunk.text.replace("\0", "\ufffd")  # Postgres can't store NUL
    lines = _split(chunk.text)
    log = _lock(session, chunk.run_id)
    chunk.first_line, chunk.levels = log.lines + 1, letters(lines, log.level)
    row = {
        "run_id": chunk.run_id,
        "attempt": chunk.attempt,
        "number": chunk.number,
        "first_line": chunk.first_line,
        "text": chunk.text,
        "levels": chunk.levels,
    }
    added = insert(LogChunk).values(row).on_conflict_do_nothing().returning(LogChunk.number)
    if not lines or session.scalar(added) is None:
        return
    log.lines += len(lines)
    log.level = chunk.levels[-1]
    log.kept_bytes += len(chunk.text.encode())
    if log.first_error is None and "e" in chunk.levels:
        log.first_error = chunk.first_line + chunk.levels.index("e")
    if log.kept_bytes <= limit_bytes // 2:
        log.head_lines = log.lines
    elif log.kept_bytes > limit_bytes:
        _cut(session, log, log.kept_bytes - limit_bytes + limit_bytes // _CUT)


def about(session: Session, run_id: UUID) -> Log:
    """Returns the counts of a run's log, which may be empty."""
    return session.get(Log, run_id) or Log(run_id=run_id, **_EMPTY)


def read(session: Session, run_id: UUID, after: int, most: int) -> list[LogLine]:
    """Returns up to `most` lines after line `after`, oldest first."""
    lines_after: list[LogLine] = []
    for chunk in _chunks(session, run_id, after):
        lines_after += [line for line in _lines(chunk) if line.number > after]
        if len(lines_after) >= most:
            break
    return lines_after[:most]


def tail(session: Session, run_id: UUID, most: int) -> list[LogLine]:
    """Returns the last `most` lines, oldest first."""
    newest: list[LogLine] = []
    for chunk in _newest_chunks(session, run_id, about(session, run_id).lines + 1):
        newest = [*_lines(chunk), *newest]
        if len(newest) >= most:
            break
    return newest[-most:]


def search(session: Session, run_id: UUID, text: str, after: int, most: int) -> list[LogLine]:
    """Returns the first `most` lines after line `after` that contain `text`, ignoring case."""
    text, matches = text.casefold(), list[LogLine]()
    for chunk in _chunks(session, run_id, after):
        if text not in chunk.text.casefold():
            continue
        matches += [line for line in _lines(chunk) if line.number > after and text in line.text.casefold()]
        if len(matches) >= most:
            break
    return matches[:most]


def lines(session: Session, run_id: UUID) -> Iterator[str]:
    """Returns every stored line, oldest first."""
    for chunk in _chunks(session, run_id, 0):
        yield from _split(chunk.text)


def part(session: Session, run_id: UUID, after: int) -> tuple[str, int]:
    """Returns the text of some chunks after line `after`, and its last line's number, or `after` at the end of the log.

    The text has a note where lines were deleted.
    """
    text = ""
    for chunk in islice(_chunks(session, run_id, after), _PAGE):
        if chunk.first_line > after + 1:
            missing = chunk.first_line - after - 1
            text += f"… {missing:,} lines were deleted here, as the log reached its size limit …\n"
        text, after = text + chunk.text, chunk.first_line + len(chunk.levels) - 1
    return text, after


def _chunks(session: Session, run_id: UUID, after: int) -> Iterator[LogChunk]:
    """The chunks with a line after `after`, oldest first, read a page at a time."""
    of_run = select(LogChunk).where(LogChunk.run_id == run_id)
    # The last chunk that begins at or before the next line contains it, or ends before it.
    begins = select(func.max(LogChunk.first_line)).where(LogChunk.run_id == run_id, LogChunk.first_line <= after + 1)
    first = session.scalar(begins) or 0
    while page := session.scalars(
        of_run.where(LogChunk.first_line >= first).order_by(LogChunk.first_line).limit(_PAGE)
    ).all():
        yield from (chunk for chunk in page if chunk.first_line + len(chunk.levels) > after + 1)
        first = page[-1].first_line + 1


def _newest_chunks(session: Session, run_id: UUID, before: int) -> Iterator[LogChunk]:
    """The chunks that begin before this line, newest first."""
    of_run = select(LogChunk).where(LogChunk.run_id == run_id)
    while page := session.scalars(
        of_run.where(LogChunk.first_line < before).order_by(LogChunk.first_line.desc()).limit(_PAGE)
    ).all():
        yield from page
        before = page[-1].first_line


def _lines(chunk: LogChunk) -> list[LogLine]:
    numbered = enumerate(zip(_split(chunk.text), chunk.levels, strict=True), chunk.first_line)
    return [LogLine(number, chunk.at, chunk.attempt, LETTERS[letter], text) for number, (text, letter) in numbered]


def _split(text: str) -> list[str]:
    # Not splitlines, which also splits at a form feed or a line separator inside a line.
    return text.removesuffix("\n").split("\n") if text else []


def _lock(session: Session, run_id: UUID) -> Log:
    """Locks the log's row, which may be new."""
    session.execute(insert(Log).values(run_id=run_id, **_EMPTY).on_conflict_do_nothing())
    return session.scalars(select(Log).where(Log.run_id == run_id).with_for_update()).one()


def _cut(session: Session, log: Log, size_bytes: int) -> None:
    """Deletes the oldest chunks after the head, `size_bytes` or a little more, but never the newest chunk."""
    size = func.octet_length(LogChunk.text)
    before = (func.sum(size).over(order_by=LogChunk.first_line) - size).label("before")
    behind = select(LogChunk.first_line, before).where(
        LogChunk.run_id == log.run_id, LogChunk.first_line > log.head_lines
    )
    behind_head = behind.subquery()
    first = select(func.max(behind_head.c.first_line)).where(behind_head.c.before < size_bytes).scalar_subquery()
    cut = (
        delete(LogChunk)
        .where(
            LogChunk.run_id == log.run_id,
            LogChunk.first_line > log.head_lines,
            LogChunk.first_line <= first,
            LogChunk.first_line + func.length(LogChunk.levels) <= log.lines,
        )
        .returning(func.length(LogChunk.levels), size)
        .execution_options(synchronize_session=False)
    )
    for count, count_bytes in session.execute(cut):
        log.left_out_lines += count
        log.left_out_bytes += count_bytes
        log.kept_bytes -= count_bytes


def letters(lines: list[str], before: str = "i") -> str:
    """Returns a letter per line. A line without a level, such as in a traceback, has the level of the line before."""
    result = []
    for line in lines:
        before = _letter(line) or before
        result.append(before)
    return "".join(result)


def _letter(line: str) -> str | None:
    if own := _OWN.match(line):
        return _OWN_LETTERS[own[1]]
    if _FATAL.match(line):
        return "e"
    return "w" if _WARNING.match(line) else None
