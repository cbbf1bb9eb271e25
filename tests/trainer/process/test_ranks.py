"""A run on two devices: it computes what one process would, bit for bit, and both processes end together."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch._C._distributed_c10d import HashStore

from reslab.stack.home import free_port
from tests.trainer.conftest import events_of, small_spec
from tests.trainer.test_command import points, run_on
from trainer.data import synthetic
from trainer.data.batches import Batches
from trainer.data.images import arrange
from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED
from trainer.files import sealed
from trainer.process import launch
from trainer.process.pulse import PeerLost, Pulse
from trainer.process.ranks import FAILURE, Ranks
from trainer.spec import RunSpec
from trainer.training import begin

Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm")
CPU = torch.device("cpu")
SPEC = small_spec(devices=2, iterations=12, checkpoint_every=3, train_images=1900, evaluate_every=5, shortcut="B")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """An undisturbed run on two devices: its folder and its events."""
    return _undisturbed(SPEC, tmp_path_factory.mktemp("whole"))


def _undisturbed(spec: RunSpec, folder: Path) -> tuple[Path, list[dict[str, Any]]]:
    folder.mkdir(exist_ok=True)
    return folder, [json.loads(line) for line in _run(spec, folder, sys.executable, "-m", "trainer").splitlines()]


def _run(spec: RunSpec, folder: Path, *program: str) -> str:
    (folder / "spec.json").write_text(spec.canonical_json())
    command: list[str | Path] = [*program, "run", "--spec", folder / "spec.json", "--workdir", folder]
    command += ["--device", "cpu", "--threads", "1"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout


def _by_hand(spec: RunSpec) -> Iterator[dict[str, Tensor]]:
    """One process that does the work of two: each half of the mini-batch separately, including BN, then the mean."""
    data = arrange(synthetic.load(), spec.train_images, spec.seed, CPU)
    training = begin(spec, 10, data.hash, CPU)
    batches, network = Batches(spec, data), training.network
    for iteration in range(1, spec.iterations + 1):
        inputs, labels = (whole.chunk(2) for whole in batches.at(iteration))
        gradients: list[tuple[Tensor, ...]] = []
        # The first half last: its running statistics are the run's.
        for half in (1, 0):
            buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
            images = inputs[half].contiguous(memory_format=torch.channels_last)
            loss = F.cross_entropy(network(images), labels[half])
            gradients.append(torch.autograd.grad(loss, list(network.parameters())))
            if half == 1:
                network.load_state_dict(buffers, strict=False)
        for weight, second, first in zip(network.parameters(), *gradients, strict=True):
            weight.grad = (second + first) / 2
        training.sgd.step(training.rate.at(iteration))
        yield {name: tensor.clone() for name, tensor in network.state_dict().items()}


def test_two_devices_compute_what_one_process_does_with_the_same_groups_of_batch_normalisation(
    whole: tuple[Path, list[dict[str, Any]]],
) -> None:
    """Same images, same gradients: with two ranks the sum has one order, so the tolerance is zero."""
    folder, _ = whole
    for iteration, expected in enumerate(_by_hand(SPEC), start=1):
        path = folder / f"weights-{iteration}.safetensors"
        if path.exists():
            tensors, _ = sealed.read(path)
            assert all(torch.equal(tensors[name], expected[name]) for name in expected), iteration
    assert path.exists()


def test_only_one_rank_prints_events(whole: tuple[Path, list[dict[str, Any]]]) -> None:
    _, events = whole
    assert [event["kind"] for event in events if event["kind"] in ("started", "finished")] == ["started", "finished"]
    assert events[0]["device"] == "2 × cpu"
    assert list(points(events)) == list(range(1, 13))
    evaluations = [(event["iteration"], event["split"]) for event in events if event["kind"] == "evaluated"]
    assert evaluations == [(i, split) for i in (5, 10, 12) for split in ("val", "test")]


def test_stopped_and_started_again_two_devices_end_with_the_same_weights(
    whole: tuple[Path, list[dict[str, Any]]], start: Start, tmp_path: Path
) -> None:
    folder, events = whole
    process = start(SPEC, tmp_path / "stopped")
    before = run_on(process, "saved")
    process.send_signal(signal.SIGTERM)
    before += events_of(process)
    assert (process.returncode, before[-1]["kind"]) == (EXIT_STOPPED, "stopped")
    assert (tmp_path / "stopped" / f"checkpoint-{before[-1]['iteration']}.safetensors").exists()
    after = events_of(start(SPEC, tmp_path / "stopped"))
    assert after[0]["resumed_from"] == before[-1]["iteration"]
    assert points(before) | points(after) == points(events)
    final = "weights-12.safetensors"
    assert (tmp_path / "stopped" / final).read_bytes() == (folder / final).read_bytes()


# The trainer, whose first rank does something deadly before one iteration. The other ranks are ordinary trainers.
DEADLY = """
import sys
import psutil
from trainer.__main__ import main
from trainer.classification import Classification
step, ranks = Classification.step, psutil.Process()

