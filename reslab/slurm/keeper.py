"""How many jobs the queue wants: a place in one for each waiting run that no worker will take, within a limit."""

import logging
import re
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reslab.client import Client
from reslab.client.schema import QueueEntry, Worker
from reslab.slurm import cluster
from reslab.slurm.cluster import Job

PREFIX = "reslab-"
# A worker's name: it leads from the page of workers to the job.
WORKER = "slurm-"
# With slots, each is a worker of its own: slurm-1234-1, slurm-1234-2.
_OF_JOB = re.compile(rf"{WORKER}(\d+)(-\d+)?")
_SLOTS = re.compile(r"-x(\d+)$")

# `exec`: without it, Slurm's signal would end the shell alone, and the worker would live on.
SCRIPT = """#!/bin/bash
exec {python} -P -m worker run --name {worker}$SLURM_JOB_ID --device {device}{slots} --idle-exit {idle_exit_s:g}
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Supply:
    """What jobs of one queue are made of.

    partition: where they are submitted.
    most: jobs of this queue at once, pending or running.
    idle_exit_s: how long a job waits for another run.
    slots: how many runs a job trains at once, on its GPU.
    options: more options of sbatch, such as --time. At least two minutes before that limit, the worker is signalled,
        returns its run with a checkpoint, and ends.
    """

    partition: str
    most: int = 4
    idle_exit_s: float = 60.0
    slots: int = 1
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """How many jobs to submit, and the pending ones to cancel."""

    submit: int = 0
    cancel: tuple[int, ...] = ()


def change(waiting: int, jobs: Sequence[Job], taken: Mapping[int, int], supply: Supply) -> Change:
    """Each job takes as many waiting runs as it has slots that aren't `taken`, by its id. The newest pending job is
    cancelled first.
    """
    # A slurmctld that was killed may call a job pending whose worker trains.
    pending = [job for job in jobs if job.is_pending and job.id not in taken]
    present = [job for job in jobs if job.is_running]
    free = sum(map(_slots, pending)) + sum(max(_slots(job) - taken.get(job.id, 0), 0) for job in present)
    if waiting > free:
        needed = -(-(waiting - free) // supply.slots)
        return Change(submit=max(min(needed, supply.most - len(pending) - len(present)), 0))
    cancel = list[int]()
    for job in reversed(pending):
        if free - _slots(job) >= waiting:
            free -= _slots(job)
            cancel.append(job.id)
    return Change(cancel=tuple(sorted(cancel)))


class Keeper:
    """Submits and cancels jobs as the queue grows and shrinks. Has no memory: Slurm and the service know everything."""

    def __init__(self, client: Client, supplies: Mapping[str, Supply]) -> None:
        self._client, self._supplies = client, supplies

    def look(self) -> None:
        """Once. Raises SlurmError, and the errors of the client."""
        workers = self._client.workers()
        waiting = _by_queue(self._client.queue().waiting, self._supplies)
        taken = _taken(workers)
        jobs = cluster.jobs(PREFIX)
        for queue, supply in self._supplies.items():
            own = [job for job in jobs if _SLOTS.sub("", job.name) == PREFIX + queue]
            unserved = max(waiting[queue] - _free_elsewhere(workers, queue), 0)
            self._apply(queue, supply, change(unserved, own, taken, supply))

    def _apply(self, queue: str, supply: Supply, needed: Change) -> None:
        for _ in range(needed.submit):
            job_id = cluster.submit(script(queue, supply), sbatch_options(queue, supply))
            runs = "a run" if supply.slots == 1 else f"up to {supply.slots} runs"
            log.info("submitted job %d to %s for %s of the queue %s", job_id, supply.partition, runs, queue)
        if needed.cancel:
            cluster.cancel(needed.cancel)
            log.info("cancelled %s, which nobody needs", ", ".join(f"job {job_id}" for job_id in needed.cancel))


def script(queue: str, supply: Supply) -> str:
    """The batch script of a job, for Slurm's standard input or a file of your own."""
    device = "cuda:0" if queue == "gpu" else "cpu"  # Slurm shows a job only its own GPUs
    slots = f" --slots {supply.slots}" if supply.slots > 1 else ""
    return SCRIPT.format(
        python=shlex.quote(sys.executable), worker=WORKER, device=device, slots=slots, idle_exit_s=supply.idle_exit_s
    )


def sbatch_options(queue: str, supply: Supply) -> list[str]:
    """A lost node's run goes back to the queue by its lease, so a job isn't requeued: a copy would run beside it."""
    return [
        f"--job-name={PREFIX}{queue}" + (f"-x{supply.slots}" if supply.slots > 1 else ""),
        f"--partition={supply.partition}",
        "--signal=B:TERM@120",
        "--no-requeue",
        *(["--gpus=1"] if queue == "gpu" else []),
        *supply.options,
    ]


def _by_queue(waiting: Sequence[QueueEntry], supplies: Mapping[str, Supply]) -> dict[str, int]:
    """How many workers the waiting runs need, by queue; a run for any worker counts for the first queue supplied.

    A slot takes no part in a run on several machines.
    """
    first = next(iter(supplies))
    counts = dict.fromkeys(supplies, 0)
    for entry in waiting:
        queue = entry.queue or first
        if queue in counts and (entry.machines == 1 or supplies[queue].slots == 1):
            counts[queue] += entry.machines
    return counts


def _slots(job: Job) -> int:
    """How many runs it trains at once. Its name says so, because `supply.slots` may have changed since."""
    number = _SLOTS.search(job.name)
    return int(number[1]) if number else 1


def _taken(workers: Sequence[Worker]) -> Counter[int]:
    """How many slots of each job take no run of the queue now, by the job's id."""
    names = (worker.name for worker in workers if worker.alive and (worker.run_id or _is_kept(worker)))
    return Counter(int(job[1]) for name in names if (job := _OF_JOB.fullmatch(name)))


def _is_kept(worker: Worker) -> bool:
    """Whether it is a slot that takes nothing until other runs have left its device, for a run that needs more of it.
    Another job may have room for that run now.
    """
    return worker.slots > 1 and worker.awaits is not None


def _free_elsewhere(workers: Sequence[Worker], queue: str) -> int:
    """Workers of no job that can take a run of the queue now."""
    return sum(
        worker.alive and not (worker.run_id or worker.draining or worker.trouble or _is_kept(worker))
        for worker in workers
        if worker.queue == queue and not worker.name.startswith(WORKER)
    )
