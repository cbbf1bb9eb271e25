"""Keys and sessions over HTTP: listed, named, they expire, know when they were used, and one always remains."""

from collections.abc import Callable

import httpx
from sqlalchemy import func, text, update

from store.db.database import Database
from store.db.models import ApiKey
from tests.api.conftest import TLS, bearer


def test_a_key_expires(client: httpx.Client, anonymous: httpx.Client, database: Database) -> None:
    key = client.post("/api/v1/keys", json={"name": "ci", "scopes": ["read"], "expires_in_days": 7}).json()
    assert key["expires_at"] is not None
    headers = bearer(key["token"])
    anonymous.post("/api/v1/session", headers=headers)
    assert anonymous.get("/api/v1/session").status_code == 200
    with database.transaction() as session:
        session.execute(
            update(ApiKey).where(ApiKey.id == key["id"]).values(expires_at=func.now() - text("interval '1 s'"))
        )
    assert anonymous.get("/api/v1/runs", headers=headers).status_code == 401
    assert anonymous.get("/api/v1/session").status_code == 401


def test_a_key_knows_when_it_was_last_used(client: httpx.Client, anonymous: httpx.Client) -> None:
    key = client.post("/api/v1/keys", json={"name": "ci", "scopes": ["read"]}).json()
    assert key["last_used_at"] is None
    anonymous.get("/api/v1/runs", headers=bearer(key["token"]))
    (used,) = [item for item in client.get("/api/v1/keys").json()["items"] if item["id"] == key["id"]]
    assert used["last_used_at"] is not None


def test_the_last_administrators_key_stays(client: httpx.Client) -> None:
    (last,) = client.get("/api/v1/keys").json()["items"]
    refused = client.delete(f"/api/v1/keys/{last['id']}")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This is the last key with which an administrator can sign in. Create another one before you end it.",
    )
    # One that ends by itself, or that can't administer, is no way back in.
    for body in ({"scopes": ["read", "write", "admin"], "expires_in_days": 1}, {"scopes": ["read", "write"]}):
        client.post("/api/v1/keys", json={"name": "other", **body})
        assert client.delete(f"/api/v1/keys/{last['id']}").status_code == 409
    client.post("/api/v1/keys", json={"name": "second", "scopes": ["read", "write", "admin"]})
    assert client.delete(f"/api/v1/keys/{last['id']}").status_code == 204


def test_the_last_administrator_stays_one(client: httpx.Client, make_key: Callable[..., str]) -> None:
    assert client.patch("/api/v1/people/ann", json={"is_administrator": False}).status_code == 409
    assert client.patch("/api/v1/people/ann", json={"is_disabled": True}).status_code == 409
    make_key(owner="ben")
    assert client.patch("/api/v1/people/ann", json={"is_administrator": False}).status_code == 200
    assert client.get("/api/v1/people").status_code == 403


def test_a_disabled_person_is_signed_out_until_they_are_enabled(
    client: httpx.Client, anonymous: httpx.Client, make_key: Callable[..., str]
) -> None:
    ben = bearer(make_key("read", owner="ben"))
    anonymous.post("/api/v1/session", headers=ben)
    for is_disabled, status in ((True, 401), (False, 200)):
        client.patch("/api/v1/people/ben", json={"is_disabled": is_disabled})
        assert anonymous.get("/api/v1/runs", headers=ben).status_code == status
        assert anonymous.get("/api/v1/runs").status_code == status


def test_browsers_are_listed_by_name_and_signed_out(client: httpx.Client, url: str, token: str) -> None:
    with httpx.Client(base_url=url, verify=TLS, headers={"User-Agent": "Firefox"}) as browser:
        browser.post("/api/v1/session", headers=bearer(token))
        (listed,) = browser.get("/api/v1/sessions").json()["items"]
        assert (listed["name"], listed["owner"], listed["is_this"]) == ("Firefox", "ann", True)
        assert client.delete(f"/api/v1/sessions/{listed['id']}").status_code == 204
        assert browser.get("/api/v1/session").status_code == 401
    assert client.get("/api/v1/sessions").json()["items"] == []


def test_a_person_sees_their_own_keys_and_sessions_only(
    client: httpx.Client, anonymous: httpx.Client, make_key: Callable[..., str]
) -> None:
    make_key("read", owner="ben")  # so that ben is no administrator
    ben = bearer(make_key("read", "write", "admin", owner="ben"))
    assert {key["owner"] for key in anonymous.get("/api/v1/keys", headers=ben).json()["items"]} == {"ben"}
    assert {key["owner"] for key in client.get("/api/v1/keys").json()["items"]} == {"ann", "ben"}


def test_a_service_account_has_its_role_in_its_projects_only(client: httpx.Client, anonymous: httpx.Client) -> None:
    client.post("/api/v1/projects", json={"name": "lab"})
    body = {"name": "ci", "scopes": ["read", "write"], "project": "lab", "role": "viewer"}
    key = client.post("/api/v1/keys", json=body).json()
    assert (key["owner"], key["project"]) == ("ci@lab", "lab")
    session = anonymous.get("/api/v1/session", headers=bearer(key["token"])).json()
    assert (session["is_administrator"], session["roles"]) == (False, {"lab": "viewer"})
    client.put("/api/v1/projects/default/members/ci@lab", json={"role": "member"})
    roles = anonymous.get("/api/v1/session", headers=bearer(key["token"])).json()["roles"]
    assert roles == {"default": "member", "lab": "viewer"}
