"""Owns how a run fails: with a reason, a message and a last event. Loads no torch."""

import errno

from trainer.events import Failed, FailureReason, Unable
from trainer.manifest import BadDataSet


class Failure(Exception):
    """Ends a run with a reason and a message that says what happened, and where."""

    def __init__(self, reason: FailureReason, message: str, iteration: int | None = None) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message
        self.iteration = iteration


class MachineFault(Exception):
    """Ends a process that its machine does not let work: another machine may well train the run."""


# What the disk, the kernel or the operator refuses, whatever the run. A missing file is not among them.
_MACHINE_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.ENODEV, errno.ENXIO}
    | {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE}
)


def is_disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_out_of_memory(error: BaseException) -> bool:
    """True for Python's own error, a GPU's, and that of torch's CPU allocator, which raises a bare RuntimeError."""
    by_name = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return by_name or any(words in str(error) for words in ("can't allocate memory", "bad_alloc"))


def describe(error: OSError) -> str:
    """What went wrong, and with which file where the error knows it."""
    return f"{error.strerror or error}: {error.filename}" if error.filename else f"{error.strerror or error}"


def as_event(error: Exception) -> Failed | Unable:
    """The run's last event, made from the error that ended it."""
    match error:
        case Failure():
            return Failed(reason=error.reason, message=error.message, iteration=error.iteration)
        case BadDataSet():
            return Failed(reason="data", message=str(error))
        case _ if is_out_of_memory(error):
            return Failed(reason="out_of_memory", message=f"Out of memory: {error}")
        case _ if fault := _machine_fault(error):
            return Unable(message=fault)
        case OSError():
            return Failed(reason="internal", message=describe(error))
        case _:
            return Failed(reason="internal", message=f"{type(error).__name__}: {error}")


def _machine_fault(error: Exception) -> str | None:
    """What the machine did not do; None for any other error."""
    match error:
        case MachineFault():
            return str(error)
        case ImportError():
            return f"A library cannot be loaded: {error}"
        case OSError(errno=number) if number in _MACHINE_ERRORS:
            return describe(error)
        case _ if type(error).__name__ == "AcceleratorError":  # torch's, for every error of a GPU's driver
            return f"The GPU failed: {error}"
        case _:
            return None
