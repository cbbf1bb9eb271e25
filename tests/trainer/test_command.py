"""`python -m trainer`, in its own process: what it prints, how it ends, and what survives a kill."""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import events_of, small_spec
from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED
from trainer.spec import RunSpec

Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm")


def points(events: list[dict[str, Any]]) -> dict[int, float]:
    steps = (event for event in events if event["kind"] == "steps")
    return {event["first"] + index: loss for event in steps for index, loss in enumerate(event["loss"])}


def run_on(process: subprocess.Popen[str], kind: str, times: int = 1) -> list[dict[str, Any]]:
    """The events up to the one that is the `times`-th of its kind."""
    assert process.stdout
    events: list[dict[str, Any]] = []
    while sum(event["kind"] == kind for event in events) < times:
        events.append(json.loads(process.stdout.readline()))
    return events


def test_sigterm_saves_and_ends_with_its_own_code(start: Start, tmp_path: Path) -> None:
    process = start(small_spec(iterations=100_000), tmp_path / "work")
    run_on(process, "steps")
    process.send_signal(signal.SIGTERM)
    events = events_of(process)
    assert process.returncode == EXIT_STOPPED
    assert events[-1]["kind"] == "stopped"
    assert (tmp_path / "work" / f"checkpoint-{events[-1]['iteration']}.safetensors").is_file()


@pytest.mark.usefixtures("cold")
def test_stdout_has_only_events_and_stderr_the_log(start: Start, tmp_path: Path) -> None:
    process = start(small_spec(iterations=2), tmp_path / "work")
    out, err = process.communicate(timeout=200)
    assert process.returncode == EXIT_FINISHED
    assert [json.loads(line)["kind"] for line in out.splitlines()][-1] == "finished"
    assert "INFO trainer.loop: iteration 1 of 2" in err


BAD_SPECS = {
    "depth": ('{"depth": 21, "shortcut": "A", "dataset": "digits"}', "depth must be 6n+2: 8, 14, 20"),
    "field": ('{"depth": 20, "shortcut": "A", "dataset": "digits", "colour": 1}', "colour"),
    "json": ("{", "spec: "),
}


@pytest.mark.parametrize("kind", BAD_SPECS)
def test_a_bad_specification_is_one_failed_event(kind: str, start: Start, tmp_path: Path) -> None:
    spec, words = BAD_SPECS[kind]
    process = start(spec, tmp_path / "work")
    (event,) = events_of(process)
    assert process.returncode == EXIT_FAILED
    assert (event["kind"], event["reason"]) == ("failed", "invalid")
    assert words in event["message"]


def test_own_images_that_cannot_be_used_fail_as_data_and_name_the_file(start: Start, tmp_path: Path) -> None:
    for name in ("train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True)
        (tmp_path / "mine" / name).write_text("not an image")
    process = start(
        RunSpec(depth=8, shortcut="A", dataset="mine"), tmp_path / "work", "--folder", str(tmp_path / "mine")
    )
    (event,) = events_of(process)
    assert process.returncode == EXIT_FAILED
    assert event["reason"] == "data"
    assert "train/a/1.png" in event["message"]


def test_a_missing_data_set_fails_as_data(start: Start, tmp_path: Path) -> None:
    (event,) = events_of(start(RunSpec(depth=8, shortcut="A", dataset="mine"), tmp_path / "work"))
    assert event["reason"] == "data"
    assert "--folder" in event["message"]


def test_a_trainer_dies_with_its_supervisor(start: Start, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(small_spec(iterations=100_000).canonical_json())
    supervisor = (
        "import os, subprocess, sys\n"
        "command = [sys.executable, '-m', 'trainer', 'run', '--supervised', str(os.getpid()), *sys.argv[1:]]\n"
        "child = subprocess.Popen(command)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    command: list[str | Path] = [
        sys.executable,
        "-c",
        supervisor,
        "--spec",
        spec,
        "--workdir",
        tmp_path / "work",
        "--threads",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        try:
            assert json.loads(process.stdout.readline())["kind"] == "started"
            process.kill()
            # Only the trainer still has the pipe's writing end: this returns when the trainer is dead.
            process.stdout.read()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def test_a_trainer_whose_supervisor_is_another_process_does_not_start(start: Start, tmp_path: Path) -> None:
    process = start(small_spec(), tmp_path / "work", "--supervised", "1")
    out, err = process.communicate(timeout=200)
    assert process.returncode not in (EXIT_FINISHED, EXIT_STOPPED)
    assert out == ""
    assert "is not this process's parent" in err


def test_plan_prints_one_json_object_without_data(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"depth": 56, "shortcut": "A", "dataset": "cifar10"}))
    command: list[str | Path] = [sys.executable, "-m", "trainer", "plan", "--spec", spec]
    network_plan = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=200).stdout)
    assert (network_plan["parameters"], network_plan["multiply_adds"]) == (853_018, 125_485_696)


def test_help_describes_the_options() -> None:
    command: list[str | Path] = [sys.executable, "-m", "trainer", "run", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout
    assert all(option in text for option in ("--spec", "--workdir", "--data", "--folder", "--device", "--threads"))


def test_running_out_of_memory_is_reported_with_numbers(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(small_spec(batch_size=8192, depth=110).canonical_json())
    # The limit is set once torch is loaded: 700 MB more than the process uses by then.
    limited = (
        "import resource, sys, torch\n"
        "torch.zeros(1).sum()\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 700_000_000,) * 2)\n"
        "from trainer.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command: list[str | Path] = [
        sys.executable,
        "-c",
        limited,
        "run",
        "--spec",
        spec,
        "--workdir",
        tmp_path / "work",
        "--threads",
        "1",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    failed = json.loads(ended.stdout.splitlines()[-1])
    assert ended.returncode == EXIT_FAILED
    assert (failed["kind"], failed["reason"]) == ("failed", "out_of_memory")
    assert "batch of 8192 needs about" in failed["message"]
    assert "but the device has" in failed["message"]


def test_a_full_disk_fails_with_a_message_and_keeps_the_last_valid_checkpoint(start: Start, tmp_path: Path) -> None:
    spec = small_spec(iterations=100_000, checkpoint_every=5)
    process = start(spec, tmp_path / "work")
    run_on(process, "saved", times=2)
    # Simulates a full disk: from now on the kernel lets no file of this process grow.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1000, 1000))
    failed = events_of(process)[-1]
    assert process.returncode == EXIT_FAILED
    assert (failed["kind"], failed["reason"]) == ("failed", "internal")
    assert re.search(r"(checkpoint|weights)-\d+\.safetensors", failed["message"])
    good = max(int(path.stem.removeprefix("checkpoint-")) for path in (tmp_path / "work").glob("checkpoint-*"))
    again = start(spec, tmp_path / "work")
    assert run_on(again, "started")[0]["resumed_from"] == good >= 5
