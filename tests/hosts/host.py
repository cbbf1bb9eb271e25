"""A host inside this machine: namespaces, so that network, processes, name, /tmp and /srv are its own.

Nothing outlives its first process, which dies with this one: the kernel then kills all others and removes what was
mounted. So there is no named namespace that could be left behind.
"""

import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGKILL

import psutil

from reslab.stack.child import Child, Service
from tests.hosts.switch import Switch
from tests.hosts.waiting import wait_until

ROOT = Path(__file__).parents[2]
_NOBODY = "65534"
# /srv first: the folder is usually below /tmp.
_BOOT = """
set -e
hostname {name}
{keep}
mount --rbind {folder}/srv /srv
mount --rbind {folder}/tmp /tmp
ip link set lo up
until ip link set eth0 up 2> /dev/null; do sleep 0.02; done
ip address add {address}/24 dev eth0
touch /srv/.booted
exec sleep infinity
"""


@dataclass
class Host:
    """`folder` holds what is on its disks, /tmp and /srv, and its logs. They are still there when it starts again."""

    name: str
    address: str
    folder: Path
    switch: Switch
    _children: dict[str, Child] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What the addresses of its network begin with."""
        return self.address[: self.address.rindex(".") + 1]

    @property
    def is_on(self) -> bool:
        return self._init.exit_code() is None

    @property
    def srv(self) -> Path:
        """Its /srv, as other hosts don't see it but this test does."""
        return self.folder / "srv"

    def start(self) -> None:
        """Main thread only, as for `Child`."""
        for folder, mode in (("tmp", 0o1777), ("srv", 0o755)):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            (self.folder / folder).chmod(mode)
        (self.srv / ".booted").unlink(missing_ok=True)
        script = _BOOT.format(name=self.name, address=self.address, folder=self.folder, keep=self._keep())
        spaces = ("--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
        boot = Service("boot", ("unshare", *spaces, "sh", "-c", script), self.log("boot"), stop_signal=SIGKILL)
        self._init = Child(boot)
        wait_until(lambda: _net(self._init.pid) != _net("self"))
        device = self.switch.plug_in(self.name)
        subprocess.run(["ip", "link", "set", device, "netns", str(self._init.pid), "name", "eth0"], check=True)
        wait_until(lambda: (self.srv / ".booted").exists() or self._init.exit_code() is not None)
        assert self._init.exit_code() is None, self._init.obituary()

    def power_off(self) -> None:
        """Everything on it dies at once, and its connections are never closed."""
        self._init.stop(limit_s=0)
        for child in self._children.values():
            wait_until(lambda child=child: child.exit_code() is not None)  # type: ignore[misc] # the loop's own child
        self._children.clear()

    def run(self, name: str, script: str, environment: Mapping[str, str]) -> Child:
        """Starts lines of shell in /srv, with nothing of our own environment."""
        return self.start_service(Service(name, ("sh", "-ec", script), self.log(name), environment))

    def start_service(self, service: Service, *, as_nobody: bool = False) -> Child:
        """Starts a service on this host, in its `folder` (default: /srv), which is a path on the host."""
        user = ("--setuid", _NOBODY, "--setgid", _NOBODY) if as_nobody else ()
        argv = (*self._entrance(*user, f"--wdns={service.folder or '/srv'}"), *service.argv)
        child = Child(replace(service, argv=argv, log=self.log(service.name), folder=None, stop_signal=SIGKILL))
        child.send_stdin()
        self._children[service.name] = child
        return child

    def wait_for(self, name: str) -> None:
        """Waits until a service has ended. Raises ChildError if its exit code is not 0."""
        self._children[name].wait_until_done()

    def kill(self, name: str) -> None:
        """Kills a service with SIGKILL, and returns once it has ended."""
        self.process(name).kill()
        wait_until(lambda: self._children[name].exit_code() is not None)

    def process(self, name: str) -> psutil.Process:
        """The process of a service, as this machine sees it; of lines of shell, the last one's."""
        process = psutil.Process(self._children[name].pid)
        while process.name() in ("nsenter", "sh"):
            (process,) = process.children()
        return process

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def logs(self, lines: int = 200) -> str:
        """The last lines of every log, to explain a failure."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {self.name}: {file.name}\n{_tail(file, lines)}" for file in files)

    def _entrance(self, *options: str) -> tuple[str, ...]:
        (first,) = psutil.Process(self._init.pid).children()
        return ("nsenter", "--target", str(first.pid), "--net", "--mount", "--uts", "--pid", *options, "--")

    def _keep(self) -> str:
        """Lines that keep the checkout and Python in sight, where they lie below a folder that the host replaces."""
        lines = []
        for path in {ROOT, Path(sys.prefix)}:
            for own in ("tmp", "srv"):
                if path.is_relative_to(f"/{own}"):
                    there = shlex.quote(f"{self.folder}/{own}/{path.relative_to(f'/{own}')}")
                    lines.append(f"mkdir -p {there}; mount --bind {shlex.quote(str(path))} {there}")
        return "\n".join(lines)


def _net(pid: int | str) -> int:
    """The number of a process's network namespace."""
    return Path(f"/proc/{pid}/ns/net").stat().st_ino


def _tail(file: Path, lines: int) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
