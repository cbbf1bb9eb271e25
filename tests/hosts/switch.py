"""A switch for hosts inside this machine: passes Ethernet frames between them, late, not all of them, or none.

Every port is a TAP device that this process holds open, so the kernel removes them all when the process ends, however
it ends. Unlike `tc netem`, it needs nothing of the kernel that machines for tests often lack.
"""

import errno
import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

TUN = Path("/dev/net/tun")
# linux/if_tun.h
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_LONGEST_FRAME = 2048


@dataclass(frozen=True)
class Line:
    """What happens to the frames between two hosts, in each direction."""

    delay_s: float = 0.0
    loss: float = 0.0  # the share of frames that is lost


WHOLE, CUT = Line(), Line(loss=1.0)


class Switch:
    """A thread passes the frames. All lines are whole until `set`."""

    def __init__(self) -> None:
        self._ports: dict[str, int] = {}
        self._lines: dict[frozenset[str], Line] = {}
        self._late: list[tuple[float, int, str, bytes]] = []
        self._behind: dict[bytes, str] = {}  # the port behind which an address was last heard
        self._luck = random.Random(0)  # noqa: S311 - which frames are lost is no secret
        self._lock = threading.Lock()
        self._wakening = os.eventfd(0, os.EFD_NONBLOCK)
        self._ended = False
        self._thread = threading.Thread(target=self._pass_frames, name="switch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = True
        self._wake()
        self._thread.join()
        for port in self._ports.values():
            os.close(port)
        os.close(self._wakening)

    def plug_in(self, host: str) -> str:
        """Makes a port. Returns its network device, which is still in this process's network namespace."""
        port = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        request = fcntl.ioctl(port, _TUNSETIFF, struct.pack("16sH22x", b"reslab%d", _IFF_TAP | _IFF_NO_PI))
        with self._lock:
            if earlier := self._ports.pop(host, None):
                os.close(earlier)
            self._ports[host] = port
        self._wake()
        return request[:16].rstrip(b"\0").decode()

    def set(self, one: str, other: str, line: Line) -> None:
        with self._lock:
            self._lines[frozenset((one, other))] = line

    def isolate(self, host: str) -> None:
        """Cuts all lines of a host, as if its cable were pulled: it sees no error, only silence."""
        for other in self._ports.keys() - {host}:
            self.set(host, other, CUT)

    def mend(self) -> None:
        """All lines are whole again."""
        with self._lock:
            self._lines.clear()

    def _wake(self) -> None:
        os.eventfd_write(self._wakening, 1)

    def _pass_frames(self) -> None:
        number = 0
        while not self._ended:
            with self._lock:
                hosts = {port: host for host, port in self._ports.items()}
            wait_s = max(self._late[0][0] - time.monotonic(), 0) if self._late else None
            readable, _, _ = select.select([self._wakening, *hosts], [], [], wait_s)
            with self._lock:
                for port in readable:
                    for target, frame, delay_s in self._accept(port, hosts):
                        number += 1
                        heapq.heappush(self._late, (time.monotonic() + delay_s, number, target, frame))
                self._deliver()

    def _accept(self, port: int, hosts: dict[int, str]) -> Iterator[tuple[str, bytes, float]]:
        """The next frame from a port: to whom it goes, and how late."""
        if port == self._wakening:
            os.eventfd_read(port)
            return
        source = hosts[port]
        try:
            frame = os.read(port, _LONGEST_FRAME)
        except OSError as error:
            if error.errno != errno.EAGAIN and self._ports.get(source) == port:
                os.close(self._ports.pop(source))  # its host is gone
            return
        self._behind[frame[6:12]] = source
        target = self._behind.get(frame[:6])
        for other in [target] if target else list(self._ports):
            line = self._lines.get(frozenset((source, other)), WHOLE)
            if other != source and self._luck.random() >= line.loss:
                yield other, frame, line.delay_s

    def _deliver(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, _, target, frame = heapq.heappop(self._late)
            if port := self._ports.get(target):
                with suppress(OSError):  # as with a real cable, what nobody takes is lost
                    os.write(port, frame)
