"""The matrix: every route for every kind of caller. A route without a line here fails.

`authorize` runs as it does for a user, on rows of a project `lab`; what follows it is cut off, so that nothing is
deleted. The routes whose body names a project are at the end, uncut.
"""

from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.http import rights
from store import studies
from store.db.database import Database
from store.db.models import DashboardSession, Dataset, Run, StartWeights
from store.people import keys, people, projects
from store.people.rights import SCOPES, Caller, Role
from store.runs import verbs
from store.studies import NewStudy
from tests.api.conftest import SPEC, TLS, bearer, served
from tests.store.conftest import submission

PASSED: Final = 418  # what the cut answers
# An open route is not cut: it asks for no right. Without a provider, a login leads back to the login page.
OPEN, OPENED = 200, (200, 303)
CHECK: Final = rights.check
WHO: Final = ("anonymous", "revoked", "outsider", "viewer", "member", "owner", "maintainer", "service", "administrator")
P, NO, GONE, KEY = PASSED, 403, 404, 401
#             anonymous revoked outsider viewer member owner maintainer service administrator
RIGHTS: Final = {
    "open":       (OPEN,) * 9,
    "everybody":  (KEY, KEY, P,    P,    P,    P,    P,    P,  P),
    "read":       (KEY, KEY, GONE, P,    P,    P,    P,    P,  P),
    "submit":     (KEY, KEY, GONE, NO,   P,    P,    P,    P,  P),
    "change":     (KEY, KEY, GONE, NO,   NO,   P,    P,    NO, P),
    "manage":     (KEY, KEY, GONE, NO,   NO,   NO,   P,    NO, P),
    "own":        (KEY, KEY, GONE, GONE, GONE, P,    GONE, NO, P),
    "signed in":  (KEY, KEY, P,    P,    P,    P,    P,    NO, P),  # with a key that may manage keys
    "administer": (KEY, KEY, NO,   NO,   NO,   NO,   NO,   NO, P),
}  # fmt: skip
ROUTES: Final = """
open        GET /healthz; GET /readyz; GET /api/v1/login; GET /api/v1/login/start; GET /api/v1/login/callback
everybody   GET /api/v1/runs; POST /api/v1/runs; POST /api/v1/runs/plan; GET /api/v1/events
everybody   GET /api/v1/examinations; GET /api/v1/queue; GET /api/v1/workers; GET /metrics
everybody   POST /api/v1/imports; POST /api/v1/imports/plan; POST /api/v1/pools; GET /api/v1/claims
everybody   GET /api/v1/start-weights; POST /api/v1/start-weights
everybody   GET /api/v1/datasets; POST /api/v1/datasets; GET /api/v1/studies; POST /api/v1/studies
everybody   GET /api/v1/paper/tables; GET /api/v1/paper/tables/{number}; GET /api/v1/paper/figures
everybody   GET /api/v1/paper/text; GET /api/v1/paper/references; GET /api/v1/paper/fields
everybody   GET /api/v1/paper/claims; GET /api/v1/paper/lint; GET /api/v1/recipes; GET /api/v1/recipes/{name}
everybody   GET /api/v1/signing-key; GET /api/v1/projects; POST /api/v1/projects
everybody   GET /api/v1/rights; GET /api/v1/session; POST /api/v1/session; DELETE /api/v1/session
everybody   GET /openapi.json; GET /docs; GET /docs/start.js; GET /docs/{file}; GET /help; GET /help/{path:path}
read        GET /api/v1/runs/{run_id}; GET /api/v1/runs/{run_id}/findings; GET /api/v1/runs/{run_id}/verdict
read        GET /api/v1/runs/{run_id}/events; GET /api/v1/runs/{run_id}/curves.{format}
read        GET /api/v1/runs/{run_id}/checkpoints; GET /api/v1/runs/{run_id}/size; GET /api/v1/runs/{run_id}/log
read        GET /api/v1/runs/{run_id}/weights; HEAD /api/v1/runs/{run_id}/weights; GET /api/v1/runs/{run_id}/network
read        GET /api/v1/runs/{run_id}/examinations; GET /api/v1/examinations/{examination_id}
read        GET /api/v1/examinations/{examination_id}/picture
read        GET /api/v1/curves; GET /api/v1/curves/export; GET /api/v1/figure.{format}
read        GET /api/v1/datasets/{name}; GET /api/v1/datasets/{name}/sheet; GET /api/v1/datasets/{name}/samples
read        GET /api/v1/examinations/{examination_id}/images
read        GET /api/v1/studies/{study_id}; GET /api/v1/studies/{study_id}/table.{format}
read        GET /api/v1/studies/{study_id}/figure.{format}; GET /api/v1/studies/{study_id}/certificate
read        GET /api/v1/studies/{study_id}/registration; GET /api/v1/studies/{study_id}/registration.html
read        GET /api/v1/projects/{project}
submit      POST /api/v1/runs/{run_id}/retry; POST /api/v1/runs/{run_id}/fork
submit      POST /api/v1/runs/{run_id}/examinations; POST /api/v1/runs/{run_id}/predictions
change      PATCH /api/v1/runs/{run_id}; DELETE /api/v1/runs/{run_id}; POST /api/v1/runs/{run_id}/cancel
change      POST /api/v1/runs/{run_id}/pause; POST /api/v1/runs/{run_id}/resume
change      DELETE /api/v1/start-weights/{sha256}
change      DELETE /api/v1/datasets/{name}; DELETE /api/v1/studies/{study_id}; POST /api/v1/studies/{study_id}/pause
change      POST /api/v1/studies/{study_id}/resume; POST /api/v1/studies/{study_id}/cancel
change      POST /api/v1/studies/{study_id}/seeds
manage      PATCH /api/v1/projects/{project}; DELETE /api/v1/projects/{project}
manage      PUT /api/v1/projects/{project}/members/{person}; DELETE /api/v1/projects/{project}/members/{person}
own         DELETE /api/v1/keys/{key_id}; DELETE /api/v1/sessions/{session_id}
signed in   GET /api/v1/keys; POST /api/v1/keys; GET /api/v1/sessions; GET /api/v1/audit
administer  POST /api/v1/workers/{worker_id}/drain; GET /api/v1/people; POST /api/v1/people
administer  GET /api/v1/channels; POST /api/v1/channels; PATCH /api/v1/channels/{channel_id}
administer  DELETE /api/v1/channels/{channel_id}; POST /api/v1/channels/{channel_id}/test
administer  GET /api/v1/deliveries; POST /api/v1/deliveries/{delivery_id}/resend
administer  GET /api/v1/retention; POST /api/v1/retention/{project}/plan; PUT /api/v1/retention/{project}
administer  DELETE /api/v1/retention/{project}
administer  PATCH /api/v1/people/{person}; PUT /api/v1/quotas/{kind}/{name}
everybody   GET /api/v1/usage; GET /api/v1/usage/months
"""


