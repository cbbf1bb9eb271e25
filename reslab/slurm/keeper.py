"""How many jobs the queue wants: one for each waiting run that no job will take, within a limit."""

import logging
import shlex
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reslab.client import Client
from reslab.client.schema import QueueEntry, Worker
from reslab.slurm import cluster
from reslab.slurm.cluster import Job

PREFIX = "reslab-"
# A worker's name: it leads from the page of workers to the job.
WORKER = "slurm-"

# `exec`: without it, Slurm's signal would end the shell alone, and the worker would live on.
SCRIPT = """#!/bin/bash
exec {python} -P -m worker run --name {worker}$SLURM_JOB_ID --device {device} --idle-exit {idle_exit_s:g}
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Supply:
    """What jobs of one queue are made of.

    partition: where they are submitted.
    most: jobs of this queue at once, pending or running.
    idle_exit_s: how long a job waits for another run.
    options: more options of sbatch, such as --time. At least two minutes before that limit, the worker is signalled,
        returns its run with a checkpoint, and ends.
    """

    partition: str
    most: int = 4
    idle_exit_s: float = 60.0
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """How many jobs to submit, and the pending ones to cancel."""

    submit: int = 0
    cancel: tuple[int, ...] = ()


def change(waiting: int, jobs: Sequence[Job], busy: Collection[int], most: int) -> Change:
    """Each job takes a waiting run, but for the `busy` ones, which train. The newest pending job is cancelled first."""
    # A slurmctld that was killed may call a job pending whose worker trains.
    pending = [job.id for job in jobs if job.is_pending and job.id not in busy]
    present = [job.id for job in jobs if job.is_running]
    lacking = waiting - len(pending) - sum(job_id not in busy for job_id in present)
    if lacking > 0:
        return Change(submit=max(min(lacking, most - len(pending) - len(present)), 0))
    return Change(cancel=tuple(pending[max(len(pending) + lacking, 0) :]))


class Keeper:
    """Submits and cancels jobs as the queue grows and shrinks. Has no memory: Slurm and the service know everything."""

    def __init__(self, client: Client, supplies: Mapping[str, Supply]) -> None:
        self._client, self._supplies = client, supplies

    def look(self) -> None:
        """Once. Raises SlurmError, and the errors of the client."""
        workers = self._client.workers()
        waiting = _by_queue(self._client.queue().waiting, self._supplies)
        busy = _busy(workers)
        jobs = cluster.jobs(PREFIX)
        for queue, supply in self._supplies.items():
            own = [job for job in jobs if job.name == PREFIX + queue]
            unserved = max(waiting[queue] - _free_elsewhere(workers, queue), 0)
            self._apply(queue, supply, change(unserved, own, busy, supply.most))

    def _apply(self, queue: str, supply: Supply, needed: Change) -> None:
        for _ in range(needed.submit):
            job_id = cluster.submit(script(queue, supply), sbatch_options(queue, supply))
            log.info("submitted job %d to %s for a run of the queue %s", job_id, supply.partition, queue)
        if needed.cancel:
            cluster.cancel(needed.cancel)
            log.info("cancelled %s, which nobody needs", ", ".join(f"job {job_id}" for job_id in needed.cancel))


def script(queue: str, supply: Supply) -> str:
    """The batch script of a job, for Slurm's standard input or a file of your own."""
    device = "cuda:0" if queue == "gpu" else "cpu"  # Slurm shows a job only its own GPUs
    return SCRIPT.format(
        python=shlex.quote(sys.executable), worker=WORKER, device=device, idle_exit_s=supply.idle_exit_s
    )


def sbatch_options(queue: str, supply: Supply) -> list[str]:
    """A lost node's run goes back to the queue by its lease, so a job isn't requeued: a copy would run beside it."""
    return [
        f"--job-name={PREFIX}{queue}",
        f"--partition={supply.partition}",
        "--signal=B:TERM@120",
        "--no-requeue",
        *(["--gpus=1"] if queue == "gpu" else []),
        *supply.options,
    ]


def _by_queue(waiting: Sequence[QueueEntry], supplies: Mapping[str, Supply]) -> dict[str, int]:
    """How many workers the waiting runs need, by queue; a run for any worker counts for the first queue supplied."""
    first = next(iter(supplies))
    counts = dict.fromkeys(supplies, 0)
    for entry in waiting:
        queue = entry.queue or first
        if queue in counts:
            counts[queue] += entry.machines
    return counts


def _busy(workers: Sequence[Worker]) -> set[int]:
    """The ids of the jobs whose workers train a run."""
    names = (worker.name for worker in workers if worker.alive and worker.run_id is not None)
    return {int(name.removeprefix(WORKER)) for name in names if name.removeprefix(WORKER).isdecimal()}


def _free_elsewhere(workers: Sequence[Worker], queue: str) -> int:
    """Workers of no job that can take a run of the queue now."""
    return sum(
        worker.alive and worker.run_id is None and not worker.draining and worker.trouble is None
        for worker in workers
        if worker.queue == queue and not worker.name.startswith(WORKER)
    )
