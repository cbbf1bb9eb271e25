"""People over HTTP, for administrators: who may sign in, and who administers the service."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from api.admin.schema import People, Person, PersonChange, PersonCreate
from api.http.problems import responses
from api.service import Here
from store.db import models
from store.db.errors import Conflict
from store.people import people

router = APIRouter(prefix="/api/v1/people", tags=["access"])


@router.get("", operation_id="list_people", responses=responses(403))
def list_people(service: Here) -> People:
    """Everybody, with their role in each project."""
    with service.database.transaction() as session:
        return People(items=[_person(row, roles) for row, roles in people.list_all(session)])


@router.post("", status_code=201, operation_id="add_person", responses=responses(403, 409, 422))
def add_person(body: PersonCreate, service: Here) -> Person:
    """Adds a person, as a member of the project `default`. Create a key for them, or let them sign in by OpenID."""
    with service.database.transaction() as session:
        if not people.ensure(session, body.name, is_administrator=body.is_administrator):
            raise Conflict(f"There is already a person {body.name}.")
        return _read(session, body.name)


@router.patch("/{person}", operation_id="change_person", responses=responses(403, 404, 409, 422))
def change_person(person: str, body: PersonChange, service: Here) -> Person:
    """Makes somebody an administrator or not, or disables them. One administrator always remains."""
    with service.database.transaction() as session:
        people.change(session, person, **body.model_dump())
        return _read(session, person)


def _read(session: Session, name: str) -> Person:
    return _person(people.get(session, name), people.roles_of(session, name))


def _person(row: models.Person, roles: dict[str, str]) -> Person:
    return Person.model_validate({**vars(row), "roles": roles})
