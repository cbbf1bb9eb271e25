"""Files that a thread writes while training goes on: their order, their errors, and that nothing is announced early."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event as Signal
from threading import Timer, current_thread, main_thread

import pytest
import torch

from tests.trainer.conftest import small_spec
from trainer.classification import Classification
from trainer.events import Event, Finished, Saved, Steps, Stopped
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.draft import Draft, copies
from trainer.files.writer import Writer
from trainer.process.supervision import Stop

Run = Callable[..., Iterator[Event]]


def saved(name: str) -> Saved:
    return Saved(iteration=1, role="weights", format="safetensors", file=name, sha256="0", size_bytes=1)


def test_a_file_is_begun_only_after_the_one_before_it_was_announced() -> None:
    writer, begun = Writer(Stop()), list[str]()

    def save(name: str) -> Saved:
        begun.append(name)
        return saved(name)

    writer.start([partial(save, "weights"), partial(save, "checkpoint")])
    announced = writer.announce(wait=True)
    assert next(announced) == saved("weights")
    assert begun == ["weights"]
    assert list(announced) == [saved("checkpoint")]
    assert list(writer.announce(wait=True)) == []
    writer.close()


def test_an_error_of_the_thread_is_raised_in_the_training_thread_and_ends_the_writing() -> None:
    def broken() -> Saved:
        raise OSError(5, "Input/output error", "file")

    writer = Writer(Stop())
    writer.start([broken, lambda: saved("never")])
    with pytest.raises(OSError, match="Input/output"):
        list(writer.announce(wait=True))
    assert list(writer.announce(wait=True)) == []
    writer.close()


def test_copies_do_not_change_with_training_and_a_shared_tensor_is_copied_once() -> None:
    weight = torch.arange(16.0).reshape(1, 4, 2, 2).to(memory_format=torch.channels_last)
    first, second = copies([Draft("weights", 1, {"a": weight}, {}), Draft("checkpoint", 1, {"network.a": weight}, {})])
    weight.zero_()
    assert first.tensors["a"].is_contiguous()
    assert first.tensors["a"].flatten().tolist() == list(range(16))
    assert second.tensors["network.a"] is first.tensors["a"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_copies_on_a_gpu_are_of_their_moment_though_training_waits_for_nothing(tmp_path: Path) -> None:
    weight = torch.arange(2.0**20, device="cuda").reshape(64, 64, 16, 16).to(memory_format=torch.channels_last)
    expected = weight.cpu().contiguous()
    torch.cuda.set_sync_debug_mode("error")
    try:
        (draft,) = copies([Draft("weights", 1, {"a": weight}, {})])
        weight.zero_()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    draft.write(tmp_path / "weights-1.safetensors")
    tensors, _ = sealed.read(tmp_path / "weights-1.safetensors")
    assert torch.equal(tensors["a"], expected)


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Signal:
    """A disk that takes nothing until the signal is set. The training thread must not wait for it."""
    works, sync = Signal(), os.fsync

    def wait_and_sync(handle: int) -> None:
        assert current_thread() is not main_thread()
        assert works.wait(60)
        sync(handle)

    monkeypatch.setattr(os, "fsync", wait_and_sync)
    return works


def test_training_goes_on_while_a_file_is_written_and_waits_at_the_next(run_here: Run, slow_disk: Signal) -> None:
    events = run_here(small_spec(iterations=12, checkpoint_every=5))
    before = [next(events)]
    while not (isinstance(before[-1], Steps) and before[-1].first + len(before[-1].loss) > 10):
        before.append(next(events))
    assert not any(isinstance(event, Saved) for event in before)
    slow_disk.set()
    after = list(events)
    files = [(event.iteration, event.role) for event in after if isinstance(event, Saved)]
    assert files[:4] == [(5, "weights"), (5, "checkpoint"), (10, "weights"), (10, "checkpoint")]
    assert isinstance(after[-1], Finished)


def test_a_stop_while_a_file_is_written_loses_neither_that_file_nor_the_iterations_since(
    run_here: Run, slow_disk: Signal
) -> None:
    stop = Stop()
    events = run_here(small_spec(iterations=12, checkpoint_every=5), stop)
    for event in events:
        if isinstance(event, Steps) and event.first + len(event.loss) > 5:
            break  # the next event begins to save iteration 5
    stop.is_requested = True
    Timer(0.2, slow_disk.set).start()
    *files, last = events
    assert [(event.iteration, event.role) for event in files if isinstance(event, Saved)] == [
        (5, "weights"),
        (5, "checkpoint"),
        (6, "weights"),
        (6, "weights"),  # as .pt
        (6, "checkpoint"),
    ]
    assert last == Stopped(iteration=6)


def test_the_files_of_an_iteration_are_announced_before_the_failure_of_a_later_one(
    run_here: Run, slow_disk: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Classification.step

    def fail_after_six(task: Classification, rate: float) -> None:
        if task.training.iteration == 6:
            slow_disk.set()
            raise Failure("diverged", "no more", 7)
        step(task, rate)

    monkeypatch.setattr(Classification, "step", fail_after_six)
    events = list[Event]()
    with pytest.raises(Failure, match="no more"):
        events.extend(run_here(small_spec(iterations=12, checkpoint_every=5)))
    assert [event.file for event in events if isinstance(event, Saved)] == [
        "weights-5.safetensors",
        "checkpoint-5.safetensors",
    ]
