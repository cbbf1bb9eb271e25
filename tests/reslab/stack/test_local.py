"""The whole of `reslab up`: what it prints, what it leaves behind, and what happens when one of its processes dies."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from reslab.stack.home import Home
from reslab.stack.local import _Local
from reslab.stack.prepare import GONE
from reslab.stack.servers import postgres_server, valkey_server
from tests.reslab.conftest import COMMAND, Stack, Up, all_gone, running, wait_until
from tests.warm import WARM_CHILDREN, warm

# `nobody`, but able to read what root can: this Python is often in a folder that only root can read.
NOBODY = (
    *("setpriv", "--reuid", "nobody", "--regid", "65534", "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack for tests that look at it, started as its user does it."""
    with running(tmp_path_factory.mktemp("looked-at") / "home") as stack:
        yield stack


@pytest.fixture
def quick(up: Up) -> Iterator[Up]:
    """As `up`, for what happens after a start: the stack's processes are forks, which spares 8 s of processor time."""
    with warm():
        yield lambda **options: up(**{WARM_CHILDREN: "1"} | options)


def test_it_prints_one_url_that_answers_and_says_where_everything_is(stack: Stack) -> None:
    state = stack.state()
    urls = re.findall(r"http://127\.0\.0\.1:\d+/\S+", stack.screen.read_text())
    assert urls == [f"{state['url']}/#token={state['token']}"]
    assert httpx.get(f"{state['url']}/readyz").status_code == 200
    assert stat.S_IMODE((stack.home / "state.json").stat().st_mode) == 0o600
    assert state["pid"] == stack.process.pid
    assert set(state["services"]) == {"postgres", "valkey", "api", "control", "worker-1"}
    assert all(psutil.pid_exists(s["pid"]) and Path(s["log"]).exists() for s in state["services"].values())


def test_sigterm_stops_everything(quick: Up) -> None:
    stack = quick()
    processes = stack.processes()
    assert stack.end(signal.SIGTERM) == 0, stack.screen.read_text()
    assert all_gone(processes)
    assert not (stack.home / "state.json").exists()


def test_a_stop_takes_ten_seconds_at_most(tmp_path: Path) -> None:
    """Each stage is killed after its time limit; a busy machine says nothing about them."""
    home = Home(tmp_path)
    local = _Local(home, home.settings(None))
    assert local.postgres is not None
    stages = (local.postgres.service(), local.api(), local.control(), local.worker("worker-1"))
    assert sum(service.stop_s for service in stages) <= 10


def test_a_second_start_names_the_process_that_uses_the_home_and_leaves_it_alone(stack: Stack) -> None:
    second = subprocess.run(
        [*COMMAND, "up", "--home", stack.home], capture_output=True, text=True, check=False, timeout=200
    )
    assert second.returncode == 1
    assert f"is in use by process {stack.process.pid}, which serves {stack.state()['url']}" in second.stderr
    assert stack.process.poll() is None


def test_nothing_is_left_when_the_supervisor_is_killed_and_the_next_start_has_the_same_key(up: Up) -> None:
    stack = up()
    token, processes = stack.state()["token"], stack.processes()
    stack.end(signal.SIGKILL)
    wait_until(lambda: all_gone(processes))
    with warm():
        assert up(**{WARM_CHILDREN: "1"}).state()["token"] == token


@pytest.mark.long
def test_a_start_returns_the_run_of_a_dead_worker_without_waiting_for_its_lease(quick: Up) -> None:
    hour = {"RESLAB_LEASE_S": "3600"}
    stack = quick(**hour)
    body = {"spec": {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 60_000}}
    with _api(stack) as api:
        run = f"/runs/{api.post('/runs', json=body).raise_for_status().json()['id']}"
        wait_until(lambda: api.get(run).json()["iteration"] > 0)
    stack.end(signal.SIGKILL)
    with _api(quick(**hour)) as api:
        wait_until(lambda: api.get(run).json()["attempts"] == 2)
        returned = api.get(f"{run}/events", params={"kind": "returned"}).json()["items"]
        workers = api.get("/workers").json()["items"]
        api.post(f"{run}/cancel").raise_for_status()
    assert [event["body"]["message"] for event in returned] == [GONE]
    assert len(workers) == 1  # the dead one's row is gone


def _api(stack: Stack) -> httpx.Client:
    state = stack.state()
    return httpx.Client(base_url=f"{state['url']}/api/v1", headers={"Authorization": f"Bearer {state['token']}"})


@pytest.mark.long
def test_a_start_after_a_power_cut_recovers(quick: Up) -> None:
    stack = quick()
    for process in stack.processes():  # all at once and without warning, as a power cut does
        process.suspend()
    for process in stack.processes():
        process.kill()
    stack.process.wait()
    pid_file = stack.home / "postgres" / "postmaster.pid"
    pid_file.write_text(re.sub(r"\A\d+", str(os.getpid()), pid_file.read_text()))  # the pid of another process by now
    quick()


def test_services_that_die_are_started_again_and_the_service_goes_on(quick: Up) -> None:
    stack = quick()
    before = stack.state()["services"]
    for service in before.values():
        os.kill(service["pid"], signal.SIGKILL)

    def all_are_new() -> bool:
        return all(stack.state()["services"][name]["pid"] != before[name]["pid"] for name in before)

    wait_until(all_are_new)
    for name in before:
        assert f"{name} was killed by SIGKILL. It starts again in 1 s." in stack.screen.read_text()
    body = {"spec": {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 60_000}}
    with _api(stack) as api:
        wait_until(lambda: _answers(api))
        run = f"/runs/{api.post('/runs', json=body).raise_for_status().json()['id']}"
        wait_until(lambda: api.get(run).json()["iteration"] > 0)
        api.post(f"{run}/cancel").raise_for_status()


def _answers(api: httpx.Client) -> bool:
    try:
        return api.get("/workers").is_success
    except httpx.TransportError:
        return False


def test_each_process_uses_the_database_with_a_role_of_its_own(stack: Stack) -> None:
    services = stack.state()["services"]
    for name, role in (("api", "api"), ("control", "control"), ("worker-1", "worker")):
        environment = Path(f"/proc/{services[name]['pid']}/environ").read_text()
        assert f"//reslab_{role}:" in environment
        assert "//reslab:" not in environment


def test_urls_in_the_environment_replace_the_wheels(quick: Up, tmp_path: Path) -> None:
    with postgres_server(tmp_path) as database_url, valkey_server(tmp_path) as broker_url:
        stack = quick(RESLAB_DATABASE_URL=database_url, RESLAB_BROKER_URL=broker_url)
        assert set(stack.state()["services"]) == {"api", "control", "worker-1"}
        stack.end(signal.SIGTERM)


@pytest.mark.long
def test_a_user_without_privileges_can_run_it(up: Up) -> None:
    if os.geteuid() != 0:
        pytest.skip("the other tests of this file have just done so")
    if subprocess.run([*NOBODY, sys.executable, "-c", "import reslab"], capture_output=True, check=False).returncode:
        pytest.skip("setpriv can't start this Python as nobody")
    home = Path(f"/var/tmp/reslab-test-{os.getpid()}")
    home.mkdir()
    shutil.chown(home, "nobody")
    try:
        stack = up(home / "home", before=NOBODY, HOME=str(home), PYTHONDONTWRITEBYTECODE="1")
        assert {process.username() for process in stack.processes()} == {"nobody"}
        assert stack.end(signal.SIGTERM) == 0, stack.screen.read_text()
    finally:
        shutil.rmtree(home)
