"""A run on several machines, as each machine's worker sees it: where its processes meet, and the trainer's options."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from store.runs.attempts import Claim
from worker.machines.address import interface
from worker.workbench import Workbench


@dataclass(frozen=True)
class Meeting:
    """`options` and inherited `sockets` of this machine's trainer."""

    address: str = ""
    options: tuple[str, ...] = ()
    sockets: tuple[int, ...] = ()


@contextmanager
def opened(workbench: Workbench, claim: Claim) -> Iterator[Meeting]:
    """The meeting point of a run of ours: nothing for one machine. Raises OSError or LookupError if it can't be made.

    The socket is opened here, so that the port is known before the trainer starts, and nobody else can take it.
    """
    if claim.run.machines == 1:
        yield Meeting()
        return
    with socket.create_server((workbench.address, 0)) as listener:
        address = f"{workbench.address}:{listener.getsockname()[1]}"
        options = (*_options(workbench, claim, address), "--listener", str(listener.fileno()))
        yield Meeting(address, options, (listener.fileno(),))


def joined(workbench: Workbench, claim: Claim, address: str) -> Meeting:
    """The meeting point that another worker announced. Raises LookupError."""
    return Meeting(address, _options(workbench, claim, address))


def _options(workbench: Workbench, claim: Claim, address: str) -> tuple[str, ...]:
    place = ("--machines", str(claim.run.machines), "--machine", str(claim.machine))
    return (*place, "--meet", address, "--interface", interface(workbench.address))