def table() -> dict[tuple[str, str], str]:
    """What each route needs, by method and path."""
    lines = (line.split(maxsplit=1) if not line.startswith("signed in") else ("signed in", line[9:])
             for line in ROUTES.strip().splitlines())  # fmt: skip
    pairs = ((need, call.split()) for need, calls in lines for call in calls.split(";"))
    return {(method, path): need for need, (method, path) in pairs}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(app.routes):
        assert isinstance(context.original_route, APIRoute)
        yield from ((method, str(context.path)) for method in context.original_route.methods or ())


@pytest.fixture
def people_of_lab(database: Database, make_key: Callable[..., str]) -> dict[str, str]:
    """Everybody's key, by what they are."""
    tokens = {"anonymous": "", "administrator": make_key(owner="root")}
    with database.transaction() as session:
        root = keys.authenticate(session, tokens["administrator"])
        assert root is not None
        projects.create(session, root, "lab")
        for name in ("outsider", "viewer", "member", "owner", "maintainer", "revoked"):
            people.ensure(session, name)  # otherwise a key with the scope admin would make an administrator
            tokens[name] = keys.new_token()
            keys.create(session, tokens[name], name="test", owner=name, scopes=SCOPES)
        roles: dict[str, Role] = {"viewer": "viewer", "member": "member", "owner": "member", "maintainer": "maintainer"}
        for name, role in roles.items():
            projects.set_role(session, "lab", name, role)
        tokens["service"] = keys.new_token()
        keys.create_for_service(
            session, tokens["service"], name="ci", project="lab", role="member", scopes=("read", "write")
        )
    with database.transaction() as session:
        revoked = keys.authenticate(session, tokens["revoked"])
        assert revoked is not None
        keys.revoke(session, revoked.key_id)  # type: ignore[arg-type] # a key's caller has its id
    return tokens


