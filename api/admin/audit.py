"""The audit trail over HTTP: who did what to what, when and from where."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.admin.schema import AuditEntry, AuditPage, AuditQuery
from api.http.access import Present
from api.http.problems import responses
from api.service import Here
from store.people import audit
from store.people.audit import Search

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.get("/audit", operation_id="list_audit", responses=responses(403, 422))
def list_audit(query: Annotated[AuditQuery, Query()], service: Here, caller: Present) -> AuditPage:
    """The newest entries. An administrator sees all, others their own and those of the projects that they maintain."""
    search = Search(
        person=query.person,
        action=query.action,
        subject=query.subject,
        project=query.project,
        since=query.since,
        until=query.until,
        is_refused=query.refused,
    )
    with service.database.transaction() as session:
        rows = audit.find(session, caller, search, query.limit, query.cursor)
    items = [AuditEntry.model_validate(row) for row in rows]
    return AuditPage(items=items, next_cursor=items[-1].id if len(items) == query.limit else None)
