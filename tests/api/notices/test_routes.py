"""Channels and deliveries over HTTP."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import bearer

CHANNEL = {"name": "lab", "kind": "webhook", "address": "https://example.org/hook"}


def test_a_channel_is_added_tested_paused_and_deleted(client: httpx.Client) -> None:
    created = client.post("/api/v1/channels", json=CHANNEL)
    assert created.status_code == 201, created.text
    channel = created.json()
    assert channel["secret"].startswith("whsec_")
    (listed,) = client.get("/api/v1/channels").json()["items"]
    assert "secret" not in listed
    assert "run.failed" in listed["about"]
    path = f"/api/v1/channels/{channel['id']}"

    sent = client.post(f"{path}/test")
    assert sent.status_code == 202, sent.text
    (delivery,) = client.get("/api/v1/deliveries", params={"only_open": True}).json()["items"]
    assert (delivery["id"], delivery["title"]) == (sent.json()["id"], "A test of the channel lab")
    assert client.post(f"/api/v1/deliveries/{delivery['id']}/resend").json()["tries"] == 0

    assert client.patch(path, json={"is_paused": True}).json()["paused_at"] is not None
    assert client.patch(path, json={"is_paused": False}).json()["paused_at"] is None
    assert client.delete(path).status_code == 204
    assert client.get("/api/v1/deliveries").json()["items"] == []
    assert client.post(f"{path}/test").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "example.org"}, "must begin with https://"),
        ({"address": "file:///etc/passwd"}, "must begin with https://"),
        ({"kind": "mail", "address": "nobody"}, "is not a mail address"),
        ({"kind": "mail", "address": "a@b.c, d@e.f"}, "is not a mail address"),
        ({"kind": "matrix", "address": "https://matrix.org/!a:matrix.org"}, "a token as secret"),
        ({"secret": "short"}, "secret must be whsec_"),
        ({"about": []}, "about"),
        ({"about": ["run.exploded"]}, "about"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(client: httpx.Client, changes: dict[str, Any], words: str) -> None:
    answer = client.post("/api/v1/channels", json=CHANNEL | changes)
    assert answer.status_code == 422
    assert words in answer.text


def test_channels_are_for_administrators(anonymous: httpx.Client, make_key: Callable[..., str]) -> None:
    headers = bearer(make_key("read", "write"))
    for method, path in (("GET", "/channels"), ("POST", "/channels"), ("GET", "/deliveries")):
        assert anonymous.request(method, f"/api/v1{path}", json=CHANNEL, headers=headers).status_code == 403
