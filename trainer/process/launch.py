"""Owns the other processes of a run on several devices: the first of a machine starts and watches them, and they end
with it.

`python -m trainer run` needs no launcher: its process becomes rank 0, so a supervisor signals, pauses and waits for a
single process with the usual exit codes. Under torchrun, which sets RANK, each process takes the rank it is assigned.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event as Signal
from threading import Thread
from time import monotonic

import torch
import torch.distributed as dist
from torch._C._distributed_c10d import Store

from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED, Failed, Unable, parse
from trainer.failure import Failure, MachineFault, as_event
from trainer.process import pulse
from trainer.process.meeting import Meeting, is_assigned
from trainer.process.pulse import PeerLost
from trainer.process.ranks import FAILURE, Ranks, join, meeting_point

# A failing rank records its reason before it ends, so rank 0 waits no longer than this for a reason.
CAUSE_SECONDS = 10.0
# nccl does not notice a dead peer: after this time rank 0 is ended, if it has not ended by itself.
GRACE_SECONDS = 30.0
# The other ranks finish their last iteration together with rank 0.
END_SECONDS = 60.0
log = logging.getLogger(__name__)


@contextmanager
def gather(
    devices: int,
    device: torch.device,
    arguments: Sequence[str],
    say: Callable[[Failed], None],
    meeting: Meeting | None = None,
) -> Iterator[Ranks]:
    """The ranks of the run, once all have started; this process has `device`.

    An exception inside is raised with its cause, on whichever rank. Raises Failure(`invalid`) if a launcher
    started another number of processes.
    """
    if devices == 1:
        yield Ranks()
        return
    is_ours = not is_assigned()
    listener = (meeting or Meeting()).take_first_place(devices) if is_ours else None
    if int(os.environ["WORLD_SIZE"]) != devices:
        raise Failure("invalid", f"devices is {devices}, but {os.environ['WORLD_SIZE']} processes were started.")
    rank = int(os.environ["RANK"])
    store = meeting_point(rank, devices, listener)
    peers = Peers(rank, int(os.environ["LOCAL_WORLD_SIZE"]), arguments, say) if is_ours else None
    end = Signal()
    try:
        ranks = join(devices, device, store, rank)
        if rank > 0:
            pulse.show(ranks.pulse, store, rank, end)
        else:
            pulse.watch(ranks.pulse, store, devices, end, partial(_end_with, say))
        yield ranks
        if peers:
            peers.wait()
    except Exception as error:
        # This process's error may only follow from another's: a closed connection.
        is_own = isinstance(error, Failure | MachineFault) or (rank > 0 and peers is None)
        cause = None if is_own else _cause(store, peers)
        if rank > 0 and (cause or not isinstance(error, PeerLost)):
            with suppress(RuntimeError):  # rank 0 has ended, and its store with it
                store.compare_set(FAILURE, "", as_event(cause or error).model_dump_json())
        if cause:
            raise cause from error
        raise
    finally:
        end.set()
        if peers:
            peers.end.set()
        if dist.is_initialized():
            dist.destroy_process_group()


class Peers:
    """The other processes of this machine: the ranks from `first` + 1 to `first` + `count` − 1."""

    def __init__(self, first: int, count: int, arguments: Sequence[str], say: Callable[[Failed], None]) -> None:
        self.end = Signal()
        self._say = say
        # argparse uses the last --supervised: peers end with this process, as it does with its own supervisor.
        # As this process: with -P, a folder named `trainer` in the current one is not imported instead of ours.
        safely = ("-P",) if sys.flags.safe_path else ()
        command = [sys.executable, *safely, "-m", "trainer", *arguments, "--supervised", str(os.getpid())]
        self._processes = {
            first + place: subprocess.Popen(
                command,
                env=os.environ | {"RANK": str(first + place), "LOCAL_RANK": str(place)},
                stdin=subprocess.DEVNULL,
                stdout=2,
            )
            for place in range(1, count)
        }
        for rank in self._processes:
            Thread(target=self._watch, args=(rank,), name=f"rank-{rank}", daemon=True).start()

    def failure(self) -> Failed | None:
        """The failure of a rank that was killed, if any."""
        for rank, process in self._processes.items():
            code = process.poll()
            if code is not None and code < 0:
                return _failed(rank, code)
        return None

    def wait(self) -> None:
        """Wait for the processes to end."""
        limit = monotonic() + END_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(limit - monotonic(), 0))
            except subprocess.TimeoutExpired:
                log.warning("a rank did not end in time and is killed")
                process.kill()

    def _watch(self, rank: int) -> None:
        code = self._processes[rank].wait()
        if code in (EXIT_FINISHED, EXIT_STOPPED) or self.end.wait(GRACE_SECONDS):
            return
        self._say(_failed(rank, code))
        os._exit(EXIT_FAILED)


def _cause(store: Store, peers: Peers | None) -> Failure | MachineFault | None:
    """Why another rank ended. This rank's own error, a closed connection, only follows from that."""
    limit = monotonic() + CAUSE_SECONDS
    tick = Signal()
    while monotonic() < limit:
        failed = peers.failure() if peers else None
        if failed is None and (text := _recorded(store)):
            event = parse(text)
            if isinstance(event, Unable):
                return MachineFault(event.message)
            failed = event if isinstance(event, Failed) else None
        if failed:
            return Failure(failed.reason, failed.message, failed.iteration)
        tick.wait(0.05)
    return None


def _recorded(store: Store) -> bytes | None:
    """The failure that a rank has recorded. None also where rank 0, which has the store, is gone."""
    with suppress(RuntimeError):
        if store.check([FAILURE]):
            return store.get(FAILURE)
    return None


def _end_with(say: Callable[[Failed], None], rank: int, seconds: float) -> None:
    """End this process because of a rank that hangs; the others end with it."""
    message = f"The process of device {rank} hangs: the others have waited for it for {seconds:.0f} s."
    say(Failed(reason="internal", message=message))
    os._exit(EXIT_FAILED)


def _failed(rank: int, code: int) -> Failed:
    how = f"signal {-code}." if code < 0 else f"exit code {code}. See the log for the reason."
    return Failed(reason="internal", message=f"The process of device {rank} ended with {how}")
