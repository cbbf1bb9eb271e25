"""Projects over HTTP: what runs belong to, who may see them, and who has which role."""

from fastapi import APIRouter

from api.admin.schema import (
    Project,
    ProjectChange,
    ProjectCreate,
    ProjectDetails,
    ProjectMember,
    Projects,
    RoleChange,
)
from api.http.access import Present
from api.http.problems import responses
from api.service import Here
from store.db import models
from store.people import projects
from store.people.rights import Caller

router = APIRouter(prefix="/api/v1/projects", tags=["access"])


@router.get("", operation_id="list_projects")
def list_projects(service: Here, caller: Present) -> Projects:
    """The projects that you may see."""
    with service.database.transaction() as session:
        return Projects(items=[_project(row, caller) for row in projects.list_readable(session, caller)])


@router.post("", status_code=201, operation_id="create_project", responses=responses(403, 409, 422))
def create_project(body: ProjectCreate, service: Here, caller: Present) -> Project:
    """Creates a project; you become its maintainer. A run that names a new project does the same."""
    with service.database.transaction() as session:
        row = projects.create(session, caller, body.name, body.about, is_public=body.is_public)
    return _project(row, caller).model_copy(update={"role": "maintainer"})


@router.get("/{project}", operation_id="get_project", responses=responses(404, 422))
def get_project(project: str, service: Here, caller: Present) -> ProjectDetails:
    """One project, with its members."""
    with service.database.transaction() as session:
        row = projects.get(session, project)
        members = [ProjectMember.model_validate(member) for member in projects.members(session, project)]
    return ProjectDetails(**dict(_project(row, caller)), members=members)


@router.patch("/{project}", operation_id="change_project", responses=responses(403, 404, 422))
def change_project(project: str, body: ProjectChange, service: Here, caller: Present) -> Project:
    """Changes its description, or makes it public: then everybody who can sign in may read what is in it."""
    with service.database.transaction() as session:
        return _project(projects.change(session, project, about=body.about, is_public=body.is_public), caller)


@router.delete("/{project}", status_code=204, operation_id="delete_project", responses=responses(403, 404, 409, 422))
def delete_project(project: str, service: Here) -> None:
    """Deletes an empty project."""
    with service.database.transaction() as session:
        projects.remove(session, project)


@router.put("/{project}/members/{person}", operation_id="set_role", responses=responses(403, 404, 422))
def set_role(project: str, person: str, body: RoleChange, service: Here) -> ProjectMember:
    """Gives a person a role in the project. Safe to repeat."""
    with service.database.transaction() as session:
        return ProjectMember.model_validate(projects.set_role(session, project, person, body.role))


@router.delete(
    "/{project}/members/{person}",
    status_code=204,
    operation_id="remove_member",
    responses=responses(403, 404, 422),
)
def remove_member(project: str, person: str, service: Here) -> None:
    """Takes a person's role away."""
    with service.database.transaction() as session:
        projects.remove_member(session, project, person)


def _project(row: models.Project, caller: Caller) -> Project:
    return Project(
        name=row.name,
        about=row.about,
        is_public=row.is_public,
        created_at=row.created_at,
        role=caller.role(row.name),
    )
