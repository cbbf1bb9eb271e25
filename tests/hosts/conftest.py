"""Hosts inside this machine, and one service on them for all tests of a module."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from reslab.client import Client
from store.db.database import Database
from tests.hosts import page, servers
from tests.hosts.host import Host
from tests.hosts.lab import PYTHON, WORKERS, Lab
from tests.hosts.switch import TUN, Switch
from tests.hosts.waiting import wait_until

# `outside` is this machine itself, so that a test can use the API as a browser would.
ADDRESSES = {"database": 1, "objects": 2, "front": 3, "alpha": 4, "beta": 5, "outside": 254}
PASSWORDS = ("POSTGRES", "VALKEY", "S3", "RESLAB_API", "RESLAB_CONTROL", "RESLAB_WORKER")


def obstacle() -> str | None:
    """Why this machine can't have hosts inside it."""
    if os.geteuid() != 0:
        return "namespaces need root"
    if lacking := [program for program in ("ip", "unshare", "nsenter") if not shutil.which(program)]:
        return f"needs {', '.join(lacking)}: apt-get install iproute2 util-linux"
    if not TUN.exists():
        return f"this kernel has no {TUN}"
    trial = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False)
    return trial.stderr.strip() if trial.returncode else None


@pytest.fixture(scope="module")
def switch() -> Iterator[Switch]:
    if why := obstacle():
        pytest.skip(why)
    with Switch() as switch:
        yield switch


@pytest.fixture(scope="module")
def hosts(switch: Switch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Host]]:
    """They run, but nothing runs on them. This machine is plugged in, too.

    198.18.0.0/15 is for tests of networks (RFC 2544). The kernel numbers the devices, so no two networks are the same.
    """
    device = switch.plug_in("outside")
    prefix = f"198.18.{device.removeprefix('reslab')}."
    for command in (f"address add {prefix}{ADDRESSES['outside']}/24 dev {device}", f"link set {device} up"):
        subprocess.run(["ip", *command.split()], check=True)
    folder = tmp_path_factory.mktemp("hosts")
    names = [name for name in ADDRESSES if name != "outside"]
    hosts = {name: Host(name, f"{prefix}{ADDRESSES[name]}", folder / name, switch) for name in names}
    with ExitStack() as exits:
        for host in hosts.values():
            host.start()
            exits.callback(host.power_off)
        yield hosts


@pytest.fixture(scope="module")
def running_lab(hosts: dict[str, Host], switch: Switch) -> Iterator[Lab]:
    lab = Lab(hosts, switch, {f"{name}_PASSWORD": token_hex() for name in PASSWORDS})
    for name in WORKERS:
        (hosts[name].srv / "orders").mkdir()
        python = hosts[name].srv / "bin" / "python"
        python.parent.mkdir()
        python.write_text(PYTHON.format(python=sys.executable, trainer=str(Path(__file__).with_name("trainer.py"))))
        python.chmod(0o755)
    with ExitStack() as exits, pytest.MonkeyPatch.context() as patch:
        lab.token = _start(lab, patch)
        exits.callback(lab.database.close)
        lab.client = exits.enter_context(Client(f"http://{hosts['front'].address}:8000", lab.token))
        wait_until(lambda: _is_ready(lab.client.url))
        yield lab


@pytest.fixture
def lab(running_lab: Lab) -> Iterator[Lab]:
    running_lab.restore()
    yield running_lab
    print(running_lab.logs())  # shown if the test fails


def _start(lab: Lab, patch: pytest.MonkeyPatch) -> str:
    """Starts everything. Returns a key for the API."""
    database, front = lab.hosts["database"], lab.hosts["front"]
    for name, value in _exports(page.lines("Every process", front.prefix), lab.environment).items():
        patch.setenv(name, value)
    lab.database = Database(servers.start_postgres(database, lab.passwords["POSTGRES_PASSWORD"]))
    servers.start_valkey(database, lab.passwords["VALKEY_PASSWORD"])
    lab.objects = servers.start_objects(lab.hosts["objects"], lab.environment)
    lab.start("Tables", "front")
    front.wait_for("tables")
    for part, host in (("API", "front"), ("Control", "front"), *(("Worker", name) for name in WORKERS)):
        lab.start(part, host)
    (token,) = re.findall(r"^rsl_\S+", front.log("tables").read_text(), re.MULTILINE)
    return str(token)


def _is_ready(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    return False


def _exports(script: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that lines of shell export."""
    shown = subprocess.run(["sh", "-ec", f"{script}\nenv -0"], env=variables, stdout=subprocess.PIPE, check=True).stdout
    lines = [line.partition("=") for line in shown.decode().split("\0") if line]
    return {name: value for name, _, value in lines if name.startswith(("RESLAB_", "AWS_"))}
