"""`reslab doctor` says what is wrong and what to do; `reslab open` keeps the key off command lines."""

import json
import socket
import stat
import sys
import webbrowser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reslab.command import app
from reslab.stack import checks, home

STATE = {"url": "http://127.0.0.1:8765", "token": "rsl_own", "pid": 1, "services": {}}


def test_the_report_names_every_part_and_has_no_problem_here(tmp_path: Path) -> None:
    report = list(checks.checks(tmp_path, None))
    assert [check.name for check in report] == [
        "versions", "dashboard", "port", "disk", "memory", "trainer", "cifar10", "cifar100", "imagenet", "proxy",
    ]  # fmt: skip
    assert {check.name for check in report if check.state == "problem"} <= {"dashboard"}
    assert all(check.advice for check in report if check.state != "ok")


def test_a_taken_port_is_a_warning_that_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(checks, "API_PORT", taken.getsockname()[1])
        check = checks._port(None)
    assert (check.state, "--port" in str(check.advice)) == ("warning", True)
    assert home.API_PORT == 8765  # as the README says


def test_a_proxy_that_would_get_local_requests_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert checks._proxy().state == "warning"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert checks._proxy().state == "ok"


def test_torch_that_does_not_load_is_a_problem_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    check = checks._trainer()
    assert (check.state, check.sentence) == ("problem", "torch can't be loaded: it said nothing")


def test_a_problem_ends_the_command_with_code_1_also_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = checks.Check("disk", "problem", "full", "Delete runs.")
    monkeypatch.setattr(checks, "checks", lambda *_: [problem])
    ended = CliRunner().invoke(app, ["doctor", "--json", "--home", str(tmp_path)])
    assert (ended.exit_code, json.loads(ended.stdout)) == (1, [problem._asdict()])
    assert "Delete runs." in CliRunner().invoke(app, ["doctor", "--home", str(tmp_path)]).stdout


def test_the_browser_gets_a_private_file_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE))
    state.chmod(0o600)
    opened: list[str] = []

    def browse(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    assert CliRunner().invoke(app, ["open", "--home", str(tmp_path)]).exit_code == 0
    page = tmp_path / "open.html"
    assert opened == [page.as_uri()]
    assert "http://127.0.0.1:8765/#token=rsl_own" in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_without_a_browser_the_address_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE))
    state.chmod(0o600)
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    assert "/#token=rsl_own" in CliRunner().invoke(app, ["open", "--home", str(tmp_path)]).stdout
