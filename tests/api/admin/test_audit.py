"""The audit trail: what was done and refused, by whom, to what, from where; and nobody changes it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.db import failpoints
from store.db.database import Database
from tests.api.conftest import SPEC, TLS, bearer

Search = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def search(client: httpx.Client) -> Search:
    def find(**query: object) -> list[dict[str, Any]]:
        answer = client.get("/api/v1/audit", params=query)  # type: ignore[arg-type] # a test's own values
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    return find


def test_each_change_has_an_entry_before_it_is_answered(
    client: httpx.Client, search: Search, post: Callable[..., dict[str, Any]]
) -> None:
    run = post(name="mine")
    client.patch(f"/api/v1/runs/{run['id']}", json={"notes": "seen"})
    client.post(f"/api/v1/runs/{run['id']}/cancel")
    client.delete(f"/api/v1/runs/{run['id']}")
    entries = search(subject=f"runs/{run['id']}")
    assert [entry["action"] for entry in entries] == ["delete_run", "cancel_run", "change_run", "create_run"]
    assert {(entry["person"], entry["project"], entry["address"]) for entry in entries} == {
        ("ann", "default", "127.0.0.1")
    }
    assert entries[2]["detail"] == {"notes": "seen"}
    assert [entry["status"] for entry in entries] == [204, 200, 200, 201]


def test_an_act_is_committed_with_its_entry(
    search: Search, post: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that died between the act and its response used to leave the act without one."""
    entries: dict[str, int] = {}
    monkeypatch.setattr(failpoints, "reach", lambda name: entries.setdefault(name, len(search())))
    post()
    assert entries == {"api.submitting": 0, "api.submitted": 1}


def test_an_act_that_is_answered_with_an_error_has_both(
    client: httpx.Client, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        if name == "api.submitted":
            raise RuntimeError

    monkeypatch.setattr(failpoints, "reach", fail)
    assert client.post("/api/v1/runs", json={"spec": SPEC}).status_code == 500
    assert [entry["status"] for entry in search()] == [500, 201]


def test_what_is_rolled_back_has_only_its_refusal(client: httpx.Client, search: Search) -> None:
    client.post("/api/v1/projects", json={"name": "one"})
    assert client.post("/api/v1/projects", json={"name": "one"}).status_code == 409
    assert [entry["status"] for entry in search()] == [409, 201]


def test_what_only_reads_or_plans_has_none(client: httpx.Client, search: Search) -> None:
    client.get("/api/v1/runs")
    client.post("/api/v1/runs/plan", json={"spec": SPEC})
    client.post("/api/v1/studies?dry_run=true", json={"recipe": "table-6"})
    assert search() == []


def test_keys_roles_and_refusals_have_entries(
    client: httpx.Client, url: str, search: Search, make_key: Callable[..., str]
) -> None:
    ben = bearer(make_key("read", "write", owner="ben"))
    client.put("/api/v1/projects/default/members/ben", json={"role": "viewer"})
    assert httpx.post(f"{url}/api/v1/runs", json={"spec": SPEC}, headers=ben, verify=TLS).status_code == 403
    key = client.post("/api/v1/keys", json={"name": "laptop", "scopes": ["read"]}).json()
    client.delete(f"/api/v1/keys/{key['id']}")
    assert [(entry["action"], entry["person"]) for entry in search()] == [
        ("revoke_key", "ann"), ("create_key", "ann"), ("create_run", "ben"), ("set_role", "ann"),
    ]  # fmt: skip
    assert [entry["action"] for entry in search(refused=True)] == ["create_run"]
    assert search(action="set_role")[0]["detail"] == {"role": "viewer"}
    assert key["token"] not in str(search())


def test_logins_have_entries_also_those_that_fail(anonymous: httpx.Client, search: Search, token: str) -> None:
    assert anonymous.post("/api/v1/session", headers=bearer("rsl_wrong")).status_code == 401
    assert anonymous.post("/api/v1/session", headers=bearer(token)).status_code == 201
    assert [(entry["action"], entry["person"], entry["status"]) for entry in search()] == [
        ("open_session", "ann", 201),
        ("open_session", None, 401),
    ]


def test_pages_go_back_to_the_first_entry(client: httpx.Client, search: Search) -> None:
    for name in ("one", "two", "three"):
        client.post("/api/v1/projects", json={"name": name})
    page = client.get("/api/v1/audit?limit=2").json()
    rest = client.get(f"/api/v1/audit?limit=2&cursor={page['next_cursor']}").json()
    assert [entry["detail"]["name"] for entry in page["items"] + rest["items"]] == ["three", "two", "one"]
    assert rest["next_cursor"] is None


def test_others_see_what_they_did_and_what_was_done_in_projects_that_they_maintain(
    client: httpx.Client, url: str, make_key: Callable[..., str], post: Callable[..., dict[str, Any]]
) -> None:
    make_key("read", owner="ben")
    ben = bearer(make_key("read", "write", "admin", owner="ben"))
    httpx.post(f"{url}/api/v1/projects", json={"name": "bens"}, headers=ben, verify=TLS)
    post()
    post(project="bens")
    seen = httpx.get(f"{url}/api/v1/audit", headers=ben, verify=TLS).json()["items"]
    assert [(entry["action"], entry["person"]) for entry in seen] == [("create_run", "ann"), ("create_project", "ben")]


@pytest.mark.parametrize("statement", ["UPDATE audit SET person = 'eve'", "DELETE FROM audit", "TRUNCATE audit"])
def test_nobody_changes_an_entry(client: httpx.Client, database: Database, statement: str) -> None:
    client.post("/api/v1/projects", json={"name": "one"})
    with pytest.raises(DBAPIError, match="never changed"), database.transaction() as session:
        session.execute(text(statement))


def test_a_body_that_postgres_cannot_store_is_left_out(client: httpx.Client, search: Search) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/projects", content=b'{"name": "\\ud800", "x": NaN}', headers=headers)
    assert answer.status_code == 422
    assert [(entry["action"], entry["detail"]) for entry in search()] == [("create_project", None)]
