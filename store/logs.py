"""A run's log as people read it: its tail, a search, the whole. Appending is the worker's verb (`attempts`)."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import LogChunk


def lines(session: Session, run_id: UUID) -> Iterator[str]:
    """Every line, oldest first, without its line end."""
    query = select(LogChunk.text).where(LogChunk.run_id == run_id).order_by(LogChunk.attempt, LogChunk.number)
    for text in session.scalars(query.execution_options(yield_per=64)):
        yield from text.splitlines()


def tail(session: Session, run_id: UUID, most: int) -> list[str]:
    """The last `most` lines, oldest first."""
    query = (
        select(LogChunk.text)
        .where(LogChunk.run_id == run_id)
        .order_by(LogChunk.attempt.desc(), LogChunk.number.desc())
        .execution_options(yield_per=16)
    )
    found: list[str] = []
    for text in session.scalars(query):
        found = [*text.splitlines(), *found]
        if len(found) >= most:
            break
    return found[-most:]


def search(session: Session, run_id: UUID, wanted: str, most: int) -> list[str]:
    """The first `most` lines that contain `wanted`, whatever their case."""
    found: list[str] = []
    for line in lines(session, run_id):
        if wanted.casefold() in line.casefold():
            found.append(line)
            if len(found) == most:
                break
    return found
