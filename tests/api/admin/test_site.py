"""The site at /help: its pages only, with no inline script but its own."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from api.admin import site


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "html"
    (folder / "guides").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Help</title><script>theme()</script>")
    (folder / "guides" / "seeds.html").write_text("<title>Seeds</title>")
    (tmp_path / "secret.html").write_text("secret")
    monkeypatch.setattr(site, "SITE", folder)
    return folder


def test_the_site_is_served_and_its_own_inline_script_may_run(client: httpx.Client, pages: Path) -> None:
    answer = client.get("/help", follow_redirects=True)
    assert "<title>Help</title>" in answer.text
    digest = base64.b64encode(hashlib.sha256(b"theme()").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert "<title>Seeds</title>" in client.get("/help/guides/seeds.html").text


def test_nothing_outside_the_site_is_served(client: httpx.Client, pages: Path) -> None:
    for path in ("%2e%2e/secret.html", "..%2fsecret.html", "nothing.html", "%00", "guides"):
        assert client.get(f"/help/{path}").status_code == 404, path


def test_help_needs_a_session_like_every_page_with_answers(anonymous: httpx.Client, pages: Path) -> None:
    assert anonymous.get("/help/").status_code == 401


def test_a_machine_without_the_site_says_how_to_build_it(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "SITE", tmp_path / "nothing")
    answer = client.get("/help/")
    assert (answer.status_code, "make site" in answer.text) == (503, True)
