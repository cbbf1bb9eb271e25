"""A run's events: which come, in which order, and what they contain."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.conftest import CPU, small_spec
from trainer.data.images import Data
from trainer.evaluation import evaluate
from trainer.events import Evaluated, Event, Failed, Finished, Saved, Started, Steps, Stopped, Warned, parse
from trainer.failure import Failure
from trainer.loop import Environment, are_finite, train
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import begin

Run = Callable[..., Iterator[Event]]


def curve(events: list[Event]) -> dict[int, tuple[float, float, float]]:
    """Loss, error and rate by iteration."""
    points: dict[int, tuple[float, float, float]] = {}
    for steps in (event for event in events if isinstance(event, Steps)):
        for index, values in enumerate(zip(steps.loss, steps.error, steps.lr, strict=True)):
            points[steps.first + index * steps.every] = values
    return points


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


def test_every_iteration_is_reported_once_and_the_end_is_evaluated_and_saved(run_here: Run, tmp_path: Path) -> None:
    events = list(run_here(small_spec(iterations=12, checkpoint_every=5)))
    assert isinstance(events[0], Started)
    assert list(curve(events)) == list(range(1, 13))
    assert sum(len(event.loss) for event in events if isinstance(event, Steps)) == 12
    assert [(e.iteration, e.split, e.images) for e in events if isinstance(e, Evaluated)] == [(12, "test", 64)]
    files = [(e.iteration, e.role, e.format) for e in events if isinstance(e, Saved)]
    assert files == [
        (5, "weights", "safetensors"),
        (5, "checkpoint", "safetensors"),
        (10, "weights", "safetensors"),
        (10, "checkpoint", "safetensors"),
        (12, "weights", "safetensors"),
        (12, "weights", "pt"),
        (12, "checkpoint", "safetensors"),
    ]
    assert events[-1] == Finished(iteration=12, seconds=events[-1].seconds if isinstance(events[-1], Finished) else 0)
    assert sorted(path.name for path in tmp_path.glob("checkpoint-*")) == [
        "checkpoint-10.safetensors",
        "checkpoint-12.safetensors",
    ]
    assert all(parse(event.model_dump_json()) == event for event in events)


def test_points_leave_before_the_files_that_contain_them(run_here: Run) -> None:
    last_point = 0
    for event in run_here(small_spec(iterations=12, checkpoint_every=5)):
        if isinstance(event, Steps):
            last_point = event.first + len(event.loss) - 1
        if isinstance(event, Saved):
            assert last_point >= event.iteration


def test_the_first_point_leaves_at_once(run_here: Run) -> None:
    events = run_here(small_spec(iterations=1000))
    assert kinds([next(events), next(events)]) == ["started", "steps"]


def test_log_every_thins_the_points_but_not_the_training(run_here: Run, tmp_path: Path) -> None:
    every, third = (
        list(run_here(small_spec(iterations=12, log_every=log_every), workdir=_new(tmp_path / str(log_every))))
        for log_every in (1, 3)
    )
    assert curve(third) == {i: point for i, point in curve(every).items() if i % 3 == 0}


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_errors_are_percent_of_the_mini_batch_and_rates_are_the_schedules(run_here: Run) -> None:
    spec = small_spec(iterations=8, schedule={"kind": "steps", "at": [2, 6]})
    points = curve(list(run_here(spec)))
    assert [rate for _, _, rate in points.values()] == [0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001, 0.001]
    assert all((error * 16 / 100).is_integer() for _, error, _ in points.values())


def test_an_error_counts_whole_images_and_the_top_five_hold_the_first(run_here: Run) -> None:
    events = run_here(small_spec(iterations=20, train_images=1990, evaluate_every=5))
    for event in (event for event in events if isinstance(event, Evaluated)):
        assert event.top5_error is not None
        assert event.top5_error <= event.error
        assert all((error * event.images / 100).is_integer() for error in (event.error, event.top5_error))


def test_validation_images_are_evaluated_and_each_new_best_is_saved(run_here: Run) -> None:
    events = list(run_here(small_spec(iterations=20, train_images=1900, evaluate_every=5, augment="none")))
    evaluations = [event for event in events if isinstance(event, Evaluated)]
    assert [(e.iteration, e.split) for e in evaluations] == [(i, s) for i in (5, 10, 15, 20) for s in ("val", "test")]
    best, expected = 101.0, list[int]()
    for event in evaluations:
        if event.split == "val" and event.error < best:
            best, expected = event.error, [*expected, event.iteration]
    pt_iterations = [event.iteration for event in events if isinstance(event, Saved) and event.format == "pt"]
    assert pt_iterations == sorted({*expected, 20})


def test_a_network_learns(run_here: Run) -> None:
    events = list(run_here(small_spec(iterations=60, batch_size=32)))
    final = next(event for event in events if isinstance(event, Evaluated))
    assert final.error < 20
    assert final.top5_error is not None
    assert final.top5_error <= final.error


def test_a_run_resumes_as_if_it_had_never_stopped(run_here: Run, tmp_path: Path) -> None:
    spec = small_spec(iterations=20, train_images=1900, evaluate_every=6, checkpoint_every=1000, depth=8)
    whole = list(run_here(spec, workdir=_new(tmp_path / "whole")))
    parts: list[Event] = []
    for _ in range(20):
        stop = Stop()
        for event in run_here(spec, stop, _new(tmp_path / "parts") if not parts else tmp_path / "parts"):
            parts.append(event)
            # Requested at every second chunk: in the middle of the run, and before and during evaluations.
            stop.is_requested = (isinstance(event, Steps | Evaluated) and len(parts) % 2 == 0) or stop.is_requested
        if isinstance(parts[-1], Finished):
            break
    assert kinds(parts).count("stopped") >= 2
    assert curve(parts) == curve(whole)
    assert _evaluations(parts) == _evaluations(whole)
    assert _final_hashes(parts) == _final_hashes(whole)


def _evaluations(events: list[Event]) -> list[Evaluated]:
    return [event for event in events if isinstance(event, Evaluated)]


def _final_hashes(events: list[Event]) -> dict[str, str]:
    return {e.file: e.sha256 for e in events if isinstance(e, Saved) and e.role == "weights" and e.iteration == 20}


def test_a_stop_saves_within_one_iteration(run_here: Run) -> None:
    stop = Stop()
    events = run_here(small_spec(iterations=1000), stop)
    before = [next(events), next(events)]
    stop.is_requested = True
    after = list(events)
    assert kinds(before) == ["started", "steps"]
    assert [event.kind for event in after if event.kind != "steps"] == ["saved", "saved", "saved", "stopped"]
    assert isinstance(after[-1], Stopped)
    assert after[-1].iteration <= 2


def test_a_stop_during_an_evaluation_leaves_the_evaluation_to_the_next_process(
    small_data: Callable[[RunSpec], Data],
) -> None:
    spec, stop = small_spec(), Stop()
    data = small_data(spec)
    training = begin(spec, 10, data.hash, torch.device("cpu"))
    assert evaluate(training, data.test, data.mean, stop) is not None
    stop.is_requested = True
    assert evaluate(training, data.test, data.mean, stop) is None
    assert training.network.training


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_good_checkpoint(
    run_here: Run, tmp_path: Path
) -> None:
    # Decay 1 at rate 100 multiplies every weight by −99: infinite within some twenty iterations.
    spec = small_spec(iterations=1000, lr=100.0, weight_decay=1.0, checkpoint_every=3)
    events: list[Event] = []
    with pytest.raises(Failure) as failed:
        events.extend(run_here(spec))
    assert failed.value.reason == "diverged"
    assert failed.value.iteration is not None
    assert str(failed.value.iteration) in failed.value.message
    for path in tmp_path.glob("*.safetensors"):
        from trainer.files import sealed

        tensors, _ = sealed.read(path)
        assert all(tensor.isfinite().all() for tensor in tensors.values()), path.name
    assert list(tmp_path.glob("checkpoint-*"))


def test_a_checkpoint_of_another_specification_is_refused(run_here: Run) -> None:
    list(run_here(small_spec(iterations=3)))
    with pytest.raises(Failure, match="belongs to another specification") as failed:
        list(run_here(small_spec(iterations=4)))
    assert failed.value.reason == "invalid"
    assert "(iterations 3, not 4;" in failed.value.message


@pytest.mark.parametrize(("fields", "words"), [({"stride_in_1x1": False}, "stride_in_1x1 true, not false")])
def test_a_checkpoint_of_another_variant_is_refused_though_every_key_fits(
    fields: dict[str, Any], words: str, run_here: Run
) -> None:
    list(run_here(small_spec(iterations=3)))
    with pytest.raises(Failure, match=words) as failed:
        list(run_here(small_spec(iterations=3, **fields)))
    assert failed.value.reason == "invalid"


def test_a_damaged_checkpoint_is_skipped_with_a_warning(run_here: Run, tmp_path: Path) -> None:
    spec = small_spec(iterations=9, checkpoint_every=3)
    whole = list(run_here(spec))
    (tmp_path / "checkpoint-9.safetensors").write_bytes((tmp_path / "checkpoint-9.safetensors").read_bytes()[:-100])
    again = list(run_here(spec))
    assert isinstance(again[0], Started)
    assert again[0].resumed_from == 6
    assert isinstance(again[1], Warned)
    assert "checkpoint-9.safetensors was altered" in again[1].message
    assert {i: p for i, p in curve(whole).items() if i > 6} == curve(again)


def test_a_checkpoint_that_cannot_be_read_does_not_block_the_one_before(run_here: Run, tmp_path: Path) -> None:
    """A bad disk's EIO, or a folder of this name, once ended every start."""
    spec = small_spec(iterations=9, checkpoint_every=3)
    whole = list(run_here(spec))
    newest = tmp_path / "checkpoint-9.safetensors"
    newest.unlink()
    newest.mkdir()
    again = list(run_here(spec))
    assert isinstance(again[0], Started)
    assert again[0].resumed_from == 6
    assert isinstance(again[1], Warned)
    assert again[1].message.startswith("checkpoint-9.safetensors cannot be read: Is a directory.")
    assert {i: p for i, p in curve(whole).items() if i > 6} == curve(again)
    assert newest.is_file()


