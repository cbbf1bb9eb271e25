"""A program that speaks the trainer's protocol without torch: every value it reports is a link of a hash chain.

`python chain_trainer.py ORDERS run --spec … --workdir … --supervised PID`, or `evaluate --weights …`. The value at
iteration i is a function of the state in the checkpoint, so a resume from the wrong iteration, a gap or a duplicate
changes every value after it. `curve`, `weights` and `report` compute the right results. A file `ORDERS/SEED.json`
makes one run misbehave (`Order`).
"""

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from trainer.box import landlock, privileges
from trainer.box.landlock import Openings
from trainer.failure import describe
from trainer.process.supervision import Interrupted, Stop, die_with

EXIT_FAILED, EXIT_STOPPED = 1, 75
_POINTS_PER_EVENT = 25


@dataclass(frozen=True)
class Order:
    """What a run's trainer does after iteration `at`, in its first attempt or in all of them."""

    does: Literal["nothing", "dies", "fails", "hangs", "prints_garbage"] = "nothing"
    at: int = 40
    always: bool = False
    reason: str = "out_of_memory"  # for `fails`
    iteration_s: float = 0.004
    padding_bytes: int = 0  # makes checkpoints large; over 5 MiB they are uploaded in parts
    examination_s: float = 0.2  # how long an examination of its weights takes

    def give(self, orders: Path, seed: int) -> None:
        """Writes the order atomically, because the trainer may be reading."""
        draft = orders / f"{seed}.draft"
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(orders / f"{seed}.json")

    @classmethod
    def read(cls, orders: Path, seed: int) -> "Order":
        file = orders / f"{seed}.json"
        return cls(**json.loads(file.read_text())) if file.exists() else cls()


class Point(NamedTuple):
    """Values that are exact in float32, so that stored values can be compared bit for bit."""

    loss: float
    error: float
    lr: float


def begin(seed: int) -> str:
    """The state at iteration 0."""
    return hashlib.sha256(f"seed {seed}".encode()).hexdigest()


def link(state: str, iteration: int) -> str:
    """The state at `iteration`, from the one before."""
    return hashlib.sha256(f"{state} {iteration}".encode()).hexdigest()


def point(state: str) -> Point:
    return Point(int(state[:6], 16) / 2**20, int(state[6:10], 16) % 401 / 4, (1 + int(state[10:14], 16)) / 2**16)


def curve(seed: int, iterations: int) -> Iterator[Point]:
    """The right points of iterations 1 … `iterations`."""
    state = begin(seed)
    for iteration in range(1, iterations + 1):
        state = link(state, iteration)
        yield point(state)


def state_at(seed: int, iteration: int) -> str:
    state = begin(seed)
    for number in range(1, iteration + 1):
        state = link(state, number)
    return state


def evaluation(state: str, split: str) -> Point:
    """The result of an evaluation at this state: `error` and `loss` of the point."""
    return point(hashlib.sha256(f"{state} {split}".encode()).hexdigest())


def weights(state: str) -> bytes:
    """The content of the weights file of this state."""
    return f"weights of {state}".encode()


def report(content: bytes) -> bytes:
    """The report of evaluating these weights, which contain the state: an `EvaluationReport` of the API."""
    loss, error, _ = evaluation(content.decode().removeprefix("weights of "), "test")
    body: dict[str, Any] = {
        "weights": [], "dataset": "synthetic", "data_hash": "00", "is_the_data_trained_on": True, "versions": {},
        "views": "single", "batch_norm": "moving average", "images": 9, "error": error, "top5_error": None,
        "loss": loss, "classes": [], "confusion": None,
    }  # fmt: skip
    return json.dumps(body).encode()


