"""Owns where the processes of a run find each other, on one machine or on several, and which of them is which.

On several machines a process is started on each, with the same meeting point: `--machines 2 --machine 1 --meet
10.0.0.7:4711`. Under torchrun, which sets RANK, the processes take what it assigns. Loads no torch.
"""

import argparse
import os
import socket
from dataclasses import dataclass

from trainer.failure import Failure


@dataclass(frozen=True)
class Meeting:
    """This process's machine among the `machines` of its run. Machine 0 has rank 0, which opens `address`.

    listener: a socket that already listens there, inherited from the supervisor.
    interface: the network interface that reaches the other machines.
    """

    machines: int = 1
    machine: int = 0
    address: str = ""
    interface: str = ""
    listener: int | None = None

    def devices_here(self, devices: int) -> int:
        """How many of the run's devices this machine has. Raises Failure(`invalid`) if they can't be divided."""
        if is_assigned():
            return int(os.environ.get("LOCAL_WORLD_SIZE", str(devices)))
        if devices % self.machines:
            raise Failure("invalid", f"{devices} devices can't be divided equally among {self.machines} machines.")
        return devices // self.machines

    def take_first_place(self, devices: int) -> int | None:
        """Become the first process of this machine: set what torchrun would. Returns rank 0's listening socket."""
        here = self.devices_here(devices)
        listener = self.listener
        if self.machines == 1:
            # The loopback interface: unreachable from outside, and the machine's own name need not resolve.
            host, interface = "127.0.0.1", "lo"
            opened = socket.create_server((host, 0))
            port = str(opened.getsockname()[1])
            listener = opened.detach()
        else:
            host, _, port = self.address.rpartition(":")
            interface = self.interface
            if self.machine == 0 and listener is None:
                listener = socket.create_server((host, int(port))).detach()
        os.environ.update(RANK=str(self.machine * here), LOCAL_RANK="0", WORLD_SIZE=str(devices))
        os.environ.update(LOCAL_WORLD_SIZE=str(here), MASTER_ADDR=host, MASTER_PORT=port)
        if interface:
            os.environ["GLOO_SOCKET_IFNAME"] = interface
            os.environ.setdefault("NCCL_SOCKET_IFNAME", interface)
        return listener


def is_assigned() -> bool:
    """Whether a launcher, or this run's first process here, has given this process its rank."""
    return "RANK" in os.environ


def add_meeting_options(parser: argparse.ArgumentParser) -> None:
    """A run on several machines, on each of which this command is started."""
    group = parser.add_argument_group("a run on several machines (all of them run this command)")
    group.add_argument("--machines", type=int, default=1, metavar="M", help="how many share the run's devices")
    group.add_argument("--machine", type=int, default=0, metavar="K", help="this one's number: 0 to M − 1")
    group.add_argument("--meet", default="", metavar="HOST:PORT", help="where machine 0 listens")
    group.add_argument("--interface", default="", metavar="NAME", help="the network interface to the others")
    group.add_argument("--listener", type=int, metavar="FD", help="machine 0: an open socket that listens there")


def meeting_of(options: argparse.Namespace) -> Meeting:
    """Raises Failure(`invalid`) where the options don't say which machine this is, or where to meet."""
    meeting = Meeting(options.machines, options.machine, options.meet, options.interface, options.listener)
    if not 0 <= meeting.machine < meeting.machines:
        raise Failure("invalid", f"--machine must be from 0 to {meeting.machines - 1}, not {meeting.machine}.")
    if meeting.machines > 1 and not is_assigned() and not meeting.address.rpartition(":")[2].isdecimal():
        raise Failure("invalid", "--machines needs --meet HOST:PORT: where machine 0 listens.")
    return meeting
