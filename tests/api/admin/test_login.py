"""Signing in by OpenID Connect, at a real provider: the certified `oidc-provider` on the Node that the wheel brings."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
import uvicorn

from api.app import create_app
from reslab.stack.home import free_port
from store.db.database import Database
from store.db.settings import Settings
from store.people import groups, people
from store.people.groups import Identity, Rule
from tests.api.conftest import SPEC, TLS, bearer, until

ROOT = Path(__file__).parents[3]
GROUPS = {"ada": ["vision"], "bob": ["vision", "leads", "root"], "eve": []}
ROLES = ("vision:lab=member", "leads:lab=maintainer", "root=administrator")


@pytest.fixture
def port() -> int:
    """Free now: the provider must know the callback's address before the service starts."""
    return free_port()


@pytest.fixture
def issuer(port: int) -> Iterator[str]:
    node, script = Path(sys.executable).parent / "node", Path(__file__).with_name("provider.mjs")
    back = f"http://127.0.0.1:{port}/api/v1/login/callback"
    command = [str(node), str(script), str(ROOT / "frontend"), back, json.dumps(GROUPS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as provider:
        assert provider.stdout is not None
        line = provider.stdout.readline().strip()
        assert line.startswith("http"), "the provider did not start; is it in frontend/node_modules?"
        yield line
        provider.kill()


@pytest.fixture
def lab(settings: Settings, dist: Path, issuer: str, port: int) -> Iterator[str]:
    """The service's address, with that provider."""
    changed = settings.model_copy(
        update={
            "oidc_issuer": issuer,
            "oidc_client_id": "reslab",
            "oidc_client_secret": "a secret of the test",
            "oidc_name": "the lab",
            "oidc_roles": ROLES,
            "study_look_s": 3600,
        }
    )
    config = uvicorn.Config(create_app(changed, dist), host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(60)


def sign_in(browser: httpx.Client, lab: str, name: str) -> str:
    """Goes to the provider and back as a browser would. Returns where the service sent it."""
    page = browser.get(f"{lab}/api/v1/login/start", follow_redirects=True)
    for _ in range(2):  # the login, then the consent
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert form is not None, page.text
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        assert prompt is not None
        sent = {"prompt": prompt[1], "login": name, "password": "any"}
        page = _follow(browser, lab, browser.post(form[1], data=sent))
        if page.headers.get("location", "").startswith(("/", lab)):
            break
    return str(page.headers["location"])


def _follow(browser: httpx.Client, lab: str, answer: httpx.Response) -> httpx.Response:
    """Redirects, up to the one with which the service ends the login."""
    while answer.is_redirect and not str(answer.url).startswith(lab):
        answer = browser.get(str(answer.next_request and answer.next_request.url))
    return answer


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(verify=TLS) as client:
        yield client


def session(browser: httpx.Client, lab: str) -> dict[str, object]:
    answer: dict[str, object] = browser.get(f"{lab}/api/v1/session").json()
    return answer


def test_a_person_signs_in_and_has_the_roles_of_their_groups(
    lab: str, browser: httpx.Client, make_key: Callable[..., str]
) -> None:
    assert httpx.get(f"{lab}/api/v1/login", verify=TLS).json() == {"provider": "the lab"}
    assert sign_in(browser, lab, "ada") == "/"
    assert session(browser, lab) == {
        "owner": "ada",
        "scopes": ["read", "write", "admin"],
        "is_administrator": False,
        "roles": {"default": "member", "lab": "member"},
    }
    run = {"spec": SPEC, "project": "lab"}
    sent = browser.post(f"{lab}/api/v1/runs", json=run, headers={"Sec-Fetch-Site": "same-origin"})
    assert (sent.status_code, sent.json()["owner"]) == (201, "ada")
    entries = httpx.get(f"{lab}/api/v1/audit", headers=bearer(make_key()), verify=TLS).json()["items"]
    assert [(entry["action"], entry["person"], entry["status"]) for entry in entries] == [
        ("create_run", "ada", 201),
        ("finish_login", "ada", 303),
    ]


def test_the_highest_role_counts_and_a_group_makes_administrators(lab: str, browser: httpx.Client) -> None:
    sign_in(browser, lab, "bob")
    assert session(browser, lab)["roles"] == {"default": "member", "lab": "maintainer"}
    assert session(browser, lab)["is_administrator"] is True


def test_who_has_no_group_here_is_refused_and_told_so(
    lab: str, browser: httpx.Client, make_key: Callable[..., str]
) -> None:
    address = sign_in(browser, lab, "eve")
    assert unquote(address) == "/#failed=None of your groups has a role here. Ask an administrator of this service."
    assert browser.get(f"{lab}/api/v1/session").status_code == 401
    entries = httpx.get(f"{lab}/api/v1/audit", headers=bearer(make_key()), verify=TLS).json()["items"]
    assert [(entry["action"], entry["status"]) for entry in entries] == [("finish_login", 401)]


def test_an_answer_to_somebody_elses_login_is_refused(lab: str, browser: httpx.Client) -> None:
    start = browser.get(f"{lab}/api/v1/login/start")
    query = parse_qs(urlsplit(start.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    for path in ("?code=x&state=other", "?code=x", f"?state={query['state'][0]}", ""):
        answer = browser.get(f"{lab}/api/v1/login/callback{path}")
        assert unquote(answer.headers["location"]) == "/#failed=The login was cancelled or took too long. Try again."
    forged = browser.get(f"{lab}/api/v1/login/callback?code=x&state={query['state'][0]}")
    assert "#failed=" in forged.headers["location"]  # the provider knows no such code
    assert browser.get(f"{lab}/api/v1/session").status_code == 401


def test_without_a_provider_the_page_says_so(url: str) -> None:
    assert httpx.get(f"{url}/api/v1/login", verify=TLS).json() == {"provider": None}
    answer = httpx.get(f"{url}/api/v1/login/start", verify=TLS)
    assert "has no identity provider" in unquote(answer.headers["location"])


def identity(name: str, *of: str) -> Identity:
    return Identity(f"https://issuer {name}", name, of)


def test_a_role_goes_with_its_group(database: Database) -> None:
    rules = [Rule.parse(text) for text in (*ROLES, "*:default=viewer")]
    with database.transaction() as session:
        groups.sign_in(session, identity("ada", "leads", "root"), rules)
        assert people.roles_of(session, "ada") == {"default": "viewer", "lab": "maintainer"}
        assert people.get(session, "ada").is_administrator
        groups.sign_in(session, identity("ada"), rules)
        assert people.roles_of(session, "ada") == {"default": "viewer"}
        assert not people.get(session, "ada").is_administrator


def test_nobody_takes_the_name_of_somebody_who_signs_in_with_a_key(database: Database) -> None:
    from store.db.errors import Forbidden

    with database.transaction() as session:
        people.ensure(session, "ann", is_administrator=True)
        with pytest.raises(Forbidden, match="The name ann is somebody's who signs in with a key"):
            groups.sign_in(session, identity("ann"), [])
        people.change(session, "ann", subject="https://issuer ann")
        assert groups.sign_in(session, identity("ann"), []) == "ann"
        people.get(session, "ann").disabled_at = people.get(session, "ann").created_at
        with pytest.raises(Forbidden, match="may not sign in any more"):
            groups.sign_in(session, identity("ann"), [])


@pytest.mark.parametrize("text", ["", "lab", "lab=member", "lab:default=owner", ":default=member", "lab:=member"])
def test_a_rule_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be GROUP:PROJECT=ROLE"):
        Rule.parse(text)


def test_three_people_share_the_lab(lab: str, browser: httpx.Client, make_key: Callable[..., str]) -> None:
    """One by OpenID Connect, two by key: own and foreign runs, a quota, a priority, a key, a public project."""

    def call(who: dict[str, str], method: str, path: str, body: object = None) -> httpx.Response:
        return httpx.request(method, f"{lab}/api/v1/{path}", json=body, headers=who, verify=TLS)

    sign_in(browser, lab, "ada")
    browser.headers["Sec-Fetch-Site"] = "same-origin"
    root, ben = bearer(make_key(owner="root")), bearer(make_key("read", "write", owner="ben"))
    run = browser.post(f"{lab}/api/v1/runs", json={"spec": SPEC, "project": "lab"}).json()
    path = f"runs/{run['id']}"

    # Ada's project is not Ben's, until he is a viewer: then he reads, and changes nothing.
    assert call(ben, "GET", path).status_code == 404
    assert call(root, "PUT", "projects/lab/members/ben", {"role": "viewer"}).status_code == 200
    assert call(ben, "GET", path).json()["owner"] == "ada"
    assert call(ben, "POST", f"{path}/cancel").status_code == 403
    assert browser.patch(f"{lab}/api/v1/{path}", json={"notes": "mine"}).status_code == 200

    # A quota, in words, and shown to its person.
    assert call(root, "PUT", "quotas/person/ben", {"queued": 1}).status_code == 200
    assert call(ben, "POST", "runs", {"spec": SPEC}).status_code == 201
    refused = call(ben, "POST", "runs", {"spec": SPEC})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "ben may have 1 run in the queue and has 1. Wait until one starts. An administrator can allow more.",
    )
    (used,) = [item for item in call(ben, "GET", "usage").json()["items"] if item["name"] == "ben"]
    assert (used["queued"], used["limits"]["queued"], used["is_default"]) == (1, 1, False)

    # A priority, capped by the role.
    refused = browser.post(f"{lab}/api/v1/runs", json={"spec": SPEC, "project": "lab", "priority": 11})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "priority must be at most 10 for a member of lab, not 11.",
    )
    assert browser.patch(f"{lab}/api/v1/{path}", json={"priority": 10}).status_code == 200
    assert call(root, "PATCH", path, {"priority": 100}).status_code == 200

    # A public project is everybody's to read.
    assert call(root, "DELETE", "projects/lab/members/ben").status_code == 204
    assert call(ben, "GET", path).status_code == 404
    assert call(root, "PATCH", "projects/lab", {"is_public": True}).status_code == 200
    assert call(ben, "GET", path).status_code == 200

    # A revoked key, and a browser that is signed out.
    (key,) = [item for item in call(root, "GET", "keys").json()["items"] if item["owner"] == "ben"]
    assert call(root, "DELETE", f"keys/{key['id']}").status_code == 204
    assert call(ben, "GET", path).status_code == 401
    (opened,) = call(root, "GET", "sessions").json()["items"]
    assert (opened["owner"], call(root, "DELETE", f"sessions/{opened['id']}").status_code) == ("ada", 204)
    assert browser.get(f"{lab}/api/v1/session").status_code == 401
