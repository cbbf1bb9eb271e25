"""What an identity provider's groups give: roles in projects, and the service's administration.

A rule is `GROUP:PROJECT=ROLE` or `GROUP=administrator`; the group `*` is everybody whom the provider knows. For a
project that a rule names, the groups decide at every login; roles in other projects are given by their maintainers.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.errors import Conflict, Forbidden, NotFound
from store.db.models import Person, Project
from store.people import people, projects
from store.people.rights import Role

ANY: Final = "*"
ADMINISTRATOR: Final = "administrator"
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True)
class Rule:
    """`project` is None for the service's administration."""

    group: str
    project: str | None
    role: Role | None

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Raises ValueError, which says what is allowed."""
        left, _, right = text.strip().rpartition("=")
        group, colon, project = left.partition(":")
        if group and not colon and right == ADMINISTRATOR:
            return cls(group, None, None)
        for role in ROLES:
            if group and project and right == role:
                return cls(group, project, role)
        raise ValueError(f"{text!r} must be GROUP:PROJECT=ROLE, with {', '.join(ROLES)}, or GROUP={ADMINISTRATOR}")

    def holds(self, groups: Collection[str]) -> bool:
        return self.group == ANY or self.group in groups


@dataclass(frozen=True)
class Identity:
    """What the provider says of a person: `subject` is its issuer, a space, and `sub`."""

    subject: str
    name: str
    groups: tuple[str, ...]


def sign_in(session: Session, identity: Identity, rules: Sequence[Rule]) -> str:
    """Returns the person's name, with the roles that their groups give. Adds somebody who comes for the first time.

    Raises Forbidden for a disabled person, for groups that give nothing, and for a name that is somebody else's.
    """
    mine = [rule for rule in rules if rule.holds(identity.groups)]
    if rules and not mine:
        raise Forbidden("None of your groups has a role here. Ask an administrator of this service.")
    name = _person(session, identity)
    _give(session, name, rules, mine)
    return name


def _person(session: Session, identity: Identity) -> str:
    known = session.scalar(select(Person).where(Person.subject == identity.subject))
    if known is not None:
        if known.disabled_at is not None:
            raise Forbidden(f"{known.name} may not sign in any more. Ask an administrator of this service.")
        return known.name
    name = identity.name.replace("/", " ").strip() or identity.subject.rpartition(" ")[2].replace("/", " ")
    if not people.ensure(session, name):
        raise Forbidden(
            f"The name {name} is somebody's who signs in with a key. If that is you, ask an administrator to link "
            f"you to {identity.subject!r}."
        )
    people.get(session, name).subject = identity.subject
    session.flush()
    return name


def _give(session: Session, name: str, rules: Sequence[Rule], mine: Sequence[Rule]) -> None:
    for project in dict.fromkeys(rule.project for rule in rules if rule.project is not None):
        given = [rule.role for rule in mine if rule.project == project and rule.role is not None]
        if given:
            if session.get(Project, project) is None:
                session.add(Project(name=project, about=""))
                session.flush()
            projects.set_role(session, project, name, max(given, key=ROLES.index))
        else:
            with suppress(NotFound):
                projects.remove_member(session, project, name)
    if any(rule.project is None for rule in rules):
        with suppress(Conflict):  # the last administrator stays one
            people.change(session, name, is_administrator=any(rule.project is None for rule in mine))