class Trainer:
    """One attempt."""

    def __init__(self, orders: Path, spec: dict[str, Any], workdir: Path) -> None:
        self._spec, self._workdir, self._orders = spec, workdir, orders
        self._order = Order.read(orders, spec["seed"])
        self._stop = Stop()
        self._iteration, self._state = self._restore()
        self._sent = self._iteration
        self._points: list[Point] = []

    def run(self) -> int:
        """Returns the exit code."""
        self._stop.listen()
        self._say_started()
        last: int = self._spec["iterations"]
        while self._iteration < last:
            time.sleep(self._order.iteration_s)
            self._iteration += 1
            self._state = link(self._state, self._iteration)
            self._points.append(point(self._state))
            if self._is_due("evaluate_every"):
                self._evaluate()
            if self._is_due("checkpoint_every") or self._stop.is_requested:
                self._save_all()
            elif len(self._points) == _POINTS_PER_EVENT:
                self._say_steps()
            if self._stop.is_requested:
                say("stopped", iteration=self._iteration)
                return EXIT_STOPPED
            self._obey()
        say("finished", iteration=self._iteration, seconds=1.0)
        return 0

    def _is_due(self, every: str) -> bool:
        return self._iteration % int(self._spec[every]) == 0 or self._iteration == int(self._spec["iterations"])

    def _restore(self) -> tuple[int, str]:
        files = sorted(self._workdir.glob("checkpoint-*.safetensors"), key=lambda file: int(file.stem.split("-")[1]))
        if not files:
            return 0, begin(self._spec["seed"])
        checkpoint = json.loads(files[-1].read_text())
        return checkpoint["iteration"], checkpoint["state"]

    def _say_started(self) -> None:
        images = {"train_images": 9, "val_images": 9, "test_images": 9}
        device = {"device": "cpu", "device_kind": "cpu", "threads": 1, "versions": {}, "data_hash": "00"}
        say("started", resumed_from=self._iteration, **device, **images)

    def _say_steps(self) -> None:
        if self._points:
            loss, error, lr = zip(*self._points, strict=True)
            say("steps", first=self._sent + 1, loss=loss, error=error, lr=lr, images_per_s=1 / self._order.iteration_s)
        self._sent, self._points = self._iteration, []

    def _evaluate(self) -> None:
        self._say_steps()
        for split in ("val", "test"):
            loss, error, _ = evaluation(self._state, split)
            say("evaluated", iteration=self._iteration, split=split, error=error, top5_error=None, loss=loss, images=9)

    def _save_all(self) -> None:
        self._say_steps()
        self._save("weights", weights(self._state))
        checkpoint = {"iteration": self._iteration, "state": self._state, "padding": "x" * self._order.padding_bytes}
        self._save("checkpoint", json.dumps(checkpoint).encode())

    def _save(self, role: str, content: bytes) -> None:
        file = self._workdir / f"{role}-{self._iteration}.safetensors"
        file.write_bytes(content)
        say(
            "saved",
            iteration=self._iteration,
            role=role,
            format="safetensors",
            file=file.name,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
        )

    def _obey(self) -> None:
        marker = self._orders / f"{self._spec['seed']}.obeyed"
        if self._order.does == "nothing" or self._iteration < self._order.at or marker.exists():
            return
        if not self._order.always:
            marker.touch()
        match self._order.does:
            case "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            case "fails":
                say("failed", reason=self._order.reason, message="as the test ordered", iteration=self._iteration)
                sys.exit(EXIT_FAILED)
            case "hangs":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    signal.pause()
            case "prints_garbage":
                sys.stdout.buffer.write(b'\xff\x00 not an event\n{"kind": "finished"\n' + b"x" * 3_000_000 + b"\n\n")
                sys.stdout.flush()
                sys.exit(3)


def examine(orders: Path, weights_file: Path, workdir: Path) -> int:
    """`evaluate --weights FILE`. It has no checkpoint, so the next attempt starts over. Returns the exit code."""
    spec = json.loads((workdir / "spec.json").read_text())
    stop = Stop()
    stop.interrupts = True
    stop.listen()
    try:
        time.sleep(Order.read(orders, spec["seed"]).examination_s)
    except Interrupted:
        say("stopped", iteration=0)
        return EXIT_STOPPED
    content = report(weights_file.read_bytes())
    (workdir / "report.json").write_bytes(content)
    body, iteration = json.loads(content), spec["iterations"]
    measured = {name: body[name] for name in ("error", "top5_error", "loss", "images")}
    say("evaluated", iteration=iteration, split="test", **measured)
    file = {"file": "report.json", "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    say("saved", iteration=iteration, role="report", format="json", **file)
    say("finished", iteration=iteration, seconds=1.0)
    return 0


def enter_box() -> bool:
    """As a trainer does, but with every file open. Says so if the kernel refuses it."""
    try:
        privileges.give_up()
        landlock.restrict(Openings(writes=(Path("/"),), ports=None))
    except OSError as error:
        say("unable", message=describe(error))
        return False
    return True


def say(kind: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"kind": kind, **fields}) + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=Path)
    parser.add_argument("verb", choices=("run", "evaluate", "trial"))
    parser.add_argument("--spec", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--workdir", type=Path)
    parser.add_argument("--supervised", type=int)
    options, _ = parser.parse_known_args()
    die_with(options.supervised)
    if not enter_box():
        return EXIT_FAILED
    if options.verb == "trial":
        return 0
    if options.verb == "evaluate":
        return examine(options.orders, options.weights, options.workdir)
    return Trainer(options.orders, json.loads(options.spec.read_text()), options.workdir).run()


if __name__ == "__main__":
    sys.exit(main())
