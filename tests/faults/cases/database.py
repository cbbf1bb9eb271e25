"""Faults of PostgreSQL and of the connections to it: an outage is a pause and costs no attempt."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psutil
import psycopg

from store.db.database import libpq
from store.db.models import Run
from tests.faults.chain_trainer import Order
from tests.faults.faults import fault, fault_in_short
from tests.faults.lab import Lab
from tests.faults.proxy import Weather
from tests.faults.stack import wait_until

BACK = "database back, training continues"
WRITTEN = ("runs", "events", "step_chunks", "attempts", "artifacts", "evaluations", "log_chunks", "workers")
DISK_FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""


def _train(lab: Lab, iteration_s: float = 0.02) -> tuple[UUID, str]:
    """A run in training, and its worker. It must end in one attempt."""
    run_id = lab.submit(Order(iteration_s=iteration_s))
    name = lab.training_worker(run_id)
    return lab.expect(run_id, attempts=1), name


def _measure_progress(lab: Lab, run_id: UUID) -> None:
    states: list[Run] = []

    def moves() -> bool:
        states.append(lab.run(run_id))
        return states[-1].iteration > states[0].iteration or states[-1].finished_at is not None

    lab.measure(BACK, moves)


@fault_in_short
def postgres_killed(lab: Lab) -> None:
    """The server dies during a training run and recovers from its log."""
    run_id, _ = _train(lab)
    lab.stack.restart("postgres")
    _measure_progress(lab, run_id)


@fault
def postgres_away_for_three_leases(lab: Lab) -> None:
    """No server for 18 s: the trainers are suspended, and no attempt is declared lost."""
    run_id, _ = _train(lab)
    lab.stack.kill("postgres")
    lab.wait_leases(3)
    lab.stack.start("postgres")
    _measure_progress(lab, run_id)


@fault
def postgres_frozen_for_three_leases(lab: Lab) -> None:
    """The server's processes are stopped: connections stay open, and queries hang."""
    run_id, _ = _train(lab)
    postmaster = psutil.Process(lab.stack.child("postgres").pid)
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.suspend()
    lab.wait_leases(3)
    for process in reversed(processes):
        process.resume()
    _measure_progress(lab, run_id)


@fault
def one_backend_killed(lab: Lab) -> None:
    """One backend is killed; PostgreSQL ends all the others and restarts."""
    run_id, _ = _train(lab)
    with psycopg.connect(libpq(lab.stack.database.url)) as connection:
        psutil.Process(connection.info.backend_pid).kill()
    _measure_progress(lab, run_id)


@fault
def every_connection_terminated(lab: Lab) -> None:
    """An administrator ends every session."""
    run_id, _ = _train(lab)
    with psycopg.connect(libpq(lab.stack.database.url)) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    _measure_progress(lab, run_id)


@fault
def postgres_disk_full(lab: Lab) -> None:
    """For a lease, triggers refuse every write with the error of a full disk (SQLSTATE 53100)."""
    run_id, _ = _train(lab)
    with psycopg.connect(libpq(lab.stack.database.url), autocommit=True) as connection:
        connection.execute(DISK_FULL)
        for table in WRITTEN:
            connection.execute(
                f"CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION disk_full()".encode()
            )
        assert lab.post_once(str(uuid4())) not in (200, 201)
        lab.wait_leases(1)
        connection.execute("DROP FUNCTION disk_full CASCADE")
    _measure_progress(lab, run_id)


@fault
def another_session_locks_the_row_for_half_a_lease(lab: Lab) -> None:
    """Another transaction locks the run's row: the attempt waits and then continues."""
    run_id, _ = _train(lab)
    with _locking(lab, run_id):
        lab.wait_leases(0.5)
    _measure_progress(lab, run_id)


@fault
def another_session_locks_the_row_for_three_leases(lab: Lab) -> None:
    """Longer than the lease and every lock_timeout: it may cost the attempt, but nothing else."""
    run_id = lab.submit(Order(iteration_s=0.02))
    lab.training_worker(run_id)
    with _locking(lab, run_id):
        lab.wait_leases(3)