def deadly(self, rate):
    if self.training.iteration + 1 == {at}:
        {act}
    step(self, rate)

Classification.step = deadly
sys.exit(main(sys.argv[1:]))
"""
THREE = SPEC.model_copy(update={"devices": 3, "batch_size": 12})
FOUR = SPEC.model_copy(update={"devices": 4})


@pytest.mark.parametrize(
    "spec",
    [SPEC, pytest.param(THREE, marks=pytest.mark.long), pytest.param(FOUR, marks=pytest.mark.long)],
    ids=lambda spec: str(spec.devices),
)
def test_however_its_processes_are_killed_a_run_on_several_devices_ends_with_the_same_weights(
    spec: RunSpec, whole: tuple[Path, list[dict[str, Any]]], start: Start, tmp_path: Path
) -> None:
    """The last rank alone, in the middle of an iteration, then all of them while a checkpoint is being written."""
    killed, last = tmp_path / "killed", spec.devices - 1
    process = start(spec, killed, program=("-c", DEADLY.format(at=6, act="ranks.children()[-1].kill()")))
    first = events_of(process)
    assert process.returncode == EXIT_FAILED
    assert (first[-1]["kind"], first[-1]["reason"]) == ("failed", "internal")
    assert first[-1]["message"] == f"The process of device {last} ended with signal 9."

    process = start(spec, killed, program=("-c", DEADLY.format(at=10, act="ranks.kill()")))
    second = events_of(process)
    assert process.returncode == -signal.SIGKILL
    assert second[0]["resumed_from"] == 3

    third = events_of(start(spec, killed))
    assert third[0]["resumed_from"] in (6, 9)
    undisturbed = whole if spec is SPEC else _undisturbed(spec, tmp_path / "undisturbed")
    assert points(first) | points(second) | points(third) == points(undisturbed[1])
    final = "weights-12.safetensors"
    assert (killed / final).read_bytes() == (undisturbed[0] / final).read_bytes()


def _launched(folder: Path, specs: Sequence[RunSpec], *program: str) -> list[list[dict[str, Any]]]:
    """The events of each rank, started as a launcher does."""
    port = free_port()
    processes = []
    for rank, spec in enumerate(specs):
        path = folder / f"{rank}.json"
        path.write_text(spec.canonical_json())
        command: list[str | Path] = [sys.executable, *program, "run", "--spec", path, "--workdir", folder]
        command += ["--device", "cpu", "--threads", "1"]
        ranks = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(len(specs))}
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
        processes.append(subprocess.Popen(command, env=os.environ | ranks | address, stdout=subprocess.PIPE, text=True))
    try:
        return [events_of(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_another_devices_failure_is_reported_in_its_own_words(
    whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    shutil.copy(whole[0] / "checkpoint-9.safetensors", tmp_path)
    # The second with another specification than the checkpoint's.
    specs = [SPEC, SPEC.model_copy(update={"lr": 0.2})]
    (*_, failed), silent = _launched(tmp_path, specs, "-m", "trainer")
    assert silent == []
    assert (failed["kind"], failed["reason"]) == ("failed", "invalid")
    assert "checkpoint-9.safetensors belongs to another specification" in failed["message"]


def test_devices_listen_only_locally_and_die_with_the_first(start: Start, tmp_path: Path) -> None:
    process = start(small_spec(devices=2, iterations=100_000), tmp_path / "work")
    run_on(process, "steps")
    (other,) = psutil.Process(process.pid).children()
    for member in (other, psutil.Process(process.pid)):
        addresses = [
            connection.laddr.ip for connection in member.net_connections() if connection.status == psutil.CONN_LISTEN
        ]
        assert addresses
        assert all(address == "127.0.0.1" for address in addresses), addresses
    process.kill()
    try:
        other.wait(timeout=120)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            other.kill()


@pytest.mark.long
def test_torchrun_starts_the_same_run(whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    folder, events = whole
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "trainer")
    lines = _run(SPEC, tmp_path, *torchrun).splitlines()
    assert points([json.loads(line) for line in lines]) == points(events)
    final = "weights-12.safetensors"
    assert (tmp_path / final).read_bytes() == (folder / final).read_bytes()


def test_the_ranks_shares_are_the_global_mini_batch() -> None:
    spec = small_spec(devices=4)
    data = arrange(synthetic.load(), None, spec.seed, CPU)
    inputs, labels = Batches(spec, data).at(7)
    shares = [Batches(spec, data, Ranks(rank, 4)).at(7) for rank in range(4)]
    assert torch.equal(torch.cat([share[0] for share in shares]), inputs)
    assert torch.equal(torch.cat([share[1] for share in shares]), labels)
    slices = [Ranks(rank, 4).share(16) for rank in range(4)]
    assert all(before.stop == after.start for before, after in pairwise(slices))


def test_a_single_rank_agrees_with_itself() -> None:
    assert Ranks().agree([1.0, 2.0]) == [1.0, 2.0]


def test_devices_must_divide_the_mini_batch() -> None:
    with pytest.raises(ValueError, match="16 images cannot be shared equally by 3 devices"):
        small_spec(devices=3)


def test_a_wrong_number_of_processes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(small_spec(devices=2).canonical_json())
    environment = os.environ | {"RANK": "0", "WORLD_SIZE": "3", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    command: list[str | Path] = [sys.executable, "-m", "trainer", "run", "--spec", tmp_path / "spec.json"]
    command += ["--workdir", tmp_path / "work", "--device", "cpu"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
    failed = json.loads(ended.stdout)
    assert ended.returncode not in (EXIT_FINISHED, EXIT_STOPPED)
    assert (failed["reason"], failed["message"]) == ("invalid", "devices is 2, but 3 processes were started.")


@pytest.mark.long
def test_a_rank_that_hangs_is_noticed_and_named(start: Start, tmp_path: Path) -> None:
    """It was noticed after a day, and nobody said which one it was."""
    impatient = (
        "import sys\n"
        "from trainer.process import pulse\n"
        "pulse.HUNG_S = 10\n"
        "from trainer.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = start(SPEC.model_copy(update={"iterations": 100_000}), tmp_path / "hangs", program=("-c", impatient))
    run_on(process, "steps")
    (peer,) = psutil.Process(process.pid).children()
    peer.suspend()
    try:
        failed = events_of(process)[-1]
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            peer.kill()
    assert process.returncode == EXIT_FAILED
    assert failed["kind"] == "failed"
    assert failed["message"].startswith("The process of device 1 hangs: the others have waited for it for ")


SLOW = """
import os
import sys
import time
from pathlib import Path
from trainer import loop
from trainer.__main__ import main
from trainer.data import library
prepare, run, data_is_here = library.prepare, loop.run, Path({folder!r}) / "here"

