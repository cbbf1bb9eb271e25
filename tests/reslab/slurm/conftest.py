"""A real Slurm of three nodes on this machine, and workers that are its jobs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from api.app import create_app
from api.http.dashboard import DIST
from reslab.client import Client
from store.db.database import Database
from store.db.models import Run
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES
from store.runs import verbs
from store.runs.states import Status
from store.runs.verbs import Submission
from tests.api.conftest import served
from tests.reslab.conftest import wait_until
from tests.worker.conftest import SMALL, TINY
from trainer.plan import plan
from trainer.spec import RunSpec

PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
NODES = 3
# Without accounting, cgroups or munge; each node is a process. A lost node is noticed within seconds. A
# device file stands for a GPU.
CONFIGURATION = """
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/none
CredType=cred/none
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
PlugStackConfig={folder}/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
MailProg=/bin/true
GresTypes=gpu
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=1,defer=0
ReturnToService=2
SlurmdTimeout=6
MessageTimeout=5
TCPTimeout=2
KillWait=3
PartitionName=main Nodes={nodes} Default=YES MaxTime=INFINITE State=UP
"""
# In the place of Python: the worker's real command line, with the tiny trainer.
WORKER = """#!{python}
import sys
from functools import partial
sys.path[:0] = [{root!r}]
from worker import run, slots, __main__
slots.Order = partial(slots.Order, program=(sys.argv[0], "-P", "-m", "worker"))
run.WorkerOptions = partial(run.WorkerOptions, trainer=({python!r}, {tiny!r}, "none"))
sys.exit(__main__.main(sys.argv[4:]))  # after -P -m worker
"""


@dataclass
class Cluster:
    """Its processes end with the tests."""

    folder: Path
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def configure(self) -> None:
        with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(NODES + 1)]
        ports = [server.getsockname()[1] for server in with_ports]
        for server in with_ports:
            server.close()
        names = [f"n{number}" for number in range(1, NODES + 1)]
        lines = [
            f"NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs=2 Gres=gpu:1"
            for name, port in zip(names, ports[1:], strict=True)
        ]
        text = CONFIGURATION.format(folder=self.folder, ports=ports, user=getuser(), nodes=",".join(names))
        # Nodes come before the partition that names them.
        head, partition = text.rsplit("PartitionName", 1)
        self.file.write_text(head + "\n".join(lines) + "\nPartitionName" + partition)
        (self.folder / "plugstack.conf").touch()
        (self.folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")
        for name in ("state", *names):
            (self.folder / name).mkdir()

    @property
    def file(self) -> Path:
        return self.folder / "slurm.conf"

    def start(self, name: str) -> None:
        """`slurmctld`, or a node."""
        command = ["slurmctld", "-D"] if name == "slurmctld" else ["slurmd", "-D", "-N", name]
        with (self.folder / "stdio.log").open("ab") as log:
            self.daemons[name] = subprocess.Popen(
                [*command, "-f", str(self.file)], stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "PATH": PATH, "SLURM_CONF": str(self.file)},
            )  # fmt: skip

    def end(self, name: str, number: signal.Signals) -> None:
        self.daemons[name].send_signal(number)
        self.daemons[name].wait(30)

    def has_idle_nodes(self, count: int = NODES) -> bool:
        lines = self.ask("sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split()
        return len(set(lines)) == count

    def answers(self) -> bool:
        return "is UP" in self.ask("scontrol", "ping")

    def ask(self, *command: str) -> str:
        return subprocess.run(
            command, env={**os.environ, "PATH": PATH, "SLURM_CONF": str(self.file)}, capture_output=True, text=True,
            check=False, timeout=30,
        ).stdout  # fmt: skip

    def stop(self) -> None:
        self.ask("scancel", "--signal=KILL", "--me")
        self.ask("scancel", "--me")
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
        for daemon in self.daemons.values():
            daemon.wait(15)
        for process in psutil.process_iter(["environ"]):  # jobs of a node that was killed
            environment = process.info["environ"] or {}
            if environment.get("SLURM_CONF") == str(self.file) and "SLURM_JOB_ID" in environment:
                process.kill()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not shutil.which("slurmctld", path=PATH) or not shutil.which("sbatch"):
        pytest.skip("needs Slurm: apt-get install slurmctld slurmd slurm-client")
    running = Cluster(tmp_path_factory.mktemp("slurm"))
    running.configure()
    for name in ("slurmctld", *(f"n{number}" for number in range(1, NODES + 1))):
        running.start(name)
    try:
        wait_until(running.has_idle_nodes, 60)
        yield running
    finally:
        running.stop()


@dataclass
class Lab:
    """A service, and what a test submits to it."""

    client: Client
    database: Database

    def submit(self, **spec: Any) -> UUID:
        checked = RunSpec.model_validate(SMALL | spec)
        with self.database.transaction() as session:
            return verbs.create(session, Submission(checked, plan(checked, 10), "ann"))[0].id

    def run(self, run_id: UUID) -> Run:
        with self.database.transaction() as session:
            return verbs.get(session, run_id)

    def has(self, run_id: UUID, status: Status) -> bool:
        return self.run(run_id).status == status


@pytest.fixture
def lab(
    cluster: Cluster, settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    """The environment is that of `reslab slurm`, which the jobs inherit."""
    worker = tmp_path / "python"
    worker.write_text(WORKER.format(python=sys.executable, root=str(Path(__file__).parents[3]), tiny=str(TINY)))
    worker.chmod(0o755)
    variables = {
        "SLURM_CONF": cluster.file, "PATH": PATH, "SBATCH_OUTPUT": tmp_path / "job-%j.log", "OMP_NUM_THREADS": 1,
        "RESLAB_DATABASE_URL": settings.database_url, "RESLAB_STORAGE_URL": settings.storage_url,
        "RESLAB_DATA": settings.data, "RESLAB_WORK": settings.work,
        "RESLAB_LEASE_S": settings.lease_s, "RESLAB_HEARTBEAT_S": settings.heartbeat_s,
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("reslab.slurm.keeper.sys.executable", str(worker))
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="slurm", owner="ann", scopes=SCOPES)
    with served(create_app(settings, DIST)) as url, Client(url, token) as client:
        yield Lab(client, database)
        cluster.ask("scancel", "--me")
        wait_until(lambda: not cluster.ask("squeue", "-h", "--me"), 60)
    for log in tmp_path.glob("job-*.log"):
        print(log.name, log.read_text(errors="replace"))  # shown if the test fails
