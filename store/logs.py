"""A run's log: whole lines in append-only chunks, numbered from 1 over all attempts, bounded, and how it is read.

A log that grows past its bound keeps its first half and its newest lines; what lies between is left out, and counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.models import Log, LogChunk

Level = Literal["debug", "info", "warning", "error"]
# At rest a level is its first letter: a chunk's lines have one string of them.
LETTERS: dict[str, Level] = {level[0]: level for level in get_args(Level)}

# "2026-01-31 12:00:00,123 INFO trainer.loop: …", as the trainer and the supervisor write.
_OWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
_OWN_LETTERS = {"DEBUG": "d", "INFO": "i", "WARNING": "w", "ERROR": "e", "CRITICAL": "e"}
# What Python, and what lies below it, write past every logger.
_FATAL = re.compile(r"Traceback \(most recent call last\)|Fatal Python error|Exception in thread|terminate called")
_WARNING = re.compile(r"\S+:\d+: \w*Warning: ")

# What is taken out at once: the part of the bound by which a full log is cut, so that it is not cut with every chunk.
_CUT = 10
_PAGE = 16


@dataclass(frozen=True)
class LogLine:
    """`at` is when it was stored, about a second after it was written."""

    number: int
    at: datetime
    attempt: int
    level: Level
    text: str


def append(session: Session, chunk: LogChunk, limit_bytes: int) -> None:
    """Adds a chunk of whole lines; the caller holds the attempt. The same chunk again does nothing."""
    chunk.text = chunk.text.replace("\0", "\ufffd")  # Postgres has no NUL
    lines = _split(chunk.text)
    log = _held(session, chunk.run_id)
    chunk.first_line, chunk.levels = log.lines + 1, letters(lines, log.level)
    row = {name: getattr(chunk, name) for name in ("run_id", "attempt", "number", "first_line", "text", "levels")}
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
    """Its counts; those of an empty log where nothing was written."""
    return session.get(Log, run_id) or _empty(run_id)


def read(session: Session, run_id: UUID, after: int, most: int) -> list[LogLine]:
    """Up to `most` lines whose number is above `after`, oldest first."""
    found: list[LogLine] = []
    for chunk in _chunks(session, run_id, after):
        found += [line for line in _lines(chunk) if line.number > after]
        if len(found) >= most:
            break
    return found[:most]


def tail(session: Session, run_id: UUID, most: int) -> list[LogLine]:
    """The last `most` lines, oldest first."""
    found: list[LogLine] = []
    for chunk in _newest_chunks(session, run_id, about(session, run_id).lines + 1):
        found = [*_lines(chunk), *found]
        if len(found) >= most:
            break
    return found[-most:]


def search(session: Session, run_id: UUID, wanted: str, after: int, most: int) -> list[LogLine]:
    """The first `most` lines above `after` that contain `wanted`, whatever their case."""
    wanted, found = wanted.casefold(), list[LogLine]()
    for chunk in _chunks(session, run_id, after):
        if wanted not in chunk.text.casefold():
            continue
        found += [line for line in _lines(chunk) if line.number > after and wanted in line.text.casefold()]
        if len(found) >= most:
            break
    return found[:most]


def lines(session: Session, run_id: UUID) -> Iterator[str]:
    """Every line that is kept, oldest first."""
    for chunk in _chunks(session, run_id, 0):
        yield from _split(chunk.text)


def part(session: Session, run_id: UUID, after: int) -> tuple[str, int]:
    """Some chunks' text from line `after` + 1 on, and the number of its last line; that is `after` where none is left.

    Says in words where lines are left out.
    """
    text = ""
    for chunk in islice(_chunks(session, run_id, after), _PAGE):
        if chunk.first_line > after + 1:
            missing = chunk.first_line - after - 1
            text += f"… {missing} lines are left out here: the log grew too long …\n"
        text, after = text + chunk.text, chunk.first_line + len(chunk.levels) - 1
    return text, after


def _chunks(session: Session, run_id: UUID, after: int) -> Iterator[LogChunk]:
    """Those with a line above `after`, oldest first, a page at a time."""
    of_run = select(LogChunk).where(LogChunk.run_id == run_id)
    # The last chunk that begins at or before the wanted line holds it, or ends before it.
    begins = select(func.max(LogChunk.first_line)).where(LogChunk.run_id == run_id, LogChunk.first_line <= after + 1)
    first = session.scalar(begins) or 0
    while page := session.scalars(
        of_run.where(LogChunk.first_line >= first).order_by(LogChunk.first_line).limit(_PAGE)
    ).all():
        yield from (chunk for chunk in page if chunk.first_line + len(chunk.levels) > after + 1)
        first = page[-1].first_line + 1


def _newest_chunks(session: Session, run_id: UUID, before: int) -> Iterator[LogChunk]:
    """Those that begin before this line, newest first."""
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
    # Not splitlines: a form feed or a line separator within a line would make two of it.
    return text.removesuffix("\n").split("\n") if text else []


def _held(session: Session, run_id: UUID) -> Log:
    """The log's row, locked."""
    empty = _empty(run_id)
    row = {name: getattr(empty, name) for name in Log.__table__.columns.keys()}  # noqa: SIM118 (a ColumnCollection)
    session.execute(insert(Log).values(row).on_conflict_do_nothing())
    return session.scalars(select(Log).where(Log.run_id == run_id).with_for_update()).one()


def _empty(run_id: UUID) -> Log:
    return Log(run_id=run_id, lines=0, level="i", kept_bytes=0, head_lines=0, left_out_lines=0, left_out_bytes=0)


def _cut(session: Session, log: Log, size_bytes: int) -> None:
    """Takes out the oldest chunks behind the head, of `size_bytes` or a little more; never the newest chunk."""
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