def test_a_run_does_not_begin_anew_because_its_only_checkpoint_cannot_be_read(run_here: Run, tmp_path: Path) -> None:
    (tmp_path / "checkpoint-3.safetensors").mkdir()
    with pytest.raises(IsADirectoryError):
        list(run_here(small_spec(iterations=3)))


def test_two_damaged_checkpoints_restart_the_run(run_here: Run, tmp_path: Path) -> None:
    spec = small_spec(iterations=6, checkpoint_every=3)
    list(run_here(spec))
    for path in tmp_path.glob("checkpoint-*"):
        path.write_bytes(b"")
    again = list(run_here(spec))
    assert kinds(again)[:3] == ["started", "warned", "warned"]
    assert list(curve(again)) == [1, 2, 3, 4, 5, 6]


def test_bf16_trains(run_here: Run) -> None:
    assert isinstance(list(run_here(small_spec(iterations=2, precision="bf16")))[-1], Finished)


def test_an_event_with_a_loss_that_is_not_finite_cannot_be_made() -> None:
    fields: dict[str, Any] = {"kind": "failed", "reason": "diverged", "message": "loss is nan at iteration 3"}
    assert parse(json.dumps(fields)) == Failed(reason="diverged", message="loss is nan at iteration 3")
    with pytest.raises(ValueError, match="finite"):
        Steps(first=1, loss=[float("nan")], error=[0.0], lr=[0.1], images_per_s=1.0)