@pytest.fixture
def ids(database: Database, people_of_lab: dict[str, str]) -> dict[str, str]:
    """A row of each kind, all of `owner` in `lab`, as the values of the paths' parameters."""
    with database.transaction() as session:
        owner = keys.authenticate(session, people_of_lab["owner"])
        assert owner is not None
        run, _ = verbs.create(session, submission("owner"))
        run.project = "lab"
        new = NewStudy("s", "owner", "table-6", 1, 1.0, "digits", project="lab")
        study, _ = studies.create(session, new, [])
        session.add(Dataset(name="flowers", project="lab", owner="owner", about="", manifest_hash="0", classes=["a"],
                            train_images=1, test_images=1, size_bytes=1, path="/x"))  # fmt: skip
        session.add(StartWeights(sha256="0" * 64, network="vgg16", statistics="moving_average", name="w", project="lab",
                                 owner="owner", size_bytes=1, key="starts/x"))  # fmt: skip
        keys.open_session(session, owner)
        session.flush()
        opened = session.scalars(select(DashboardSession.id)).one()
    return {
        "run_id": str(run.id), "examination_id": str(run.id), "study_id": str(study.id), "name": "flowers",
        "key_id": str(owner.key_id), "session_id": str(opened), "project": "lab", "person": "owner",
        "worker_id": str(run.id), "sha256": "0" * 64, "kind": "person", "channel_id": str(run.id),
        "delivery_id": str(run.id), "number": "6", "format": "svg", "file": "x", "path": "x",
    }  # fmt: skip


def cut(session: Session, caller: Caller, request: Request) -> None:
    CHECK(session, caller, request)
    raise HTTPException(PASSED)


