"""The hosts themselves: what one sees of the others and of this machine, and what is left of them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.host import ROOT, Host
from tests.hosts.switch import CUT, WHOLE, Line, Switch
from tests.hosts.waiting import wait_until

# A host with nothing on it, until this process ends.
LEFT_ALONE = """
import sys, time
from pathlib import Path
from tests.hosts.host import Host
from tests.hosts.switch import Switch
with Switch() as switch:
    host = Host("alone", "198.19.255.1", Path(sys.argv[1]), switch)
    host.start()
    print(switch.plug_in("other"), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def listening(hosts: dict[str, Host], switch: Switch) -> Iterator[Host]:
    """A host with a server on port 80."""
    host = hosts["alpha"]
    host.run("server", "echo mine > /tmp/mine; python3 -m http.server 80", {"PATH": os.environ["PATH"]})
    wait_until(lambda: connect_s(host) is not None)
    yield host
    host.kill("server")
    switch.mend()


def connect_s(host: Host, timeout_s: float = 5) -> float | None:
    """How long a connection to its server takes; None if there is none."""
    began = time.monotonic()
    try:
        socket.create_connection((host.address, 80), timeout_s).close()
    except OSError:
        return None
    return time.monotonic() - began


def test_frames_are_delayed_lost_and_cut(listening: Host, switch: Switch) -> None:
    def with_line(line: Line, timeout_s: float = 5) -> float | None:
        switch.set("outside", listening.name, line)
        return connect_s(listening, timeout_s)

    assert with_line(CUT, timeout_s=1) is None
    assert (with_line(Line(delay_s=0.1)) or 0) > 0.2
    # TCP repeats a lost frame after a second: of ten connections, some take that long.
    switch.set("outside", listening.name, Line(loss=0.3))
    assert any((connect_s(listening) or 5) > 0.9 for _ in range(10))
    assert with_line(WHOLE) is not None


def test_a_host_has_its_own_files_processes_and_name(listening: Host, hosts: dict[str, Host]) -> None:
    beta = hosts["beta"]
    look = "hostname; test -e /tmp/mine && echo mine || echo none; ls /proc | grep -c '^[0-9]'"
    child = beta.run("look", look, {"PATH": os.environ["PATH"]})
    child.wait_until_done()
    name, file, processes = (
        beta.log("look").read_text().replace("ls: cannot access '/tmp/mine': No such file or directory\n", "").split()
    )
    assert (name, file) == ("beta", "none")
    assert int(processes) < 10
    assert (listening.folder / "tmp" / "mine").read_text() == "mine\n"


def test_nothing_is_left_of_hosts_whose_test_was_killed(switch: Switch, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEFT_ALONE, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        device = Path("/sys/class/net", process.stdout.readline().strip())
    assert device.exists()
    mounted = str(tmp_path).removeprefix("/tmp")  # mountinfo names a place within its file system
    assert mounted in mounts()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not device.exists() and mounted not in mounts())


def mounts() -> str:
    """What is mounted in any process's view of the machine."""
    return "".join(read(file) for file in Path("/proc").glob("[0-9]*/mountinfo"))


def read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # the process has ended
        return ""
