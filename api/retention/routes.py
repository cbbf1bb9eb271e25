"""Retention rules over HTTP: what would be deleted is shown before a rule is set."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import Field

from api.http.access import Present
from api.http.problems import responses
from api.http.schema import Request, Response
from api.service import Here
from store.db import models
from store.db.errors import Conflict
from store.db.text import ShortText
from store.retention import rules

router = APIRouter(prefix="/api/v1/retention", tags=["service"])
Project = Annotated[ShortText, InPath(max_length=200)]
Days = Annotated[int | None, Field(default=None, ge=1, le=36_500)]
SHOWN = 100


class RuleBody(Request):
    """After how many days what goes from a project's runs; null keeps it."""

    checkpoints_days: Days = Field(description="Days after a run's end after which all of its checkpoints go.")
    weights_days: Days = Field(description="… after which only its best and last weights stay.")
    archive_days: Days = Field(description="… after which lists leave it out, unless somebody has brought it back.")


class Rule(Response):
    project: str
    checkpoints_days: int | None
    weights_days: int | None
    archive_days: int | None
    owner: str = Field(description="Who set it.")


class Rules(Response):
    items: list[Rule]


class OutdatedFile(Response):
    run_id: str
    run: str
    role: str
    iteration: int
    size_bytes: int


class RetentionPlan(Response):
    """What a rule would delete and archive now."""

    runs: int
    files: int
    size_bytes: int
    first: list[OutdatedFile] = Field(description=f"The first {SHOWN} files.")
    archived: int = Field(description="How many runs lists would leave out. Nothing of them is deleted.")


@router.get("", operation_id="list_retention_rules", responses=responses(403))
def list_retention_rules(service: Here) -> Rules:
    """The projects' rules. Control applies them every hour."""
    with service.database.transaction() as session:
        return Rules(items=[Rule.model_validate(row) for row in rules.list_all(session)])


@router.post("/{project}/plan", operation_id="plan_retention", responses=responses(403, 422))
def plan_retention(project: Project, body: RuleBody, service: Here, caller: Present) -> RetentionPlan:
    """Says what a rule would delete and archive. Changes nothing."""
    rule = models.RetentionRule(project=project, owner=caller.owner, **dict(body))
    with service.database.transaction() as session:
        files = rules.outdated(session, rule)
        archived = len(rules.to_archive(session, rule))
        shown = [
            OutdatedFile(
                run_id=str(run.id),
                run=run.name,
                role=file.role,
                iteration=file.iteration,
                size_bytes=file.size_bytes,
            )
            for file, run in files[:SHOWN]
        ]
    return RetentionPlan(
        runs=len({run.id for _, run in files}),
        files=len(files),
        size_bytes=sum(file.size_bytes for file, _ in files),
        first=shown,
        archived=archived,
    )


@router.put("/{project}", operation_id="set_retention_rule", responses=responses(403, 409, 422))
def set_retention_rule(
    project: Project,
    body: RuleBody,
    service: Here,
    caller: Present,
    files: Annotated[int, Query(ge=0, description="How many files its plan says will go now.")],
) -> Rule:
    """Sets a project's rule, which control applies within the hour. `files` is from its plan: if more would go by now,
    nothing is set.
    """
    rule = models.RetentionRule(project=project, owner=caller.owner, **dict(body))
    with service.database.transaction() as session:
        count = len(rules.outdated(session, rule))
        if count > files:
            raise Conflict(f"This rule would delete {count:,} files now, not {files:,}. Look at its plan again.")
        return Rule.model_validate(rules.put(session, rule))


@router.delete("/{project}", status_code=204, operation_id="delete_retention_rule", responses=responses(403, 404, 422))
def delete_retention_rule(project: Project, service: Here) -> None:
    """Removes a project's rule: nothing more is deleted or archived by it."""
    with service.database.transaction() as session:
        rules.remove(session, project)
