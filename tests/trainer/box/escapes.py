"""A trainer that tries to get out of its box: prints, as JSON, what each attempt brought.

`python escapes.py ORDERS`: the orders are a JSON object with the box's folders and what to go for.
"""

import argparse
import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainer.box import limits, walls

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206  # unlike an attach, it does not stop the process
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000


def main() -> None:
    orders = json.loads(sys.argv[1])
    limits.BASE_BYTES = limits.FILE_BYTES = 1 << 30
    limits._machine_bytes = lambda: 1 << 30
    walls.enter(
        argparse.Namespace(
            workdir=Path(orders["workdir"]),
            data=Path(orders["data"]),
            folder=Path(orders["images"]),
            supervised=os.getppid(),
            no_box=orders["box"] == "off",
        )
    )
    tried = {name: attempt for name, attempt in attempts(orders).items() if name in orders.get("only", [name])}
    print(json.dumps({name: _outcome(attempt) for name, attempt in tried.items()}))


def attempts(orders: dict[str, Any]) -> dict[str, Callable[[], object]]:
    secret, workdir, victim = Path(orders["secret"]), Path(orders["workdir"]), orders["victim"]
    return {
        "use its own folder": lambda: (workdir / "mine").write_text("x"),
        "read its images": (Path(orders["images"]) / "image").read_text,
        "store in the data folder's caches": lambda: (Path(orders["data"]) / "decoded" / "mine").write_text("x"),
        "start another trainer": lambda: subprocess.run(
            [sys.executable, "-P", "-c", "import trainer.events"], check=True
        ),
        "use the GPU's Multi-Process Service": lambda: os.open(f"{orders['mps']}/control", os.O_RDWR),
        "read the secrets": secret.read_text,
        "list the home": lambda: list(secret.parent.iterdir()),
        "read the secrets by a link": lambda: _by_link(secret, workdir),
        "take the secrets in as a hard link": lambda: os.link(secret, workdir / "hard"),
        "cut the secrets short": lambda: os.truncate(secret, 0),
        "move the secrets in": lambda: secret.rename(workdir / "moved"),
        "change the images": lambda: (Path(orders["images"]) / "image").write_text("y"),
        "change another data set": lambda: (Path(orders["data"]) / "own").write_text("y"),
        "write beside its folder": lambda: (workdir.parent / "beside").write_text("x"),
        "write to /tmp": lambda: Path(f"/tmp/reslab-escaped-{os.getpid()}").write_text("x"),
        "change its own program": lambda: Path(walls.__file__).open("a"),
        "set a kernel's variable": lambda: Path("/proc/sys/kernel/core_pattern").open("r+"),
        "read the passwords of the machine": Path("/etc/shadow").read_text,
        "read the supervisor's environment": Path(f"/proc/{victim}/environ").read_bytes,
        "open the supervisor's memory": lambda: Path(f"/proc/{victim}/mem").open("rb"),
        "trace the supervisor": lambda: _check(LIBC.ptrace(PTRACE_SEIZE, int(victim), None, None)),
        "signal the supervisor": lambda: os.kill(int(victim), signal.SIGURG),
        "connect to the database": lambda: socket.create_connection(("127.0.0.1", int(orders["port"])), 5),
        "send a datagram": lambda: _send_datagram(int(orders["port"])),
        "listen": lambda: socket.create_server(("127.0.0.1", 0)),
        "connect to an abstract socket": lambda: socket.socket(socket.AF_UNIX).connect(f"\0{orders['abstract']}"),
        "become root": lambda: os.setuid(0) if os.getuid() else os.setuid(1),
        "mount": lambda: _check(LIBC.mount(b"none", str(workdir).encode(), b"tmpfs", 0, None)),
        "mount in a namespace of its own": lambda: _in_namespace(workdir),
        "change the root": lambda: os.chroot(workdir),
        "gain rights by a program": _capabilities_of_a_child,
        "be spared when memory runs out": lambda: Path("/proc/self/oom_score_adj").write_text("-1000"),
        "raise its limits": lambda: resource.setrlimit(resource.RLIMIT_DATA, (-1, -1)),
        "take all memory": lambda: bytearray(2 << 30),
        "fill the disk": lambda: _grow(workdir / "large"),
    }


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except (OSError, MemoryError, ValueError) as error:
        return type(error).__name__
    return "done"


def _send_datagram(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", port))


def _by_link(secret: Path, workdir: Path) -> str:
    (workdir / "link").symlink_to(secret)
    return (workdir / "link").read_text()


def _in_namespace(workdir: Path) -> None:
    """In a child, since what it gets there is its own."""
    child = os.fork()
    if child == 0:
        if LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
            os._exit(1)
        os._exit(0 if LIBC.mount(b"none", str(workdir).encode(), b"tmpfs", 0, None) == 0 else 1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError


def _capabilities_of_a_child() -> None:
    """A program that root starts has all capabilities, and a setuid program its owner's rights, unless forbidden."""
    status = subprocess.run(["/bin/cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if all(int(fields[name], 16) == 0 for name in ("CapPrm", "CapEff", "CapBnd")) and int(fields["NoNewPrivs"]):
        raise OSError


def _grow(path: Path) -> None:
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2 << 30)


def _check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno())


if __name__ == "__main__":
    main()