@contextmanager
def _locking(lab: Lab, run_id: UUID) -> Iterator[None]:
    with psycopg.connect(libpq(lab.stack.database.url)) as connection:
        connection.execute("SELECT 1 FROM runs WHERE id = %s FOR UPDATE", (run_id,))
        yield


@fault
def worker_cut_off_from_the_database(lab: Lab) -> None:
    """One worker loses the database: another one takes over its run, and the first one gives up once it is back."""
    _cut_off(lab, Weather("refuse"))


@fault
def worker_connection_to_the_database_frozen(lab: Lab) -> None:
    """The same, with a connection on which nothing passes and nothing is closed."""
    _cut_off(lab, Weather("freeze"))


def _cut_off(lab: Lab, weather: Weather) -> None:
    run_id = lab.submit(Order(iteration_s=0.02))
    name = lab.training_worker(run_id, past=60)
    lab.stack.set_weather(name, "database", weather)
    lab.measure_start(run_id, "worker killed, run restarted")
    lab.stack.proxy.clear()
    wait_until(lambda: not lab.stack.trainers(name), "the trainer without a lease is killed")


@fault
def answers_of_the_database_lost(lab: Lab) -> None:
    """A worker's statements are executed, but the answers are lost: it repeats them, and each counts once."""
    run_id, name = _train(lab, iteration_s=0.01)
    for _ in range(3):
        lab.stack.set_weather(name, "database", Weather("mute"))
        lab.wait(1)
        lab.stack.proxy.clear()
        _measure_progress(lab, run_id)


@fault
def api_and_control_cut_off_from_the_database(lab: Lab) -> None:
    """A submission during the outage is either not accepted or not lost."""
    run_id, _ = _train(lab)
    for name in ("api", "control"):
        lab.cut(name, "database")
    assert lab.post_once(str(uuid4())) not in (200, 201)
    lab.wait_leases(1)
    lab.stack.proxy.clear()
    lab.submit()
    assert lab.run(run_id).fence == 1


@fault
def old_workers_on_a_new_schema(lab: Lab) -> None:
    """The next version adds a column and a table while a run trains."""
    run_id, _ = _train(lab)
    with psycopg.connect(libpq(lab.stack.database.url), autocommit=True) as connection:
        connection.execute("ALTER TABLE runs ADD COLUMN of_the_next_version text NOT NULL DEFAULT 'new'")
        connection.execute("ALTER TABLE events ADD COLUMN of_the_next_version int")
        connection.execute("CREATE TABLE of_the_next_version (run_id uuid REFERENCES runs ON DELETE CASCADE)")
        waiting = lab.submit()
        wait_until(lambda: lab.run(run_id).finished_at and lab.run(waiting).finished_at, "both end")
        connection.execute("DROP TABLE of_the_next_version")
        for table in ("runs", "events"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN of_the_next_version".encode())


@fault
def migration_killed_half_way(lab: Lab) -> None:
    """The upgrade of an empty database dies half way; the next upgrade completes it."""
    name = f"half_{uuid4().hex}"
    url = f"{libpq(lab.stack.database.url).rpartition('/')[0]}/{name}"
    with psycopg.connect(libpq(lab.stack.database.url), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(url) as holder:
            # A table of the same name in an open transaction: the migration has to wait there.
            holder.execute("CREATE TABLE artifacts ()")
            upgrade = _store(url, "upgrade")
            waits = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
            wait_until(lambda: admin.execute(waits, (name,)).fetchone(), "the migration is half-way")
            upgrade.kill()
            upgrade.wait()
            holder.rollback()
        assert _store(url, "upgrade").wait() == 0
        assert _store(url, "check").wait() == 0
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _store(url: str, verb: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "store", verb],
        env={"PATH": "/usr/bin:/bin", "RESLAB_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
