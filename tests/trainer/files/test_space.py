"""A full disk: the run waits for space where it is, on a file system that is really full where root may mount one."""

import errno
import os
from pathlib import Path

import pytest

from tests.disk import fill, small_disk
from tests.trainer.conftest import events_of, small_spec
from tests.trainer.test_command import Start, run_on
from trainer.events import EXIT_FINISHED, Saved, Warned
from trainer.files.space import wait_for_space
from trainer.process.supervision import Stop

pytestmark = pytest.mark.usefixtures("warm")
SAVED = Saved(iteration=1, role="checkpoint", format="safetensors", file="f", sha256="0", size_bytes=1)


def test_training_waits_for_space_and_ends_as_if_nothing_had_happened(start: Start, tmp_path: Path) -> None:
    spec = small_spec(iterations=12, checkpoint_every=6)
    unbroken = events_of(start(spec, tmp_path / "unbroken"))
    with small_disk(tmp_path / "disk", "4m") as disk:
        (disk / "work").mkdir()
        fill(disk / "filler")
        process = start(spec, disk / "work")
        warning = run_on(process, "warned")[-1]
        assert "The disk is full (No space left on device: " in warning["message"]
        (disk / "filler").unlink()
        rest = events_of(process)
    assert process.returncode == EXIT_FINISHED
    assert [event["sha256"] for event in rest if event["kind"] == "saved"] == [
        event["sha256"] for event in unbroken if event["kind"] == "saved"
    ]


def test_a_stop_ends_the_wait() -> None:
    stop = Stop()

    def full() -> Saved:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    waiting = wait_for_space(full, stop)
    assert isinstance(next(waiting), Warned)
    stop.is_requested = True
    with pytest.raises(OSError, match="No space"):
        next(waiting)


def test_other_errors_are_not_waited_for() -> None:
    def refused() -> Saved:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with pytest.raises(OSError, match="Read-only"):
        next(wait_for_space(refused, Stop()))


def test_without_an_error_there_is_no_wait() -> None:
    assert list(wait_for_space(lambda: SAVED, Stop())) == [SAVED]
