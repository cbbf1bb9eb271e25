"""`reslab up`: which processes the local service has, what each is told, and the order in which they start."""

import getpass
import http.client
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reslab.stack.child import Service
from reslab.stack.home import Home, Kept
from reslab.stack.postgres import Postgres
from reslab.stack.supervisor import Interruption, Supervisor
from reslab.stack.valkey import Valkey


@dataclass(frozen=True)
class UpOptions:
    """What the command line asks for."""

    home: Path
    port: int | None = None
    workers: int = 1


def up(options: UpOptions, say: Callable[[str], None]) -> None:
    """Start everything, say the URL, and stay until Ctrl-C or SIGTERM; then stop everything.

    Raises ChildError, HomeTakenError, OSError or RuntimeError, each with a message for the terminal; all that
    was started is stopped by then.
    """
    home = Home(options.home)
    with home.held(), Interruption() as interrupted, Supervisor(interrupted) as stack:
        local = _Local(home, home.kept(options.port))
        _start(local, stack, options.workers)
        if interrupted():
            return
        services = {child.service.name: {"pid": child.pid, "log": str(child.service.log)} for child in stack.children()}
        with home.announced(local.url, local.kept.token, services):
            say(f"\n  {local.url}/login?token={local.kept.token}\n")
            say(f"Reslab is up; its data and logs are in {home.root}. Ctrl-C stops it.")
            stack.watch()
        say("Stopping …")


def _start(local: "_Local", stack: Supervisor, workers: int) -> None:
    stack.start_task(local.prepare())
    if local.postgres:
        local.postgres.prepare(stack.interrupted)
    stack.start(*(server.service() for server in (local.postgres, local.valkey) if server))
    stack.wait_until_ready()
    stack.run_task()
    # A stage each, since they stop in the opposite order: workers give their runs back while the rest still answers.
    stack.start(local.api())
    stack.start(local.control())
    # CPU trainers that each take every core wait for each other more than they compute.
    share = ("--threads", str(max(1, len(os.sched_getaffinity(0)) // workers))) if workers > 1 else ()
    stack.start(*(local.worker(f"worker-{number}", *share) for number in range(1, workers + 1)))
    stack.wait_until_ready()


class _Local:
    """The parts of one start. A URL that the environment gives replaces the part that would serve it."""

    def __init__(self, home: Home, kept: Kept) -> None:
        self.home, self.kept = home, kept
        self.url = f"http://127.0.0.1:{kept.ports.api}"
        self.postgres = (
            Postgres(home.postgres, home.log("postgres"), kept.ports.postgres, kept.postgres_password)
            if "RESLAB_DATABASE_URL" not in os.environ
            else None
        )
        self.valkey = (
            Valkey(home.log("valkey"), kept.ports.valkey, kept.valkey_password)
            if "RESLAB_BROKER_URL" not in os.environ
            else None
        )
        self._environment = {
            "RESLAB_STORAGE_URL": home.objects.as_uri(),
            "RESLAB_DATA": str(home.data),
            "RESLAB_WORK": str(home.work),
            "RESLAB_SIGNING_KEY": str(home.signing_key),
            **({"RESLAB_BROKER_URL": self.valkey.url} if self.valkey else {}),
            **os.environ,
        }

    def prepare(self) -> Service:
        told = {
            "database_url": self.postgres.url if self.postgres else os.environ["RESLAB_DATABASE_URL"],
            # Of a database that was named, its owner decides who may what (docs/deployment.md).
            "role_passwords": self.kept.role_passwords if self.postgres else {},
            "token": self.kept.token,
            "owner": _user(),
        }
        return self._python("prepare", "reslab.stack.prepare", told=json.dumps(told))

    def api(self) -> Service:
        port = str(self.kept.ports.api)
        return self._python("api", "api", "--host", "127.0.0.1", "--port", port, stop_s=2.0, ready=self._api_answers)

    def control(self) -> Service:
        return self._python("control", "worker", "control", stop_s=1.0)

    def worker(self, name: str, *options: str) -> Service:
        return self._python(name, "worker", "run", "--name", name, *options, stop_s=4.0, may_leave=True)

    def _python(
        self,
        name: str,
        module: str,
        *arguments: str,
        told: str | None = None,
        ready: Callable[[], bool] = lambda: True,
        stop_s: float = 1.0,
        may_leave: bool = False,
    ) -> Service:
        return Service(
            name=name,
            # -P: a folder called `api` where the command is typed must not be taken for ours.
            argv=(sys.executable, "-P", "-m", module, *arguments),
            log=self.home.log(name),
            environment=self._environment | self._database(module, *arguments),
            told=told,
            ready=ready,
            stop_s=stop_s,
            may_leave=may_leave,
        )

    def _database(self, module: str, *arguments: str) -> dict[str, str]:
        """The URL as the process's own role, where the server is ours."""
        process = "control" if arguments[:1] == ("control",) else module
        if self.postgres is None or process not in self.kept.role_passwords:
            return {}
        return {"RESLAB_DATABASE_URL": self.postgres.url_of(f"reslab_{process}", self.kept.role_passwords[process])}

    def _api_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.kept.ports.api, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        return str(os.getuid())
