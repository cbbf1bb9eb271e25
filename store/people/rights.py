"""Who may do what. `may` is the one place that decides; a list is filtered by `readable`, the same rule in SQL.

A run, study or data set belongs to a project, and a project gives each of its people a role:

- viewer: reads everything in it
- member: also submits to it, and changes what is their own
- maintainer: also changes what is anybody's, and manages the project and its people

Everybody reads a public project. An administrator may do everything. A key's scopes limit its owner further.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from store.db.errors import Forbidden

Scope = Literal["read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = ("read", "write", "admin")
Role = Literal["viewer", "member", "maintainer"]
# `administer` is of the whole service: its people, workers and quotas. `own` is of one's keys and sessions.
Verb = Literal["read", "submit", "change", "manage", "own", "administer"]

_SCOPE: Final[dict[Verb, Scope]] = {
    "read": "read", "submit": "write", "change": "write", "manage": "admin", "own": "admin", "administer": "admin",
}  # fmt: skip
_RANK: Final[dict[Role, int]] = {"viewer": 1, "member": 2, "maintainer": 3}
# Runs with the same priority share the queue fairly; a higher one goes first.
MOST_PRIORITY: Final = 100
_PRIORITY: Final[dict[Role, int]] = {"viewer": 0, "member": 10, "maintainer": 50}
_DOES: Final[dict[Verb, str]] = {
    "read": "see it",
    "submit": "submit to it",
    "change": "change what is in it",
    "manage": "manage it",
    "own": "manage its keys",
    "administer": "administer the service",
}


@dataclass(frozen=True)
class Caller:
    """Who sent a request, what their key allows, and their roles; a public project's is viewer at least."""

    key_id: UUID | None
    owner: str
    scopes: frozenset[str]
    # The SHA-256 of the dashboard session's secret, if the request came with one.
    session: bytes | None = None
    is_administrator: bool = False
    roles: frozenset[tuple[str, Role]] = frozenset()

    def role(self, project: str) -> Role | None:
        return dict(self.roles).get(project)


class Row(Protocol):
    """What a right depends on: a run, a study, a data set."""

    @property
    def project(self) -> str | None: ...
    @property
    def owner(self) -> str | None: ...


@dataclass(frozen=True)
class Place:
    """A project as a row, or with an owner only: a person's keys and sessions."""

    project: str | None = None
    owner: str | None = None


SERVICE: Final = Place()


def may(caller: Caller, verb: Verb, row: Row = SERVICE) -> bool:
    """Whether the caller may do this to the row, or, without a row, to the service itself."""
    if _SCOPE[verb] not in caller.scopes:
        return False
    if caller.is_administrator:
        return True
    if row.project is None:
        # Anybody may submit to the service; the project that they name decides (`store.people.projects`).
        return row.owner == caller.owner if verb == "own" else row.owner is None and verb in ("read", "submit")
    role, least = caller.role(row.project), _least_role(caller, verb, row)
    return role is not None and least is not None and _RANK[role] >= _RANK[least]


def _least_role(caller: Caller, verb: Verb, row: Row) -> Role | None:
    match verb:
        case "read":
            return "viewer"
        case "submit":
            return "member"
        case "change":
            return "member" if row.owner == caller.owner else "maintainer"
        case "manage" | "own":  # a key with a project is a service account's
            return "maintainer"
        case "administer":
            return None


def refusals(caller: Caller, rows: Sequence[Row]) -> dict[Verb, str]:
    """Why the caller may not do something to every one of these rows, by verb; without rows, to what is not in a
    project. A verb that they may use is left out."""
    return {
        verb: _refusal(caller, verb, row)
        for verb in _SCOPE
        for row in reversed(rows or [beyond_projects(caller, verb)])  # of several refusals the first row's stays
        if not may(caller, verb, row)
    }


def beyond_projects(caller: Caller, verb: Verb) -> Place:
    """What a verb is about that names no row: the caller's own keys and sessions, or the service."""
    return Place(owner=caller.owner) if verb == "own" else SERVICE


def most_priority(caller: Caller, role: Role | None) -> int:
    """The highest priority that the caller may give a run of a project in which they have this role."""
    return MOST_PRIORITY if caller.is_administrator else _PRIORITY[role] if role else 0


@lru_cache(maxsize=256)  # so that a caller's lists have one condition, and their statements are built once
def readable(caller: Caller, project: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """`may(caller, "read", …)` as a condition on a column that names projects."""
    return true() if caller.is_administrator else project.in_([name for name, _ in caller.roles])


def require(caller: Caller, verb: Verb, row: Row = SERVICE) -> None:
    """Raises Forbidden, which says what would be needed, unless the caller may."""
    if not may(caller, verb, row):
        raise Forbidden(_refusal(caller, verb, row))


def require_scope(caller: Caller, verb: Verb) -> None:
    """Raises Forbidden if the caller's key doesn't allow this at all."""
    if _SCOPE[verb] not in caller.scopes:
        raise Forbidden(_refusal(caller, verb, SERVICE))


def _refusal(caller: Caller, verb: Verb, row: Row) -> str:
    scope = _SCOPE[verb]
    if scope not in caller.scopes:
        listed = ", ".join(name for name in SCOPES if name in caller.scopes)
        return f"This request needs a key with the scope '{scope}'; yours has {listed}."
    if row.project is None:
        return "Only an administrator of this service may do this."
    role = caller.role(row.project)
    if role is None:
        return f"You have no role in the project {row.project}. Ask one of its maintainers or an administrator."
    if verb == "change" and role == "member" and row.owner:
        return (
            f"This is {row.owner}'s. Only {row.owner}, a maintainer of {row.project} or an administrator may do this."
        )
    return f"You are a {role} of the project {row.project}, so you can't {_DOES[verb]}. Ask one of its maintainers."
