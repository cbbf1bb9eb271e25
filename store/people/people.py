"""People and service accounts: added, made administrators, disabled. A person is never deleted: runs name them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import Conflict, NotFound, Refused
from store.db.models import ApiKey, Membership, Person

# The project that every person may submit to, unless somebody takes their role away.
COMMON = "default"


def ensure(session: Session, name: str, *, is_administrator: bool = False, is_service: bool = False) -> bool:
    """Adds a person who isn't known yet, and says whether they are new. Nothing changes for a known one.

    Raises Refused for a name with a slash.
    """
    refuse_slash("name", name)
    row = {"name": name, "is_administrator": is_administrator, "is_service": is_service}
    added = session.scalar(insert(Person).values(row).on_conflict_do_nothing().returning(Person.name))
    if added is not None and not is_service:
        session.add(Membership(person=name, project=COMMON, role="member"))
        session.flush()
    return added is not None


def refuse_slash(field: str, name: str) -> None:
    """Raises Refused for a name that no address of the API could hold."""
    if "/" in name:
        raise Refused(field, f"{field} must not contain a slash, as {name} does.")


def get(session: Session, name: str) -> Person:
    """Raises NotFound."""
    person = session.get(Person, name)
    if person is None:
        raise NotFound(f"There is no person {name}.")
    return person


def list_all(session: Session) -> list[tuple[Person, dict[str, str]]]:
    """Returns everybody, by name, each with their role in each project."""
    roles: dict[str, dict[str, str]] = {}
    for row in session.scalars(select(Membership).order_by(Membership.project)):
        roles.setdefault(row.person, {})[row.project] = row.role
    return [(person, roles.get(person.name, {})) for person in session.scalars(select(Person).order_by(Person.name))]


def roles_of(session: Session, name: str) -> dict[str, str]:
    rows = select(Membership).where(Membership.person == name).order_by(Membership.project)
    return {row.project: row.role for row in session.scalars(rows)}


def change(
    session: Session,
    name: str,
    *,
    is_administrator: bool | None = None,
    is_disabled: bool | None = None,
    subject: str | None = None,
) -> Person:
    """Sets what isn't None. Raises NotFound, and Conflict if no administrator could sign in any more."""
    person = get(session, name)
    if person.is_administrator and (is_administrator is False or is_disabled):
        message = f"{name} is the last administrator who can sign in with a key. Make somebody else one first."
        keep_an_administrator(session, (ApiKey.owner != name,), message)
    if is_administrator is not None:
        person.is_administrator = is_administrator
    if is_disabled is not None:
        person.disabled_at = (person.disabled_at or session.scalar(select(func.now()))) if is_disabled else None
    person.subject = person.subject if subject is None else subject
    session.flush()
    return person


def keep_an_administrator(session: Session, others: Collection[ColumnElement[bool]], message: str) -> None:
    """Raises Conflict with this message if none of the `others` is an administrator's lasting key.

    Locks these keys, so that two requests at the same time can't end each other's.
    """
    lasting = (ApiKey.revoked_at.is_(None), ApiKey.expires_at.is_(None), ApiKey.scopes.contains(["admin"]))
    administrators = select(Person.name).where(Person.is_administrator, Person.disabled_at.is_(None))
    query = select(ApiKey.id).where(*lasting, ApiKey.owner.in_(administrators)).order_by(ApiKey.id)
    session.execute(query.with_for_update())
    if session.scalar(query.where(*others).limit(1)) is None and session.scalar(query.limit(1)) is not None:
        raise Conflict(message)
