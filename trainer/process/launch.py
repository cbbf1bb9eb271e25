"""Owns the other processes of a run on several devices: started by rank 0, watched by it, dead with it.

`python -m trainer run` needs no launcher: the process that was asked to run becomes rank 0, so that its supervisor
signals, holds and buries one process, and reads its own exit codes. Under torchrun, which sets RANK, each process
takes the place it was given.
"""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread
from time import monotonic

import torch.distributed as dist
from torch._C._distributed_c10d import Store

from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED, Failed, parse
from trainer.failure import Failure, as_event
from trainer.process.ranks import FAILURE, Ranks, join, meeting_point

# A rank that fails leaves its reason first, so what rank 0 waits for is a process's end.
CAUSE_SECONDS = 10.0
# nccl does not notice a dead peer: what rank 0 has not ended by itself by then is ended for it.
GRACE_SECONDS = 30.0
# The other ranks have done their last iteration when rank 0 has.
END_SECONDS = 60.0
log = logging.getLogger(__name__)


@contextmanager
def gathered(devices: int, kind: str, arguments: Sequence[str], speak: Callable[[Failed], None]) -> Iterator[Ranks]:
    """The ranks of the run, all of them there. An exception inside is told with its cause, whichever rank's it is.

    Raises Failure(`invalid`) where a launcher started another number of processes.
    """
    if devices == 1:
        yield Ranks()
        return
    is_ours = "RANK" not in os.environ
    listener = _become_first(devices) if is_ours else None
    if int(os.environ["WORLD_SIZE"]) != devices:
        raise Failure("invalid", f"devices is {devices}, but {os.environ['WORLD_SIZE']} processes were started")
    rank = int(os.environ["RANK"])
    store = meeting_point(rank, devices, listener)
    others = Others(devices, arguments, speak) if is_ours else None
    try:
        yield join(devices, kind, store, rank)
        if others:
            others.see_off()
    except Exception as error:
        if rank > 0:
            store.compare_set(FAILURE, "", as_event(error).model_dump_json())
        elif not isinstance(error, Failure) and (cause := _cause(store, others)):
            raise cause from error
        raise
    finally:
        if others:
            others.over.set()
        if dist.is_initialized():
            dist.destroy_process_group()


def _become_first(devices: int) -> int:
    """Say in the environment what torchrun would have said. Returns the socket at which the ranks meet."""
    listener = socket.create_server(("127.0.0.1", 0))
    os.environ.update(RANK="0", LOCAL_RANK="0", WORLD_SIZE=str(devices))
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(listener.getsockname()[1]))
    # The loopback interface: nobody else has a say, and a machine's own name need not resolve.
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    return listener.detach()


class Others:
    """The processes of ranks 1 to `devices` − 1."""

    def __init__(self, devices: int, arguments: Sequence[str], speak: Callable[[Failed], None]) -> None:
        self.over = Signal()
        self._speak = speak
        # The last --supervised counts: they die with this process, as it does with its own supervisor.
        command = [sys.executable, "-m", "trainer", *arguments, "--supervised", str(os.getpid())]
        self._processes = {
            rank: subprocess.Popen(
                command,
                env=os.environ | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
                stdin=subprocess.DEVNULL,
                stdout=2,
            )
            for rank in range(1, devices)
        }
        for rank in self._processes:
            Thread(target=self._watch, args=(rank,), name=f"rank-{rank}", daemon=True).start()

    def lost(self) -> Failed | None:
        """The rank that was killed, if one was."""
        for rank, process in self._processes.items():
            code = process.poll()
            if code is not None and code < 0:
                return _lost(rank, code)
        return None

    def see_off(self) -> None:
        """Wait for them to end."""
        limit = monotonic() + END_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(limit - monotonic(), 0))
            except subprocess.TimeoutExpired:
                log.warning("a rank did not end by itself")
                process.kill()

    def _watch(self, rank: int) -> None:
        code = self._processes[rank].wait()
        if code in (EXIT_FINISHED, EXIT_STOPPED) or self.over.wait(GRACE_SECONDS):
            return
        self._speak(_lost(rank, code))
        os._exit(EXIT_FAILED)


def _cause(store: Store, others: Others | None) -> Failure | None:
    """Why another rank ended. Our own error, a closed connection, is only what followed."""
    limit = monotonic() + CAUSE_SECONDS
    tick = Signal()
    while monotonic() < limit:
        told = others.lost() if others else None
        if told is None and store.check([FAILURE]):
            event = parse(store.get(FAILURE))
            told = event if isinstance(event, Failed) else None
        if told:
            return Failure(told.reason, told.message, told.iteration)
        tick.wait(0.05)
    return None


def _lost(rank: int, code: int) -> Failed:
    how = f"signal {-code}" if code < 0 else f"exit code {code}, and the log says why"
    return Failed(reason="internal", message=f"the process of device {rank} ended with {how}")