def test_a_fork_continues_from_its_parents_checkpoint_with_changed_fields(
    run_here: Run, small_data: Callable[[RunSpec], Data], tmp_path: Path
) -> None:
    parent, folder = tmp_path / "parent", tmp_path / "fork"
    spec = small_spec(iterations=6, checkpoint_every=3, train_images=1900)
    parent.mkdir()
    folder.mkdir()
    list(run_here(spec, workdir=parent))
    shutil.copy(parent / "checkpoint-3.safetensors", folder)
    forked_spec = RunSpec.model_validate(spec.model_dump() | {"iterations": 9, "lr": 0.01, "evaluate_every": 3})
    environment = Environment(folder, CPU, Stop(), forked_at=3)
    events = list(train(forked_spec, small_data(forked_spec), environment))
    (started,) = (event for event in events if isinstance(event, Started))
    assert started.resumed_from == 3
    steps = [event for event in events if isinstance(event, Steps)]
    # The parent's schedule stays: of its 6 iterations, the first drop was at 3.
    assert [steps[0].first, steps[0].lr[0]] == [4, 0.001]
    evaluated_at = {event.iteration for event in events if isinstance(event, Evaluated)}
    saved_at = {event.iteration for event in events if isinstance(event, Saved) and event.role == "weights"}
    # Its first evaluation is its best so far, regardless of the parent's best.
    assert min(evaluated_at) in saved_at
    assert isinstance(events[-1], Finished)


def test_a_fork_of_another_network_is_refused(
    run_here: Run, small_data: Callable[[RunSpec], Data], tmp_path: Path
) -> None:
    list(run_here(small_spec(iterations=3)))
    other = small_spec(iterations=6, seed=1)
    with pytest.raises(Failure, match="seed 0, not 1"):
        list(train(other, small_data(other), Environment(tmp_path, CPU, Stop(), forked_at=3)))


def test_a_run_that_stops_at_an_iteration_has_the_same_files_there(
    run_here: Run, small_data: Callable[[RunSpec], Data], tmp_path: Path
) -> None:
    """Also at an iteration without a checkpoint of its own, and if it starts from a checkpoint."""
    spec = small_spec(iterations=12, checkpoint_every=4)
    whole = list(run_here(spec, workdir=_new(tmp_path / "whole")))
    folder = _new(tmp_path / "part")
    first, second = (
        list(train(spec, small_data(spec), Environment(folder, CPU, Stop(), until=until))) for until in (5, 8)
    )
    assert (first[-1], second[-1]) == (Stopped(iteration=5), Stopped(iteration=8))
    assert curve(first) | curve(second) == {i: point for i, point in curve(whole).items() if i <= 8}
    hashes = {(e.iteration, e.role, e.format): e.sha256 for e in whole if isinstance(e, Saved)}
    for role in ("checkpoint", "weights"):
        (again,) = (
            e for e in second if isinstance(e, Saved) and (e.role, e.format, e.iteration) == (role, "safetensors", 8)
        )
        assert again.sha256 == hashes[8, role, "safetensors"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_single_value_that_is_not_finite_is_noticed_wherever_it_is(value: float) -> None:
    tensors = [torch.full((2, 3, 4, 4), 3e38).contiguous(memory_format=torch.channels_last), torch.tensor(7)]
    assert are_finite(tensors)
    tensors[0][1, 2, 3, 3] = value
    assert not are_finite(tensors)
