"""The whole service as its user runs it, `reslab up` in an empty folder; or the API alone; and a real Chromium."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.app import create_app
from api.http.dashboard import DIST
from reslab.stack.home import free_port
from reslab.stack.postgres import DATABASE, USER
from store.db.database import Database
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES
from tests.api.conftest import served
from tests.reslab.conftest import COMMAND
from tests.warm import WARM_CHILDREN, warm

CHROMIUM = shutil.which("chromium")
LIMIT_MS = 120_000  # of a wait on a busy machine; Playwright's own are 5 and 30 s
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Lab:
    """A stack that can be restarted on its folder and port, as its user would do it. Its processes are forks
    (tests/warm.py)."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Returns when the service is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RESLAB_")}
        command = [*COMMAND, "up", "--home", str(self.home), "--port", str(self.port), *options]
        # One thread: other tests train at the same time, and two threads that wait for each other are slow then.
        environment |= {"RESLAB_LEASE_S": "6", "RESLAB_HEARTBEAT_S": "1.5", "OMP_NUM_THREADS": "1", WARM_CHILDREN: "1"}
        with warm(), (self.home.parent / "up.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        wait_until(lambda: (self.home / "state.json").exists() or self._process_ended(), 180)
        assert not self._process_ended(), self.log

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(120)

    def kill(self, service: str) -> None:
        """Kills a service with SIGKILL, as the kernel does when memory runs out; the stack starts it again."""
        os.kill(self.state["services"][service]["pid"], signal.SIGKILL)

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        return state

    @property
    def database_url(self) -> str:
        secrets = json.loads((self.home / "secrets.json").read_text())
        password, port = secrets["postgres_password"], secrets["ports"]["postgres"]
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def log(self) -> str:
        return (self.home.parent / "up.log").read_text()

    def _process_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None


class IdleLab(Lab):
    """The API in this process, without workers, which starts in a tenth of a second. It can't be restarted."""

    def __init__(self, url: str, token: str, database_url: str) -> None:
        self.port = int(url.rpartition(":")[2])
        self._state, self._database_url = {"url": url, "token": token}, database_url

    @property
    def state(self) -> dict[str, Any]:
        return self._state

    @property
    def database_url(self) -> str:
        return self._database_url


def sign_in(page: Page, url: str, token: str) -> None:
    """Opens the address that `reslab up` prints. Returns once the session is open."""
    page.set_default_timeout(LIMIT_MS)
    with page.expect_response("**/api/v1/session"):
        page.goto(f"{url}/#token={token}")


def wait_until(holds: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Lab]:
    stack = Lab(folder / "home")
    stack.start(*options)
    yield stack
    stack.stop()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running(tmp_path) as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One stack for all tests that leave its worker free and nothing behind that disturbs another."""
    with running(tmp_path_factory.mktemp("lab")) as stack:
        yield stack


@pytest.fixture
def idle_lab(settings: Settings, database: Database) -> Iterator[Lab]:
    """Queued runs wait in it, and runs written by a test stay as they are."""
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="test", owner="ann", scopes=SCOPES)
    with served(create_app(settings, DIST)) as url:
        yield IdleLab(url, token, settings.database_url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs a Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=LIMIT_MS)
        yield launched
        launched.close()
