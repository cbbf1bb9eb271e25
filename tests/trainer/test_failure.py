"""Who is to blame for the end of a run: its specification, its data, its program, or the machine."""

import errno

import pytest

from trainer.events import Failed, Unable
from trainer.failure import Failure, MachineFault, as_event


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.ENODEV])
def test_what_the_disk_or_the_kernel_refuses_is_the_machines_fault(number: int) -> None:
    assert as_event(OSError(number, "refused", "/work/checkpoint")) == Unable(message="refused: /work/checkpoint")


def test_a_missing_library_is_the_machines_fault() -> None:
    event = as_event(ImportError("libcudart.so.13: cannot open shared object file"))
    assert event == Unable(message="A library cannot be loaded: libcudart.so.13: cannot open shared object file")


def test_a_device_that_cannot_be_used_is_the_machines_fault() -> None:
    assert isinstance(as_event(MachineFault("no GPU")), Unable)


def test_a_missing_file_and_a_wrong_field_are_not() -> None:
    for error in (FileNotFoundError(errno.ENOENT, "no such file"), Failure("invalid", "depth"), ValueError("a bug")):
        assert isinstance(as_event(error), Failed)
