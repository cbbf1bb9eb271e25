"""Several runs on one device: a worker process for each slot, and results that don't depend on the neighbours."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import torch
from sqlalchemy import delete

from store import workers
from store.db.database import Database
from store.db.models import Worker
from store.db.settings import Settings
from store.runs import attempts, verbs
from store.runs.states import Status
from tests.worker.conftest import NewBench, Service, Submit, points, wait_until, weights_hash
from worker import device, slots
from worker.device import Device, Slot
from worker.presence import Presence
from worker.slots import Order, Slots
from worker.supervise import supervise
from worker.workbench import TRAINER, Workbench

GIB = 1 << 30
NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="not run here: no GPU")


@pytest.fixture
def one_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose nvidia-smi lists a GPU. No program can use it."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA A100'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")


@pytest.fixture(params=["declared", pytest.param("cuda:0", marks=NO_GPU)])
def shared(request: pytest.FixtureRequest) -> Device:
    """A processor that is declared a GPU with 8 GiB, and a GPU where there is one."""
    if request.param == "declared":
        return Device("gpu", "a declared GPU", "cpu", memory_bytes=8 * GIB)
    return device.find(request.param)


@pytest.fixture
def new_slot(new_bench: NewBench, database: Database, shared: Device) -> Callable[[int], Workbench]:
    """A slot of the device; its trainer is the real one."""

    def make(number: int) -> Workbench:
        bench = new_bench()
        slot = Slot(number, 2, "here/0")
        bench = replace(bench, device=shared, slot=slot, trainer=TRAINER, threads=1, worker_name=f"gpu-{number}")
        with database.transaction() as session:
            session.execute(delete(Worker).where(Worker.id == bench.worker_id))
            workers.register(session, Presence(bench, "0").row())
        return bench

    return make


def take(bench: Workbench) -> attempts.Claim:
    with bench.database.transaction() as session:
        claimed = attempts.claim(session, Presence(bench, "0").row(), bench.settings.lease_s)
    assert claimed is not None
    return claimed


@pytest.mark.usefixtures("warm")
def test_two_runs_at_once_on_a_device_end_as_they_do_alone(
    database: Database, submit: Submit, new_slot: Callable[[int], Workbench]
) -> None:
    spec = {"iterations": 40, "evaluate_every": 40, "checkpoint_every": 20}
    first, second, alone = (submit(seed=seed, **spec) for seed in (1, 2, 1))
    benches = [new_slot(1), new_slot(2)]
    claims = [take(bench) for bench in benches]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(supervise, benches, claims))
    supervise(benches[0], take(benches[0]))
    for run_id in (first, second, alone):
        with database.transaction() as session:
            assert verbs.get(session, run_id).status == Status.succeeded
    assert weights_hash(database, first) == weights_hash(database, alone)
    assert weights_hash(database, first) != weights_hash(database, second)
    assert points(database, first) == points(database, alone) == list(range(1, 41))


def test_memory_that_ran_out_beside_others_returns_the_run(
    database: Database, submit: Submit, new_slot: Callable[[int], Workbench], tmp_path: Path
) -> None:
    program = tmp_path / "poor_trainer.py"
    program.write_text(
        'print(\'{"kind": "failed", "reason": "out_of_memory", "message": "Too little.", "iteration": 0}\')'
    )
    bench = replace(new_slot(1), trainer=(sys.executable, str(program)))
    run_id = submit()
    supervise(bench, take(bench))
    assert _state(database, run_id) == (Status.queued, 1)
    with database.transaction() as session:
        verbs.get(session, run_id).not_before = None
    supervise(bench, take(bench))
    assert _state(database, run_id) == (Status.failed, 1)


def _state(database: Database, run_id: UUID) -> tuple[Status, int]:
    with database.transaction() as session:
        run = verbs.get(session, run_id)
        return run.status, run.failures


@pytest.mark.usefixtures("one_gpu", "warm")
def test_a_worker_with_slots_is_a_row_for_each_until_it_is_stopped(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESLAB_DEVICE_MEMORY_BYTES", str(8 * GIB))
    parent = service.start_worker("--slots", "2", "--name", "gpu")

    def rows() -> list[Worker]:
        with service.database.transaction() as session:
            return workers.alive(session, service.settings.lease_s)

    wait_until(lambda: len(rows()) == 2)
    shown = [(row.name, row.slot, row.slots, row.device, row.memory_bytes) for row in rows()]
    assert shown == [(f"gpu-{slot}", slot, 2, "NVIDIA A100", 8 * GIB) for slot in (1, 2)]
    assert len({row.shared_device for row in rows()}) == 1
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(120) == 0
    assert rows() == []


@pytest.fixture
def signals() -> Iterator[None]:
    """Gives this process its own handlers back."""
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(("is_batch", "starts", "code"), [(False, "xx", 0), (True, "x", 1)])
def test_a_slot_that_dies_starts_again_unless_it_is_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_batch: bool, starts: str, code: int
) -> None:
    monkeypatch.setattr("worker.slots.PAUSE_S", 0.0)
    program = f"""
import pathlib, sys
starts = pathlib.Path({str(tmp_path)!r}) / sys.argv[sys.argv.index("--slot") + 1]
starts.open("a").write("x")
sys.exit(starts.name == "1" and starts.read_text() == "x")
"""
    order = Order((), "cuda", 2, is_batch, (sys.executable, "-c", program))
    assert Slots(order).serve() == code
    assert [(tmp_path / slot).read_text() for slot in ("1", "2")] == [starts, "x"]


def test_only_a_single_gpu_has_slots() -> None:
    assert device.slot(Device("cpu", "a CPU", "cpu"), 1, 1) is None
    with pytest.raises(LookupError, match=r"^A CPU has no slots: .*`reslab up --workers`"):
        device.slot(Device("cpu", "a CPU", "cpu"), 1, 2)
    with pytest.raises(LookupError, match=r"^This worker has 4 GPUs, but slots share one\. Use --device"):
        device.slot(Device("gpu", "a GPU", "cuda", count=4), 1, 2)


def test_slots_need_to_know_the_memory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "find", lambda _: Device("gpu", "a GPU", "cuda"))
    with pytest.raises(LookupError, match="Set RESLAB_DEVICE_MEMORY_BYTES"):
        slots.run(settings, Order((), "cuda", 2, is_batch=False))


def test_the_multi_process_service_is_there_if_its_control_daemon_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(tmp_path))
    assert device.mps() is None
    (tmp_path / "control").touch()
    assert device.mps() == tmp_path
