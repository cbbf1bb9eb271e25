"""The rules for every request: the Host, the size of the body, the security headers."""

import json
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.http.guards import CONTENT_POLICY
from store.db.settings import Settings
from tests.api.conftest import SPEC


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"body_limit_bytes": 10_000, "upload_limit_bytes": 20_000})


def test_an_unknown_host_is_refused_on_every_path(anonymous: httpx.Client) -> None:
    for host in ("evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost@evil.example", "[::2]", ""):
        for path in ("/", "/healthz", "/api/v1/runs"):
            answer = anonymous.get(path, headers={"Host": host})
            assert answer.status_code == 400, (host, path)


def test_an_allowed_host_is_accepted_with_any_port_and_in_any_case(anonymous: httpx.Client) -> None:
    for host in ("localhost", "LocalHost:1", "127.0.0.1:8765"):
        assert anonymous.get("/healthz", headers={"Host": host}).status_code == 200, host


def test_every_response_has_the_security_headers(client: httpx.Client, anonymous: httpx.Client) -> None:
    for path in ("/", "/api/v1/runs", "/api/v1/nothing", "/docs", "/healthz"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == CONTENT_POLICY, path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
    assert anonymous.get("/", headers={"Host": "evil.example"}).headers["X-Frame-Options"] == "DENY"


def test_no_script_runs_inline() -> None:
    script = next(part for part in CONTENT_POLICY.split("; ") if part.startswith("script-src"))
    assert script == "script-src 'self'"


def test_a_body_over_the_limit_is_413_with_or_without_a_declared_length(client: httpx.Client) -> None:
    body = json.dumps({"spec": SPEC, "notes": "x" * 20_000}).encode()

    def in_chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    headers = {"Content-Type": "application/json"}
    for content in (body, in_chunks()):
        answer = client.post("/api/v1/runs", content=content, headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_an_upload_has_its_own_limit(client: httpx.Client) -> None:
    def upload(size_bytes: int) -> int:
        files = {"archive": ("x.zip", b"x" * size_bytes)}
        return client.post("/api/v1/datasets", data={"name": "flowers"}, files=files).status_code

    assert upload(15_000) == 422  # no archive, but read
    assert upload(25_000) == 413


def test_two_applications_share_nothing(settings: Settings, app: FastAPI) -> None:
    other = create_app(settings)
    assert other.state.service is not app.state.service
    other.state.service.close()
