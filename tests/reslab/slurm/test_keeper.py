"""How many jobs the queue wants, and workers that are jobs of a real Slurm: nothing is lost or trained twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from sqlalchemy import select

from reslab.slurm import cluster as slurm
from reslab.slurm.cluster import Job, SlurmError
from reslab.slurm.keeper import PREFIX, WORKER, Change, Keeper, Supply, change
from store.db.models import Attempt
from store.runs import attempts, verbs
from store.runs.states import Status
from tests.reslab.conftest import wait_until
from tests.reslab.slurm.conftest import Cluster, Lab
from tests.worker.conftest import points


def jobs(pending: int = 0, running: int = 0, name: str = "reslab-gpu") -> list[Job]:
    states = ["RUNNING"] * running + ["PENDING"] * pending
    return [Job(number, state, name) for number, state in enumerate(states, start=1)]


@pytest.mark.parametrize(
    ("waiting", "present", "taken", "needed"),
    [
        (0, jobs(), {}, Change()),
        (3, jobs(), {}, Change(submit=3)),
        (9, jobs(), {}, Change(submit=4)),
        (3, jobs(pending=1), {}, Change(submit=2)),
        (3, jobs(running=2), {1: 1, 2: 1}, Change(submit=2)),
        (3, jobs(running=2), {1: 1}, Change(submit=2)),
        (1, jobs(running=1), {}, Change()),
        (1, jobs(running=4), {1: 1, 2: 1, 3: 1, 4: 1}, Change()),
        (0, jobs(running=1, pending=2), {1: 1}, Change(cancel=(2, 3))),
        (1, jobs(running=1, pending=2), {1: 1}, Change(cancel=(3,))),
        (0, jobs(running=3), {}, Change()),
        (0, jobs(pending=2), {1: 1}, Change(cancel=(2,))),
    ],
)
def test_jobs_follow_the_queue(waiting: int, present: list[Job], taken: dict[int, int], needed: Change) -> None:
    assert change(waiting, present, taken, Supply("main", most=4)) == needed


THREE = "reslab-gpu-x3"


@pytest.mark.parametrize(
    ("waiting", "present", "taken", "needed"),
    [
        (3, jobs(), {}, Change(submit=1)),
        (4, jobs(), {}, Change(submit=2)),
        (99, jobs(), {}, Change(submit=4)),
        (3, jobs(pending=1, name=THREE), {}, Change()),
        (4, jobs(pending=1, name=THREE), {}, Change(submit=1)),
        (2, jobs(running=1, name=THREE), {1: 1}, Change()),
        (2, jobs(running=1, name=THREE), {1: 2}, Change(submit=1)),
        (2, jobs(running=1, pending=1, name=THREE), {1: 1}, Change(cancel=(2,))),
        (3, jobs(running=1, pending=1, name=THREE), {1: 1}, Change()),
        (4, jobs(pending=4, name=THREE), {}, Change(cancel=(3, 4))),
        # Jobs that were submitted with another number of slots.
        (3, jobs(pending=1), {}, Change(submit=1)),
        (1, [*jobs(pending=1), Job(2, "PENDING", THREE)], {}, Change(cancel=(2,))),
    ],
)
def test_a_job_with_slots_is_as_many_places(
    waiting: int, present: list[Job], taken: dict[int, int], needed: Change
) -> None:
    assert change(waiting, present, taken, Supply("main", most=4, slots=3)) == needed


def test_jobs_of_a_state_that_trains_nothing_are_left_alone() -> None:
    ending = [Job(1, "COMPLETING", "reslab-cpu"), Job(2, "REQUEUE_HOLD", "reslab-cpu")]
    assert change(1, ending, {}, Supply("main")) == Change(submit=1)


def keeper(lab: Lab, *options: str, most: int = 2) -> Keeper:
    return Keeper(lab.client, {"cpu": Supply("main", most, idle_exit_s=1, options=options)})


@pytest.mark.long
def test_jobs_train_what_waits_and_end(lab: Lab, cluster: Cluster) -> None:
    submitted = [lab.submit(iterations=20, seed=seed) for seed in range(3)]
    keeper(lab).look()
    keeper(lab).look()  # another process, which finds the jobs of the first one
    assert len(slurm.jobs(PREFIX)) == 2
    wait_until(lambda: all(lab.has(run_id, Status.succeeded) for run_id in submitted), 120)
    wait_until(lambda: not slurm.jobs(PREFIX), 60)


@pytest.mark.long
def test_a_job_that_nobody_needs_is_cancelled_and_its_worker_shows_its_number(lab: Lab, cluster: Cluster) -> None:
    trained, cancelled = lab.submit(iterations=1_000_000), lab.submit(iterations=20)
    keeper(lab, "--exclusive", "--nodelist=n1").look()
    wait_until(lambda: lab.run(trained).iteration > 0, 120)
    running, pending = sorted(slurm.jobs(PREFIX), key=lambda job: job.is_pending)
    assert (running.is_running, pending.is_pending) == (True, True)
    assert [worker.name for worker in lab.client.workers()] == [f"{WORKER}{running.id}"]
    with lab.database.transaction() as session:
        verbs.cancel(session, cancelled, actor="ann")
    keeper(lab).look()
    wait_until(lambda: slurm.jobs(PREFIX) == [running], 30)
    with lab.database.transaction() as session:
        verbs.cancel(session, trained, actor="ann")


@pytest.mark.long
def test_a_restart_of_slurmctld_loses_nothing(lab: Lab, cluster: Cluster) -> None:
    run_id = lab.submit(iterations=1_000_000)
    keeper(lab).look()
    wait_until(lambda: lab.run(run_id).iteration > 0, 120)
    before = slurm.jobs(PREFIX)
    cluster.end("slurmctld", signal.SIGTERM)
    with pytest.raises(SlurmError):
        keeper(lab).look()
    cluster.start("slurmctld")
    wait_until(cluster.answers, 60)
    keeper(lab).look()
    assert [job.id for job in slurm.jobs(PREFIX)] == [job.id for job in before]
    with lab.database.transaction() as session:
        verbs.cancel(session, run_id, actor="ann")


@pytest.mark.long
def test_runs_that_share_a_gpu_share_a_job(
    lab: Lab, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slurm gives the job a GPU that only nvidia-smi and Slurm see."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA A100'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("RESLAB_DEVICE_MEMORY_BYTES", str(8 << 30))
    keeper = Keeper(lab.client, {"gpu": Supply("main", idle_exit_s=1, slots=2)})
    submitted = [lab.submit(iterations=1_000_000, seed=seed) for seed in (1, 2)]
    keeper.look()
    [job] = slurm.jobs(PREFIX)
    wait_until(lambda: all(lab.run(run_id).iteration > 0 for run_id in submitted), 120)
    assert [worker.name for worker in lab.client.workers()] == [f"{WORKER}{job.id}-{slot}" for slot in (1, 2)]
    keeper.look()
    assert [each.id for each in slurm.jobs(PREFIX)] == [job.id]
    submitted.append(lab.submit(iterations=1_000_000, seed=3))
    keeper.look()
    assert len(slurm.jobs(PREFIX)) == 2
    for run_id in submitted:
        with lab.database.transaction() as session:
            verbs.cancel(session, run_id, actor="ann")
    wait_until(lambda: not slurm.jobs(PREFIX), 60)


@pytest.fixture
def nodes(cluster: Cluster) -> Iterator[Cluster]:
    """All nodes come back after the test."""
    yield cluster
    for name, daemon in list(cluster.daemons.items()):
        if daemon.poll() is not None:
            cluster.start(name)
    wait_until(cluster.has_idle_nodes, 60)


@pytest.mark.long
def test_the_run_of_a_lost_node_goes_on_in_another_job(lab: Lab, nodes: Cluster) -> None:
    run_id = lab.submit(iterations=3000, checkpoint_every=500)
    keeper(lab).look()
    wait_until(lambda: lab.run(run_id).iteration > 500, 120)
    [job] = slurm.jobs(PREFIX)
    name = nodes.ask("squeue", "-h", "-j", str(job.id), "-o", "%N").strip()
    worker = worker_of(job)
    nodes.end(name, signal.SIGKILL)
    for process in (*worker.children(recursive=True), worker):  # as when the power goes
        process.send_signal(signal.SIGKILL)
    wait_until(lambda: expired(lab) == [run_id], 60)
    keeper(lab).look()
    wait_until(lambda: lab.has(run_id, Status.succeeded), 120)
    assert points(lab.database, run_id) == list(range(1, 3001))


@pytest.mark.long
def test_before_its_time_is_over_a_job_returns_its_run(lab: Lab, cluster: Cluster) -> None:
    run_id = lab.submit(iterations=1_000_000)
    keeper(lab, "--time=1", "--signal=B:TERM@10").look()
    wait_until(lambda: lab.run(run_id).iteration > 0, 120)
    wait_until(lambda: lab.has(run_id, Status.queued), 90)
    run = lab.run(run_id)
    assert run.failures == 0
    assert points(lab.database, run_id) == list(range(1, run.iteration + 1))
    wait_until(lambda: not slurm.jobs(PREFIX), 30)
    keeper(lab).look()
    wait_until(lambda: lab.run(run_id).iteration > run.iteration, 120)
    with lab.database.transaction() as session:
        verbs.cancel(session, run_id, actor="ann")
        assert len(session.scalars(select(Attempt).where(Attempt.run_id == run_id)).all()) == 2


def expired(lab: Lab) -> list[UUID]:
    """Returns lost runs to the queue, as control does."""
    with lab.database.transaction() as session:
        return attempts.reap(session, most=5)


def worker_of(job: Job) -> psutil.Process:
    """The process that the batch script became."""
    for process in psutil.process_iter(["environ", "cmdline"]):
        if (process.info["environ"] or {}).get("SLURM_JOB_ID") == str(job.id) and "run" in process.info["cmdline"]:
            return process
    raise AssertionError(f"job {job.id} has no process on {os.uname().nodename}")
