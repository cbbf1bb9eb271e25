"""The dashboard's files and the API documentation, from this origin only."""

import re
from pathlib import Path

import httpx

from api.app import create_app
from store.db.settings import Settings
from tests.api.conftest import served


def test_every_route_of_the_dashboard_serves_its_page(anonymous: httpx.Client) -> None:
    for path in ("/", "/runs", "/runs/01890000-0000-7000-8000-000000000000", "/runs/new?depth=20"):
        answer = anonymous.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), path
        assert "<title>Reslab</title>" in answer.text
        assert answer.headers["Cache-Control"] == "no-cache"


def test_hashed_files_may_be_cached_forever(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/assets/main-1a2b.js")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "javascript" in answer.headers["Content-Type"]
    assert anonymous.head("/assets/main-1a2b.js").status_code == 200


def test_a_missing_file_is_a_404_and_not_the_page(anonymous: httpx.Client) -> None:
    for path in (
        "/assets/other.js",
        "/favicon.ico",
        "/..%2f..%2fetc%2fpasswd.txt",
        "/assets/%00.js",
        "/" + "a" * 300 + ".js",
    ):
        assert anonymous.get(path).status_code == 404, path


def test_nothing_outside_the_build_is_served(anonymous: httpx.Client) -> None:
    for path in ("/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"):
        assert "root:" not in anonymous.get(path).text, path


def test_a_machine_without_the_build_says_how_to_build_it(settings: Settings, tmp_path: Path) -> None:
    with served(create_app(settings, tmp_path / "nothing")) as url:
        answer = httpx.get(f"{url}/runs")
        assert answer.status_code == 503
        assert "make setup" in answer.text
        assert httpx.get(f"{url}/api/v1/runs").status_code == 401


def test_the_documentation_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded == ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js"]
    for path in loaded:
        assert client.get(path).status_code == 200, path
    assert not re.search(r"<script(?! src=)", page)
    assert client.get("/openapi.json").json()["info"]["title"] == "Reslab"
    assert client.get("/docs/redoc.standalone.js").status_code == 404


def test_a_script_is_sent_compressed(anonymous: httpx.Client, dist: Path) -> None:
    script = "export const curve = [];" * 1000
    (dist / "assets" / "main-1a2b.js").write_text(script)
    answer = anonymous.get("/assets/main-1a2b.js")
    assert (answer.headers["Content-Encoding"], answer.text) == ("gzip", script)
    assert answer.num_bytes_downloaded < len(script) / 50
