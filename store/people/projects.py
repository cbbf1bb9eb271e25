"""Projects and their members. Naming a new project creates it, and its creator becomes its maintainer."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import Conflict, Forbidden, NotFound, Refused
from store.db.models import Dataset, Membership, Project, Run, StartWeights, Study
from store.people import people, rights
from store.people.people import COMMON
from store.people.rights import Caller, Place, Role


def submit_to(session: Session, caller: Caller, name: str, priority: int = 0) -> None:
    """Creates a project that nobody has named before. Raises what `check` raises."""
    if check(session, caller, name, priority):
        create(session, caller, name)


def check(session: Session, caller: Caller, name: str, priority: int = 0) -> bool:
    """Raises Forbidden unless the caller may submit to this project, and Refused for a priority above their role's.

    Returns whether nobody has named the project before.
    """
    # A role says that the project is there, without a look.
    is_new = caller.role(name) is None and session.get(Project, name) is None
    if is_new:
        _check_creation(session, caller, name)
    else:
        rights.require(caller, "submit", Place(name))
    cap_priority(caller, name, "maintainer" if is_new else caller.role(name), priority)
    return is_new


def cap_priority(caller: Caller, project: str, role: Role | None, priority: int) -> None:
    """Raises Refused for a priority that this role doesn't allow."""
    most = rights.most_priority(caller, role)
    if priority > most:
        raise Refused("priority", f"priority must be at most {most} for a {role} of {project}, not {priority}.")


def create(session: Session, caller: Caller, name: str, about: str = "", *, is_public: bool = False) -> Project:
    """Raises Conflict if there is one of this name, and Forbidden for a service account."""
    _check_creation(session, caller, name)
    row = {"name": name, "about": about, "is_public": is_public}
    added: Project | None = session.scalar(insert(Project).values(row).on_conflict_do_nothing().returning(Project))
    if added is None:
        raise Conflict(f"There is already a project {name}.")
    set_role(session, name, caller.owner, "maintainer")
    return added


def _check_creation(session: Session, caller: Caller, name: str) -> None:
    rights.require(caller, "submit")
    people.refuse_slash("project", name)
    if people.get(session, caller.owner).is_service:
        raise Forbidden(f"There is no project {name}, and a service account can't create one.")


def get(session: Session, name: str) -> Project:
    """Raises NotFound."""
    project = session.get(Project, name)
    if project is None:
        raise NotFound(f"There is no project {name}.")
    return project


def list_readable(session: Session, caller: Caller) -> list[Project]:
    """Returns the projects that the caller may read, by name."""
    condition = rights.readable(caller, Project.name)
    return list(session.scalars(select(Project).where(condition).order_by(Project.name)))


def unnamed(session: Session, names: set[str]) -> set[str]:
    """Returns those of the names that no project has."""
    return names - set(session.scalars(select(Project.name).where(Project.name.in_(names))))


def members(session: Session, name: str) -> list[Membership]:
    rows = select(Membership).where(Membership.project == name).order_by(Membership.person)
    return list(session.scalars(rows))


def change(session: Session, name: str, *, about: str | None = None, is_public: bool | None = None) -> Project:
    """Sets what isn't None. Raises NotFound."""
    project = get(session, name)
    project.about = project.about if about is None else about
    project.is_public = project.is_public if is_public is None else is_public
    session.flush()
    return project


def set_role(session: Session, name: str, person: str, role: Role) -> Membership:
    """Gives a person a role, instead of the one that they had. Raises NotFound for an unknown person or project."""
    get(session, name)
    people.get(session, person)
    row = {"person": person, "project": name, "role": role}
    given = insert(Membership).values(row)
    given = given.on_conflict_do_update(index_elements=["person", "project"], set_={"role": role})
    session.execute(given)
    return session.get_one(Membership, (person, name), populate_existing=True)


def remove_member(session: Session, name: str, person: str) -> None:
    """Takes a person's role away. Raises NotFound."""
    gone = delete(Membership).where(Membership.project == name, Membership.person == person)
    if session.execute(gone.returning(Membership.person)).first() is None:
        raise NotFound(f"{person} has no role in the project {name}.")


def remove(session: Session, name: str) -> None:
    """Deletes an empty project. Raises NotFound, and Conflict while something is in it."""
    project = get(session, name)
    if name == COMMON:
        raise Conflict(f"The project {COMMON} can't be deleted: it is where runs go that name no project.")
    for row, what in ((Run, "runs"), (Study, "studies"), (Dataset, "data sets"), (StartWeights, "start weights")):
        if session.scalar(select(row.project).where(row.project == name).limit(1)) is not None:
            raise Conflict(f"The project {name} still has {what}. Delete them or move them first.")
    session.delete(project)
