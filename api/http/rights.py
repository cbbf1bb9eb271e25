"""Which right each route needs, to which row. `store.people.rights` decides who has it.

The row is what the path names, and the right follows from the method. `VERBS` has the exceptions: what is not in it
and changes something without naming a row needs an administrator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from sqlalchemy import null, select
from sqlalchemy.orm import Session

from store.db.errors import NotFound
from store.db.models import ApiKey, DashboardSession, Dataset, Run, StartWeights, Study
from store.people import rights
from store.people.rights import Caller, Place, Verb

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

VERBS: Final[dict[str, Verb]] = {
    # A new run from another one, which doesn't change.
    **dict.fromkeys(("retry_run", "fork_run", "create_examination", "create_prediction"), "submit"),
    # The body names the project, so the route asks again.
    **dict.fromkeys(
        ("create_run", "create_study", "import_run", "register_dataset", "create_project", "upload_start_weights"),
        "submit",
    ),
    # These store nothing. They take a key that may write, as they did before there were roles.
    **dict.fromkeys(("plan_run", "plan_import", "pool_runs"), "submit"),
    **dict.fromkeys(("open_session", "close_session"), "read"),
    **dict.fromkeys(("list_keys", "create_key", "revoke_key", "list_sessions", "end_session", "list_audit"), "own"),
    **dict.fromkeys(("change_project", "delete_project", "set_role", "remove_member"), "manage"),
    **dict.fromkeys(
        (
            "list_people",
            "add_person",
            "change_person",
            "set_quota",
            "list_channels",
            "list_deliveries",
            "list_retention_rules",
        ),
        "administer",
    ),
}


@dataclass(frozen=True)
class _Subject:
    """What a path names, by the part of it that does so; its row's id, project and owner."""

    part: str
    noun: str
    columns: tuple[Any, Any, Any]  # SQLAlchemy has no common type for a column and null()

    @property
    def parameter(self) -> str:
        return self.part.partition("{")[2].rstrip("}")


_SUBJECTS: Final = (
    _Subject("/runs/{run_id}", "run", (Run.id, Run.project, Run.owner)),
    _Subject("/examinations/{examination_id}", "examination", (Run.id, Run.project, Run.owner)),
    _Subject("/studies/{study_id}", "study", (Study.id, Study.project, Study.owner)),
    _Subject("/datasets/{name}", "data set", (Dataset.name, Dataset.project, Dataset.owner)),
    _Subject(
        "/start-weights/{sha256}",
        "start weights",
        (StartWeights.sha256, StartWeights.project, StartWeights.owner),
    ),
    _Subject("/keys/{key_id}", "key", (ApiKey.id, ApiKey.project, ApiKey.owner)),
    _Subject("/sessions/{session_id}", "session", (DashboardSession.id, null(), DashboardSession.owner)),
)
# Subjects that a text names, not an id.
_NAMED: Final = (Dataset.name, StartWeights.sha256)
_PROJECT: Final = "/projects/{project}"
# Routes whose query names runs, all of which must be there.
_OF_RUNS: Final = ("/api/v1/curves", "/api/v1/figure")


def verb_of(operation: str | None, method: str, template: str) -> Verb:
    if operation in VERBS:
        return VERBS[operation]
    if method in SAFE_METHODS:
        return "read"
    return "change" if _subject(template) else "administer"


def check(session: Session, caller: Caller, request: Request) -> None:
    """Raises Forbidden, or NotFound for a row that the caller may not even see. A row that doesn't exist passes: its
    route says so."""
    route = request.scope["route"]
    verb, subject = verb_of(route.operation_id, request.method, route.path), _subject(route.path)
    if _PROJECT in route.path:
        name = request.path_params["project"]
        _require(caller, verb, _note(request, Place(name)), f"project {name}")
    elif subject is not None:
        rights.require_scope(caller, verb)
        text = request.path_params[subject.parameter]
        if (row := _read(session, subject, text)) is not None:
            _require(caller, verb, _note(request, row), f"{subject.noun} {text}")
    else:
        rights.require(caller, verb, rights.beyond_projects(caller, verb))
        if route.path.startswith(_OF_RUNS):
            texts = map(_uuid, request.query_params.getlist("run"))
            check_runs(session, caller, [run_id for run_id in texts if run_id])


def check_runs(session: Session, caller: Caller, ids: Sequence[UUID]) -> None:
    """Raises NotFound for the first run that the caller may not see."""
    if caller.is_administrator or not ids:
        return
    hidden = select(Run.id).where(Run.id.in_(ids), ~rights.readable(caller, Run.project))
    if (run_id := session.scalar(hidden.limit(1))) is not None:
        raise NotFound(f"There is no run {run_id}.")


def _subject(template: str) -> _Subject | None:
    return next((subject for subject in _SUBJECTS if subject.part in template), None)


def _note(request: Request, row: Place) -> Place:
    """For the audit trail."""
    request.state.project = row.project
    return row


def _require(caller: Caller, verb: Verb, row: Place, name: str) -> None:
    if rights.may(caller, verb, row):
        return
    rights.require_scope(caller, verb)
    if row.project is None or not rights.may(caller, "read", row):
        raise NotFound(f"There is no {name}.")
    rights.require(caller, verb, row)


def _read(session: Session, subject: _Subject, text: str) -> Place | None:
    """None if there is no such row, or the text can't be an id: the route says so."""
    key, project, owner = subject.columns
    identity = text if key in _NAMED else _uuid(text)
    row = session.execute(select(project, owner).where(key == identity)).first() if identity else None
    return Place(*row) if row else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
