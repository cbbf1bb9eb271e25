"""`reslab up`: the local service's processes, their settings, and the order in which they start."""

import getpass
import http.client
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reslab.stack.child import Service
from reslab.stack.home import Home, HomeSettings
from reslab.stack.postgres import Postgres
from reslab.stack.supervisor import Interruption, Supervisor
from reslab.stack.valkey import Valkey
from trainer.box.privileges import hide


@dataclass(frozen=True)
class UpOptions:
    """The options of `reslab up`."""

    home: Path
    port: int | None = None
    workers: int = 1
    slots: int = 1


def up(options: UpOptions, say: Callable[[str], None]) -> None:
    """Start everything, print the URL, stay until Ctrl-C or SIGTERM, then stop everything. A child that dies meanwhile
    is started again.

    Raises ChildError, HomeTakenError, OSError or RuntimeError, each with a message for the terminal, after
    stopping whatever it has started.
    """
    hide()  # a trainer must not read the passwords
    home = Home(options.home)
    with home.locked(), Interruption() as interrupted, Supervisor(interrupted) as stack:
        local = _Local(home, home.settings(options.port))
        _start(local, stack, options)
        if interrupted():
            return
        with home.announced(local.url, local.settings.token) as announce:
            announce(_services(stack))
            say(f"\n  {local.url}/#token={local.settings.token}\n")
            say(f"Reslab is running. Its data and logs are in {home.root}. Press Ctrl-C to stop it.")
            stack.watch(say, lambda: announce(_services(stack)))
        say("Stopping …")


def _services(stack: Supervisor) -> dict[str, dict[str, object]]:
    return {child.service.name: {"pid": child.pid, "log": str(child.service.log)} for child in stack.children()}


def _start(local: "_Local", stack: Supervisor, options: UpOptions) -> None:
    stack.start_task(local.prepare())
    if local.postgres:
        local.postgres.prepare(stack.interrupted)
    stack.start(*(server.service() for server in (local.postgres, local.valkey) if server))
    stack.wait_until_ready()
    stack.run_task()
    # One stage each, since they stop in the opposite order: workers return their runs while api and control still run.
    stack.start(local.api())
    stack.start(local.control())
    # Several CPU trainers that each use every core wait for each other more than they compute.
    workers, slots = options.workers, ("--slots", str(options.slots)) if options.slots > 1 else ()
    share = ("--threads", str(max(1, len(os.sched_getaffinity(0)) // workers))) if workers > 1 else ()
    stack.start(*(local.worker(f"worker-{number}", *share, *slots) for number in range(1, workers + 1)))
    stack.wait_until_ready()


class _Local:
    """The services of one start. A URL in the environment replaces the service that would provide it."""

    def __init__(self, home: Home, settings: HomeSettings) -> None:
        self.home, self.settings = home, settings
        self.url = f"http://127.0.0.1:{settings.ports.api}"
        self.postgres = (
            Postgres(home.postgres, home.log("postgres"), settings.ports.postgres, settings.postgres_password)
            if "RESLAB_DATABASE_URL" not in os.environ
            else None
        )
        self.valkey = (
            Valkey(home.log("valkey"), settings.ports.valkey, settings.valkey_password)
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
        start = {
            "database_url": self.postgres.url if self.postgres else os.environ["RESLAB_DATABASE_URL"],
            # The owner of a database of your own decides who may do what (docs/deployment.md).
            "role_passwords": self.settings.role_passwords if self.postgres else {},
            "token": self.settings.token,
            "owner": _user(),
        }
        return self._python("prepare", "reslab.stack.prepare", stdin=json.dumps(start))

    def api(self) -> Service:
        port = str(self.settings.ports.api)
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
        stdin: str | None = None,
        ready: Callable[[], bool] = lambda: True,
        stop_s: float = 1.0,
        may_leave: bool = False,
    ) -> Service:
        return Service(
            name=name,
            # -P: a folder called `api` in the current folder must not be imported instead of ours.
            argv=(sys.executable, "-P", "-m", module, *arguments),
            log=self.home.log(name),
            environment=self._environment | self._database(module, *arguments),
            stdin=stdin,
            ready=ready,
            stop_s=stop_s,
            may_leave=may_leave,
        )

    def _database(self, module: str, *arguments: str) -> dict[str, str]:
        """The URL with the process's own role, if the database is ours."""
        process = "control" if arguments[:1] == ("control",) else module
        if self.postgres is None or process not in self.settings.role_passwords:
            return {}
        return {"RESLAB_DATABASE_URL": self.postgres.url_of(f"reslab_{process}", self.settings.role_passwords[process])}

    def _api_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.ports.api, timeout=5)
        try:
            connection.request("GET", "/readyz")
            ready = json.load(connection.getresponse())
            # With a full disk it starts as well: how else would a person learn of it, and delete something?
            return bool(ready["database"] and ready["objects"])
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return False
        finally:
            connection.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        return str(os.getuid())
