"""A GPU that its driver lists and torch can't open, beside a CPU worker: real processes and the real trainer."""

import os
from pathlib import Path

import pytest
import torch

from store import workers
from store.runs.states import Status
from tests.worker.conftest import Service, wait_until

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU that torch can open")
def test_three_runs_succeed_beside_a_gpu_that_cannot_be_opened(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200'\n")
    program.chmod(0o755)
    service.control()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    service.start_worker("--device", "auto", "--name", "gpu")
    runs = [service.submit(iterations=4, seed=seed) for seed in range(3)]

    def trouble() -> str | None:
        with service.database.transaction() as session:
            listed = {worker.name: worker.trouble for worker in workers.alive(session, service.settings.lease_s)}
        return listed.get("gpu")

    wait_until(trouble)
    assert "This machine has no GPU that torch can use: Found no NVIDIA driver" in (trouble() or "")
    service.worker()
    for run_id in runs:
        run = service.wait_for(run_id, Status.succeeded)
        assert (run.failures, run.queue, run.fence) == (0, "cpu", 1)
    assert trouble()
