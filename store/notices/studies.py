"""Which studies have ended and have no notice yet."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from store.db.models import Notice, Run, StudyMember
from store.runs.states import TERMINAL

# What ended before is not news: for a service that had no notices yet.
_NEWS = timedelta(days=1)


def key(study_id: UUID, members: int) -> str:
    """The notice's key: a study that has grown is told of again."""
    return f"study:{study_id}:{members}"


def ended(session: Session) -> list[tuple[UUID, int]]:
    """Returns studies whose runs have all ended, the last one since yesterday, and how many members each has."""
    own = select(StudyMember.study_id, func.count().label("members")).join(Run, Run.id == StudyMember.run_id)
    own = own.group_by(StudyMember.study_id)
    own = own.having(func.bool_and(Run.status.in_(TERMINAL)), func.max(Run.finished_at) > func.now() - _NEWS)
    new = own.subquery()
    name = "study:" + cast(new.c.study_id, Text) + ":" + cast(new.c.members, Text)
    notice = select(Notice.id).where(Notice.key == name)
    rows = session.execute(select(new.c.study_id, new.c.members).where(~notice.exists()))
    return [(study_id, members) for study_id, members in rows]
