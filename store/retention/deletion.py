"""The deletion of what the rules say, run by run: rows first, then their objects, which no row names any more."""

import logging
from itertools import groupby

from sqlalchemy import delete, text

from store import history
from store.db.database import Database
from store.db.models import Artifact
from store.db.objects import Objects
from store.retention import rules
from store.runs import verbs
from store.runs.states import EventKind

# A round deletes this many files at most; the next one, an hour later, goes on.
AT_ONCE = 5000
log = logging.getLogger(__name__)


def apply(database: Database, objects: Objects) -> int:
    """Deletes what is outdated by every rule. Returns the number of files. Raises DBAPIError and obstore's errors."""
    deleted = 0
    with database.transaction() as session:
        outdated = [file for rule in rules.list_all(session) for file in rules.outdated(session, rule, AT_ONCE)]
    for run_id, files in groupby(outdated, key=lambda file: file[1].id):
        own = [artifact for artifact, _ in files]
        with database.transaction() as session:
            run = verbs.lock(session, run_id)
            # The files of an ended run never change, except by this (migration 0005).
            session.execute(text("SET LOCAL reslab.compaction = 'on'"))
            gone = delete(Artifact).where(Artifact.id.in_([artifact.id for artifact in own])).returning(Artifact.key)
            keys = list(session.scalars(gone))
            size = sum(artifact.size_bytes for artifact in own)
            message = f"{len(keys)} files ({size:,} bytes) were deleted by the retention rule of {run.project}"
            history.record(session, run, EventKind.warned, message=message)
        objects.delete(keys)  # what a kill leaves here is collected later
        deleted += len(keys)
    if deleted:
        log.info("deleted %d files by retention rules", deleted)
    return deleted
