"""Programs that start in milliseconds, because they are forked from a process that has already imported what they need.

`warm` replaces `subprocess.Popen`: a trainer, worker, control, API or command that this process starts is still a real
child of it, with its own pid, pipes, signals and memory. Only `exec` and the imports are left out: 3 s of processor
time for torch, 2 s for the API. What is said of a start itself (tests/test_imports.py, tests/reslab/stack/test_local.py
and others) is tested without `warm`; and the long forms of tests/faults/ start their processes as users do.
"""

import atexit
import ctypes
import gc
import importlib
import inspect
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from store.db import failpoints

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
COLD = subprocess.Popen
# `python -m PROGRAM`, and `python -c SOURCE` with an import from it.
PROGRAMS = ("trainer", "worker", "api", "reslab.command", "reslab.stack.prepare", "store.imports.boxed")
# What they import. Nobody can import `__main__` beforehand, and each imports little more than that.
MODULES = (
    *("trainer.loop", "trainer.classification", "trainer.data.library", "trainer.data.loaders"),
    *("trainer.process.launch", "trainer.finished.reports", "worker.run", "worker.control", "api.app", "uvicorn"),
    *("reslab.command", "reslab.client", "reslab.stack.local", "store.db.schema", "store.db.roles"),
    *("store.imports.reading", "store.imports.weights"),
    *("studies.certificate.checking", "studies.certificate.replay"),
)
# In the environment of a command or a worker: the processes that it starts are forked too.
WARM_CHILDREN = "RESLAB_TEST_WARM_CHILDREN"
_MOST_BYTES = 1 << 17


@contextmanager
def warm() -> Iterator[None]:
    """Within it, this process starts its trainers, workers and other programs of ours by forks."""
    subprocess.Popen = WarmPopen  # type: ignore[misc]
    try:
        yield
    finally:
        subprocess.Popen = COLD  # type: ignore[misc]


class WarmPopen(COLD[Any]):
    """Popen, but a program of ours is forked from the nursery. Other programs are started as always."""

    def _execute_child(self, *values: Any) -> None:
        start: Any = COLD._execute_child  # type: ignore[attr-defined]
        options = inspect.signature(start).bind(self, *values).arguments
        interpreter, *arguments = (os.fsdecode(argument) for argument in options["args"] if argument != "-P")
        orphan_signal = _signal_of_orphans(options["preexec_fn"])
        is_ours = interpreter == sys.executable and _program(arguments)
        if not is_ours or options["pass_fds"] or (options["preexec_fn"] and not orphan_signal):
            start(self, *values)
            return
        streams = [options[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        request = {
            "arguments": arguments,
            "folder": os.fsdecode(options["cwd"] or Path.cwd()),
            "environment": dict(options["env"] or os.environ),
            "is_leader": options["start_new_session"],
            "orphan_signal": orphan_signal,
        }
        self.pid = nursery().fork(request, [number if fd < 0 else fd for number, fd in enumerate(streams)])
        self._child_created = True
        close: Any = self._close_pipe_fds  # type: ignore[attr-defined]
        close(*(options[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")))


def _signal_of_orphans(preexec: Callable[[], None] | None) -> int:
    """The signal at its parent's death that the function of reslab/stack/child.py sets in a child; 0: another one."""
    return int(inspect.getclosurevars(preexec).nonlocals.get("orphan_signal", 0)) if preexec else 0


def _program(arguments: list[str]) -> str | None:
    """Which of PROGRAMS the interpreter's arguments start."""
    match arguments:
        case ["-m", module, *_] if module in (*PROGRAMS, "store"):
            return module
        case ["-c", source, *_]:
            return next((name for name in PROGRAMS if f"from {name}" in source), None)
    return None


@cache
def nursery() -> "Nursery":
    """This process's own. It ends with this process, which holds the other end of its socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-P", __file__, str(theirs.fileno())]
        # Read when torch is loaded. Tests train side by side, and threads that wait for each other are slow.
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = COLD(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment)
        return Nursery(ours, process.wait)


class Nursery:
    """A process that has imported some modules, and does nothing else but fork."""

    def __init__(self, requests: socket.socket, wait: Callable[[], object]) -> None:
        self._requests, self._wait = requests, wait
        self._lock = threading.Lock()
        atexit.register(self._close)

    def load(self, module: str) -> None:
        """Import a module that only some programs need."""
        with self._lock:
            self._requests.send(json.dumps({"module": module}).encode())
            self._requests.recv(_MOST_BYTES)

    def fork(self, request: dict[str, Any], streams: list[int]) -> int:
        """The pid of a new child of this process, whose stdin, stdout and stderr are `streams`."""
        body = json.dumps(request).encode()
        assert len(body) < _MOST_BYTES
        with self._lock:
            # The child's own parent ends at once. The kernel then gives the child to the next ancestor that takes them.
            _adopt_orphans(True)
            try:
                socket.send_fds(self._requests, [body], streams)
                return int(self._requests.recv(_MOST_BYTES))
            finally:
                _adopt_orphans(False)

    def _close(self) -> None:
        self._requests.close()
        self._wait()


def _adopt_orphans(is_on: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(is_on), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def serve(requests: socket.socket) -> None:
    """The nursery's process, until the other end of its socket is closed."""
    while True:
        body, streams, _, _ = socket.recv_fds(requests, _MOST_BYTES, 3)
        if not body:
            return
        request = json.loads(body)
        if "module" in request:
            importlib.import_module(request["module"])
            pid = 0
        else:
            gc.freeze()  # a collection would write to, and so copy, every page that the children share
            pid = _fork_orphan(is_leader=request["is_leader"])
            if pid == 0:
                _run(request, streams)
        requests.send(str(pid).encode())
        for stream in streams:
            os.close(stream)


def _fork_orphan(*, is_leader: bool) -> int:
    """Like `os.fork`, but by its return the child is an orphan and, if it is a leader, has a session of its own."""
    reading, writing = os.pipe()
    middle = os.fork()
    if middle == 0:
        middle = os.getpid()
        if os.fork():
            os._exit(0)
        while os.getppid() == middle:
            time.sleep(0.001)
        if is_leader:
            os.setsid()
        os.write(writing, str(os.getpid()).encode())
        return 0
    os.waitpid(middle, 0)
    pid = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    return pid


def _run(request: dict[str, Any], streams: list[int]) -> NoReturn:
    """Becomes the program, and ends with it."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    if request["orphan_signal"]:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, request["orphan_signal"], 0, 0, 0)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    failpoints._armed.update(failpoints.parse(os.environ.get("RESLAB_FAILPOINT", "")))  # read at its import
    if WARM_CHILDREN in os.environ and _program(request["arguments"]) in ("worker", "reslab.command"):
        _become_warm()
    try:
        _execute(*request["arguments"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code + "\n")
    except BaseException:
        traceback.print_exc()
        code = 1
    # What the interpreter does at its end, except that it would free, and so copy, all that the children share.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _become_warm() -> None:
    """A nursery for this process, which is one itself until now: no import is repeated."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ours.close()
        serve(theirs)
        os._exit(0)
    theirs.close()
    own = Nursery(ours, lambda: os.waitpid(pid, 0))
    globals()["nursery"] = lambda: own
    subprocess.Popen = WarmPopen  # type: ignore[misc]


def _execute(flag: str, program: str, *arguments: str) -> None:
    sys.argv = [flag, *arguments]
    if flag == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        exec(program, {"__name__": "__main__"})  # noqa: S102 (a test's own source)


if __name__ == "__main__":
    for name in MODULES:
        importlib.import_module(name)
    serve(socket.socket(fileno=int(sys.argv[1])))