def test_every_route_for_every_kind_of_caller(
    app: FastAPI, people_of_lab: dict[str, str], ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = table()
    assert sorted(set(routes(app)) ^ needs.keys()) == [], "a route without a line, or a line without a route"
    monkeypatch.setattr(rights, "check", cut)
    wrong = []
    with served(app) as url, httpx.Client(base_url=url, verify=TLS) as client:
        for (method, path), need in needs.items():
            query = f"?run={ids['run_id']}" if path.startswith(("/api/v1/curves", "/api/v1/figure")) else ""
            for who, expected in zip(WHO, RIGHTS[need], strict=True):
                headers = bearer(people_of_lab[who]) if people_of_lab[who] else {}
                status = client.request(
                    method, path.replace(":path", "").format(**ids) + query, headers=headers
                ).status_code
                if status not in (OPENED if expected == OPEN else (expected,)):
                    wrong.append((who, method, path, status, expected))
    assert wrong == []


def test_a_refusal_says_who_may(url: str, people_of_lab: dict[str, str], ids: dict[str, str]) -> None:
    def detail(who: str, method: str, path: str) -> str:
        answer = httpx.request(method, url + path, headers=bearer(people_of_lab[who]), verify=TLS)
        return str(answer.json()["detail"])

    run = f"/api/v1/runs/{ids['run_id']}"
    assert detail("outsider", "GET", run) == f"There is no run {ids['run_id']}."
    assert detail("member", "DELETE", run) == (
        "This is owner's. Only owner, a maintainer of lab or an administrator may do this."
    )
    assert detail("viewer", "POST", f"{run}/retry") == (
        "You are a viewer of the project lab, so you can't submit to it. Ask one of its maintainers."
    )
    assert detail("member", "GET", "/api/v1/people") == "Only an administrator of this service may do this."


def test_the_service_says_what_a_caller_may_do_and_why_not(url: str, people_of_lab: dict[str, str]) -> None:
    def refusals(who: str, query: str = "") -> dict[str, str]:
        answer = httpx.get(f"{url}/api/v1/rights{query}", headers=bearer(people_of_lab[who]), verify=TLS)
        return dict(answer.json()["refusals"])

    for column, who in enumerate(WHO):
        if who in ("anonymous", "revoked"):
            continue
        in_lab, beyond = refusals(who, "?row=lab/owner"), refusals(who)
        for verb in ("read", "submit", "change", "manage"):
            assert (verb in in_lab) == (RIGHTS[verb][column] != P), (who, verb)
        assert ("administer" in beyond) == (RIGHTS["administer"][column] != P), who
        assert ("own" in beyond) == (RIGHTS["signed in"][column] != P), who
    assert refusals("member", "?row=lab/member&row=lab/owner")["change"] == (
        "This is owner's. Only owner, a maintainer of lab or an administrator may do this."
    )
    assert "submit" not in refusals("outsider", "?row=new")  # a name that nobody has used makes a project


def test_the_service_says_which_priority_a_caller_may_give(url: str, people_of_lab: dict[str, str]) -> None:
    most = {
        who: httpx.get(f"{url}/api/v1/rights?row=lab", headers=bearer(people_of_lab[who]), verify=TLS).json()
        for who in ("viewer", "member", "maintainer", "administrator")
    }
    assert [answer["most_priority"] for answer in most.values()] == [0, 10, 50, 100]


@pytest.mark.usefixtures("ids")
def test_lists_show_what_their_caller_may_see(url: str, people_of_lab: dict[str, str]) -> None:
    def count(who: str, path: str) -> int:
        answer = httpx.get(url + path, headers=bearer(people_of_lab[who]), verify=TLS).json()
        items = answer["waiting"] if path.endswith("queue") else answer["items"]
        return sum(item.get("name") != "default" and item.get("kind") != "built-in" for item in items)

    for path in ("runs", "studies", "datasets", "queue", "projects"):
        shown = {who: count(who, f"/api/v1/{path}") for who in ("outsider", "viewer", "service", "administrator")}
        assert shown == {"outsider": 0, "viewer": 1, "service": 1, "administrator": 1}, path


def test_a_public_project_is_read_by_everybody_and_changed_by_nobody_else(
    url: str, people_of_lab: dict[str, str], ids: dict[str, str]
) -> None:
    run = f"{url}/api/v1/runs/{ids['run_id']}"
    outsider, maintainer = bearer(people_of_lab["outsider"]), bearer(people_of_lab["maintainer"])
    assert httpx.get(run, headers=outsider, verify=TLS).status_code == 404
    httpx.patch(f"{url}/api/v1/projects/lab", json={"is_public": True}, headers=maintainer, verify=TLS)
    assert httpx.get(run, headers=outsider, verify=TLS).status_code == 200
    assert httpx.post(f"{run}/cancel", headers=outsider, verify=TLS).status_code == 403


def test_a_run_goes_where_its_submitter_may_submit(url: str, people_of_lab: dict[str, str]) -> None:
    def submit(who: str, project: str) -> int:
        body = {"spec": SPEC, "project": project}
        answer = httpx.post(f"{url}/api/v1/runs", json=body, headers=bearer(people_of_lab[who]), verify=TLS)
        return answer.status_code

    assert [submit(who, "lab") for who in ("outsider", "viewer", "member", "service")] == [403, 403, 201, 201]
    assert submit("outsider", "default") == 201
    assert submit("outsider", "my own") == 201  # a new name is a new project, and its submitter maintains it
    assert [submit(who, "my own") for who in ("outsider", "member", "administrator")] == [201, 403, 201]
    assert submit("service", "of a program") == 403


def test_a_run_is_not_moved_where_its_mover_may_not_submit(
    url: str, people_of_lab: dict[str, str], ids: dict[str, str], database: Database
) -> None:
    with database.transaction() as session:
        projects.set_role(session, "lab", "outsider", "maintainer")
    run, owner = f"{url}/api/v1/runs/{ids['run_id']}", bearer(people_of_lab["owner"])
    httpx.post(f"{url}/api/v1/projects", json={"name": "far"}, headers=bearer(people_of_lab["outsider"]), verify=TLS)
    assert httpx.patch(run, json={"project": "far"}, headers=owner, verify=TLS).status_code == 403
    assert httpx.patch(run, json={"project": "default"}, headers=owner, verify=TLS).status_code == 200
    with database.transaction() as session:
        assert session.scalars(select(Run.project)).all() == ["default"]


def test_a_data_set_of_another_project_can_not_be_trained_on(
    url: str, people_of_lab: dict[str, str], ids: dict[str, str]
) -> None:
    def detail(who: str) -> str:
        body = {"spec": SPEC | {"dataset": ids["name"]}}
        answer = httpx.post(f"{url}/api/v1/runs/plan", json=body, headers=bearer(people_of_lab[who]), verify=TLS)
        return str(answer.json().get("detail"))

    assert detail("outsider").startswith("There is no data set flowers. Choose one of cifar10,")
    assert "flowers" not in detail("outsider").removeprefix("There is no data set flowers.")
    assert not detail("viewer").startswith("There is no data set")


def test_nobody_makes_a_key_that_may_do_more_than_they_may(url: str, people_of_lab: dict[str, str]) -> None:
    def create(who: str, **body: object) -> int:
        sent = {"name": "k", "scopes": ["read"], **body}
        answer = httpx.post(f"{url}/api/v1/keys", json=sent, headers=bearer(people_of_lab[who]), verify=TLS)
        return answer.status_code

    assert create("member") == 201
    assert create("member", owner="root") == 403
    assert [create(who, project="lab") for who in ("member", "maintainer", "administrator")] == [403, 201, 201]
    assert create("maintainer", project="elsewhere") == 403