def slow(*arguments):
    data = prepare(*arguments)
    if os.environ["RANK"] == "1":
        time.sleep(1)
        data_is_here.touch()
    return data

def punctual(*arguments):
    assert data_is_here.exists(), "rank 0 waits already"
    return run(*arguments)

library.prepare, loop.run = slow, punctual
sys.exit(main(sys.argv[1:]))
"""


def test_a_rank_that_prepares_its_data_does_not_count_as_hanging(tmp_path: Path) -> None:
    """Rank 0 watched the others while they read ImageNet's folder: that takes minutes on a network disk."""
    spec = SPEC.model_copy(update={"iterations": 1})
    first, _ = _launched(tmp_path, [spec, spec], "-c", SLOW.format(folder=str(tmp_path)))
    assert first[-1]["kind"] == "finished", first[-1]


@pytest.mark.parametrize(("error", "is_recorded"), [(PeerLost("It is gone."), False), (ValueError("A bug."), True)])
def test_a_rank_records_its_own_error_and_not_that_another_is_gone(
    error: Exception, is_recorded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else rank 0 would report a closed connection where it knows which process was killed."""
    store = HashStore()
    monkeypatch.setattr(launch, "meeting_point", lambda *_: store)
    monkeypatch.setattr(launch, "join", lambda *_: Ranks(1, 3, store=store))
    for name, value in {"RANK": "1", "WORLD_SIZE": "3"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(type(error)), launch.gather(3, CPU, [], print):
        raise error
    assert store.check([FAILURE]) == is_recorded


def test_a_broken_connection_is_another_ranks_end_and_a_gpus_fault_this_ones() -> None:
    with pytest.raises(PeerLost, match="Connection closed by peer"), Pulse().waits():
        raise RuntimeError("Connection closed by peer")
    with pytest.raises(torch.AcceleratorError), Pulse().waits():
        raise torch.AcceleratorError("an illegal memory access")


@pytest.mark.long
def test_two_machines_end_with_the_weights_of_one(whole: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    """Here two folders stand for the machines; tests/hosts has real network namespaces."""
    folder, events = whole
    address = f"127.0.0.1:{free_port()}"
    place = ("--machines", "2", "--meet", address, "--interface", "lo")
    second = _start_machine(tmp_path / "second", *place, "--machine", "1")
    first = _start_machine(tmp_path / "first", *place, "--machine", "0")
    lines = first.communicate(timeout=200)[0].splitlines()
    assert (first.returncode, second.wait(60)) == (EXIT_FINISHED, EXIT_FINISHED)
    assert points([json.loads(line) for line in lines]) == points(events)
    assert second.communicate()[0] == ""  # only rank 0 speaks, and saves
    final = "weights-12.safetensors"
    assert (tmp_path / "first" / final).read_bytes() == (folder / final).read_bytes()
    assert not list((tmp_path / "second").glob("*.safetensors"))


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="no GPU, or one only")
def test_two_gpus_stopped_and_started_again_end_with_the_same_weights(start: Start, tmp_path: Path) -> None:
    on_gpus = ("--device", "cuda")
    finished = events_of(start(SPEC, tmp_path / "whole", *on_gpus))
    before = events_of(start(SPEC, tmp_path / "parts", *on_gpus, "--until", "7"))
    after = events_of(start(SPEC, tmp_path / "parts", *on_gpus))
    assert [events[-1]["kind"] for events in (finished, before, after)] == ["finished", "stopped", "finished"]
    assert points(before) | points(after) == points(finished)
    whole, parts = (tmp_path / name / "weights-12.safetensors" for name in ("whole", "parts"))
    assert parts.read_bytes() == whole.read_bytes()


def _start_machine(folder: Path, *options: str) -> subprocess.Popen[str]:
    folder.mkdir()
    (folder / "spec.json").write_text(SPEC.canonical_json())
    command: list[str | Path] = [sys.executable, "-m", "trainer", "run", "--spec", folder / "spec.json"]
    command += ["--workdir", folder, "--device", "cpu", "--threads", "1", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
