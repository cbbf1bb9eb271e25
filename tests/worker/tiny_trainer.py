"""A program that speaks the trainer's protocol without torch, and misbehaves at an exact moment.

`python tiny_trainer.py FAULT run --spec … --workdir … [--supervised PID]`, or `check`. Its state is a hash chain over
the iterations, so a wrong resume changes its last weights. FAULT is `none` or one of the functions below.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EXIT_FAILED, EXIT_STOPPED = 1, 75
ITERATION_S = 0.004


def say(kind: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"kind": kind, **fields}) + "\n")
    sys.stdout.flush()


def save(workdir: Path, role: str, iteration: int, state: str, file: str | None = None) -> None:
    file = file or f"{role}-{iteration}.safetensors"
    (workdir / file).write_text(state)
    digest = hashlib.sha256(state.encode()).hexdigest()
    size = len(state)
    say("saved", iteration=iteration, role=role, format="safetensors", file=file, sha256=digest, size_bytes=size)


def steps(first: int, errors: list[float]) -> None:
    say("steps", first=first, loss=[0.5] * len(errors), error=errors, lr=[0.1] * len(errors), images_per_s=1.0)


def started(resumed_from: int) -> None:
    images = {"train_images": 9, "val_images": 0, "test_images": 9}
    device = {"device": "cpu", "device_kind": "cpu", "threads": 1, "versions": {}, "data_hash": "00"}
    say("started", resumed_from=resumed_from, **device, **images)


def fail(reason: str, iteration: int) -> None:
    say("failed", reason=reason, message=f"{reason}, as the test ordered", iteration=iteration)
    sys.exit(EXIT_FAILED)


# Each fault is called after every iteration.


def none(iteration: int) -> None: ...


def rubbish(iteration: int) -> None:
    if iteration == 5:
        sys.stdout.buffer.write(b'\xff\x00 not an event\n{"kind": "finished"\n' + b"x" * 3_000_000 + b"\n\n")
        sys.stdout.flush()


def dies(iteration: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_at_40_once(iteration: int) -> None:
    marker = Path(sys.argv[0]).parent / "has-died"
    if iteration == 40 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def dies_and_leaves_a_child(iteration: int) -> None:
    if iteration == 20:
        subprocess.Popen(["sleep", "600"])  # it keeps our stdout and stderr open
        os.kill(os.getpid(), signal.SIGKILL)


def diverged(iteration: int) -> None:
    fail("diverged", iteration)


def reports_1e39(iteration: int) -> None:
    if iteration == 20:
        steps(21, [50.0] * 4 + [1e39, 50.0])


def reports_nan(iteration: int) -> None:
    if iteration == 20:
        steps(21, [float("nan")])


def evaluates_to_infinity(iteration: int) -> None:
    if iteration == 20:
        say("evaluated", iteration=20, split="test", error=90.0, top5_error=None, loss=float("inf"), images=9)


def internal(iteration: int) -> None:
    fail("internal", iteration)


def leaves_its_folder(iteration: int) -> None:
    save(Path.cwd(), "weights", iteration, "secret", file="../outside")


def reports_a_point_twice(iteration: int) -> None:
    steps(1, [50.0])
    steps(1, [50.0])


def finishes_early(iteration: int) -> None:
    say("finished", iteration=iteration, seconds=1.0)
    sys.exit(0)


def prints_its_environment(iteration: int) -> None:
    if iteration == 1:
        sys.stderr.write("".join(f"ENV {name}\n" for name in sorted(os.environ)))
        sys.stderr.flush()


def prints_its_arguments(iteration: int) -> None:
    if iteration % 30 == 1:  # a fork does not begin at iteration 1
        pairs = zip(sys.argv[3::2], sys.argv[4::2], strict=True)
        sys.stderr.write("".join(f"{name} {value}\n" for name, value in pairs))


# Before the first event, and in `check`.


def unable(iteration: int) -> None: ...


def unfit(iteration: int) -> None: ...


def is_healed() -> bool:
    return (Path(sys.argv[0]).parent / "healed").exists()


def say_unable() -> None:
    say("unable", message="no GPU, as the test ordered")
    sys.exit(EXIT_FAILED)


def hangs(iteration: int) -> None:
    if iteration == 40:
        signal.pause()


def raises(iteration: int) -> None:
    if iteration == 5:
        raise ValueError("as the test ordered")


def dies_talking(iteration: int) -> None:
    if iteration == 5:
        sys.stderr.write("".join(f"last words {number}\n" for number in range(300)) + "no line end")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def shouts(iteration: int) -> None:
    if iteration == 5:
        sys.stderr.write("".join(f"shout {number}\n" for number in range(200_000)))


def starts_elsewhere(iteration: int) -> None: ...


def ignores_sigterm(iteration: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def stops_slowly(iteration: int) -> None:
    """On SIGTERM: logs the request, and stops only once a file `go` appears beside its folder."""
    work = Path.cwd().parents[1]

    def wait(*_: object) -> None:
        sys.stderr.write("stop requested\n")
        sys.stderr.flush()
        while not (work / "go").exists():
            time.sleep(ITERATION_S)
        sys.exit(EXIT_STOPPED)

    signal.signal(signal.SIGTERM, wait)


def check(fault: str, report: Path) -> None:
    """Count the checks, and report one measurement: a failure if the machine computes wrongly and has not healed."""
    with (Path(__file__).parent / "checks").open("a") as checks:
        checks.write("1\n")
    while fault == "slow-check" and not is_healed():
        time.sleep(ITERATION_S)
    is_wrong = fault == "wrong" and not is_healed()
    machine = {"device": "cpu", "processor": "a test CPU", "cores": 1, "threads": 1, "memory_bytes": 1, "load": 0}
    measurement = {
        "topic": "determinism",
        "what": "ResNet-8 A: the same seed twice",
        "measured": f"{71 if is_wrong else 72} of 72 tensors equal",
        "bar": "all",
        "verdict": "failed" if is_wrong else "passed",
        "reason": "Resuming needs it.",
    }
    fields = {"is_short": True, "started_at": "2026-11-30T00:00:00Z", "seconds": 1, "measurements": [measurement]}
    report.write_text(json.dumps({"machine": machine | {"versions": {}, "source": ""}} | fields))
    sys.exit(int(is_wrong))


def main() -> None:
    fault = sys.argv[1]
    if fault == "unfit" and not is_healed():
        say_unable()
    if sys.argv[2] == "trial":
        sys.exit(0)
    if sys.argv[2] == "check":
        check(fault, Path(sys.argv[sys.argv.index("--report") + 1]))
    if fault == "unable":
        say_unable()
    parser = argparse.ArgumentParser()
    parser.add_argument("--spec", type=Path)
    parser.add_argument("--workdir", type=Path)
    options, _ = parser.parse_known_args(sys.argv[3:])
    spec = json.loads(options.spec.read_text())
    stop_signals: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stop_signals.append(number))
    checkpoints = sorted(int(path.stem.rpartition("-")[2]) for path in options.workdir.glob("checkpoint-*"))
    iteration = checkpoints[-1] if checkpoints else 0
    state = (options.workdir / f"checkpoint-{iteration}.safetensors").read_text() if checkpoints else ""
    started(iteration + (fault == "starts_elsewhere"))
    first, errors = iteration + 1, []
    while iteration < spec["iterations"]:
        time.sleep(ITERATION_S)
        iteration += 1
        state = hashlib.sha256(f"{state}{iteration}".encode()).hexdigest()
        errors.append(float(int(state[:4], 16) % 101))
        at_checkpoint = iteration % spec["checkpoint_every"] == 0 or iteration == spec["iterations"] or stop_signals
        if at_checkpoint or len(errors) == 20:
            steps(first, errors)
            first, errors = iteration + 1, []
        if at_checkpoint:
            save(options.workdir, "weights", iteration, state + "weights")
            save(options.workdir, "checkpoint", iteration, state)
        if stop_signals:
            say("stopped", iteration=iteration)
            sys.exit(EXIT_STOPPED)
        globals()[fault](iteration)
    say("finished", iteration=iteration, seconds=1.0)


if __name__ == "__main__":
    main()
