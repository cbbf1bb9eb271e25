"""Access: every call needs a key or a session, and a session works only from the dashboard's own pages."""

from collections.abc import Callable, Iterator

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from tests.api.conftest import SPEC, bearer

OPEN = {"/healthz", "/readyz", "/api/v1/login", "/api/v1/login/start", "/api/v1/login/callback"}
# What only keys with the scope admin may even read.
ADMINISTERED = tuple(
    f"/api/v1/{what}" for what in ("keys", "sessions", "people", "audit", "channels", "deliveries", "retention")
)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def calls(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path of the route table, with a value for each parameter."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        assert isinstance(route, APIRoute), f"{route} is no route that the application's dependencies reach"
        path = str(context.path)
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", "01890000-0000-7000-8000-000000000000")
        for method in sorted(route.methods or ()):
            yield method, path


def test_all_routes_except_five_need_a_key(app: FastAPI, anonymous: httpx.Client) -> None:
    table = list(calls(app))
    assert len(table) > 25
    for method, path in table:
        status = anonymous.request(method, path).status_code
        assert (status == 401) == (path not in OPEN), (method, path, status)


def test_a_wrong_key_is_refused(app: FastAPI, anonymous: httpx.Client) -> None:
    for headers in (
        bearer("rsl_wrong"),
        bearer("x y"),
        {"Authorization": "Basic YTpi"},
        {"Cookie": "reslab_session=x"},
    ):
        answer = anonymous.get("/api/v1/runs", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_reading_key_reads_and_changes_nothing(
    app: FastAPI, anonymous: httpx.Client, make_key: Callable[..., str]
) -> None:
    headers = bearer(make_key("read"))
    for method, path in calls(app):
        if path in OPEN or path == "/api/v1/session":
            continue
        status = anonymous.request(method, path, headers=headers).status_code
        refused = method not in ("GET", "HEAD") or path.startswith(ADMINISTERED)
        assert (status == 403) == refused, (method, path, status)


def test_a_writing_key_cannot_create_keys(anonymous: httpx.Client, make_key: Callable[..., str]) -> None:
    headers = bearer(make_key("read", "write"))
    assert anonymous.post("/api/v1/runs", json={"spec": SPEC}, headers=headers).status_code == 201
    assert anonymous.post("/api/v1/keys", json={"name": "x", "scopes": ["read"]}, headers=headers).status_code == 403


def test_a_key_is_shown_once_and_can_be_revoked(client: httpx.Client, anonymous: httpx.Client) -> None:
    key = client.post("/api/v1/keys", json={"name": "ci", "owner": "bob", "scopes": ["read", "write"]}).json()
    assert "token" not in client.get("/api/v1/keys").json()["items"][-1]
    headers = bearer(key["token"])
    assert anonymous.post("/api/v1/runs", json={"spec": SPEC}, headers=headers).json()["owner"] == "bob"
    assert client.delete(f"/api/v1/keys/{key['id']}").status_code == 204
    assert anonymous.get("/api/v1/runs", headers=headers).status_code == 401


def test_a_key_opens_a_session(anonymous: httpx.Client, token: str) -> None:
    answer = anonymous.post("/api/v1/session", headers=bearer(token))
    assert answer.status_code == 201
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in str(answer.headers)
    assert anonymous.get("/api/v1/session").json() == {
        "owner": "ann",
        "scopes": ["read", "write", "admin"],
        "is_administrator": True,
        "roles": {"default": "member"},
    }


def test_a_wrong_key_opens_no_session(anonymous: httpx.Client) -> None:
    answer = anonymous.post("/api/v1/session", headers=bearer("rsl_wrong"))
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)


def test_each_port_of_a_host_has_a_session_of_its_own(anonymous: httpx.Client, token: str) -> None:
    """Browsers send cookies to every port: the session of one service was overwritten by that of another."""
    anonymous.post("/api/v1/session", headers=bearer(token))
    assert list(anonymous.cookies) == [f"reslab_session_{anonymous.base_url.port}"]
    (secret,) = anonymous.cookies.values()
    anonymous.cookies.clear()
    for name, status in ((f"reslab_session_{anonymous.base_url.port}", 200), ("reslab_session_1", 401)):
        answer = anonymous.get("/api/v1/session", headers={"Cookie": f"{name}={secret}"})
        assert answer.status_code == status


def test_a_session_changes_things_only_from_the_same_origin(anonymous: httpx.Client, token: str) -> None:
    assert anonymous.post("/api/v1/session", headers=bearer(token)).status_code == 201
    origin = str(anonymous.base_url).rstrip("/")

    def send(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return anonymous.post("/api/v1/runs", json={"spec": SPEC}, headers=named).status_code

    assert send(Sec_Fetch_Site="same-origin") == 201
    assert send(Origin=origin) == 201
    assert send() == 403
    assert send(Origin="http://evil.example") == 403
    assert send(Origin="null") == 403
    assert send(Sec_Fetch_Site="cross-site", Origin=origin) == 403
    assert send(Sec_Fetch_Site="same-site") == 403


def test_a_closed_session_is_over(anonymous: httpx.Client, token: str) -> None:
    anonymous.post("/api/v1/session", headers=bearer(token))
    ((name, secret),) = anonymous.cookies.items()
    assert anonymous.delete("/api/v1/session", headers=SAME_ORIGIN).status_code == 204
    assert anonymous.get("/api/v1/session", headers={"Cookie": f"{name}={secret}"}).status_code == 401


def test_revoking_a_key_ends_its_sessions(client: httpx.Client, anonymous: httpx.Client) -> None:
    key = client.post("/api/v1/keys", json={"name": "laptop", "scopes": ["read"]}).json()
    anonymous.post("/api/v1/session", headers=bearer(key["token"]))
    assert anonymous.get("/api/v1/session").json()["scopes"] == ["read"]
    client.delete(f"/api/v1/keys/{key['id']}")
    assert anonymous.get("/api/v1/session").status_code == 401
