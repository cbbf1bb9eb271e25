"""A run's log as people read it: its tail, a search, the whole. Appending is the worker's verb (`attempts`)."""

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import LogChunk


def lines(session: Session, run_id: UUID) -> Generator[str, None, None]:
    """Every line, oldest first, without its line end."""
    query = select(LogChunk.text).where(LogChunk.run_id == run_id).order_by(LogChunk.attempt, LogChunk.number)
    with closing(session.scalars(query.execution_options(yield_per=64))) as chunks:
        for text in chunks:
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
    with closing(session.scalars(query)) as chunks:
        for text in chunks:
            found = [*text.splitlines(), *found]
            if len(found) >= most:
                break
    return found[-most:]


def search(session: Session, run_id: UUID, wanted: str, most: int) -> list[str]:
    """The first `most` lines that contain `wanted`, whatever their case."""
    with closing(lines(session, run_id)) as every:
        return list(islice((line for line in every if wanted.casefold() in line.casefold()), most))
