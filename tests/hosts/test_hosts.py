"""The faults between hosts in docs/reliability.md: each test is a row there, with its docstring as the sentence."""

import sys
import time
from collections.abc import Callable

import httpx
import psycopg
import pytest

from store.db.database import libpq
from store.workers import LEADER_LOCK
from tests.hosts.host import ROOT
from tests.hosts.lab import LEASE_S, WORKERS, Lab
from tests.hosts.switch import CUT, Line
from tests.hosts.waiting import wait_until

# A few seconds for the real trainer, which saves 1 MB twice. (Weights carry their specification: one for all.)
DIGITS = {
    "dataset": "digits",
    "train_images": 1400,
    "batch_size": 16,
    "seed": 7,
    "iterations": 60,
    "checkpoint_every": 30,
    "evaluate_every": 60,
}
# 100 ms there and back.
BAD = Line(delay_s=0.05, loss=0.05)


@pytest.mark.long
def test_each_worker_is_listed_with_its_host_and_address(lab: Lab) -> None:
    workers = {worker.name: (worker.host, worker.address) for worker in lab.client.workers() if worker.alive}
    assert workers == {name: (name, lab.hosts[name].address) for name in WORKERS}


@pytest.fixture(scope="module")
def undisturbed(running_lab: Lab) -> Lab:
    """A run was trained that others must equal."""
    running_lab.restore()
    running_lab.wait_for_success(running_lab.submit(DIGITS))
    return running_lab


@pytest.mark.long
@pytest.mark.usefixtures("undisturbed")
def test_a_bad_line(lab: Lab) -> None:
    """A worker's frames take 50 ms to the stores, and 5 % are lost: its run equals one over whole lines."""
    for host in WORKERS:
        for store in ("database", "objects"):
            lab.switch.set(host, store, BAD)
    run_id = lab.submit(DIGITS)
    measure("ended", lambda: lab.run(run_id).finished_at)
    lab.wait_for_success(run_id)
    print("attempts:", lab.run(run_id).fence)  # more than one if a heartbeat was lost five times in a row
    assert lab.violations() == []


@pytest.mark.long
@pytest.mark.usefixtures("undisturbed")
def test_a_lost_host(lab: Lab) -> None:
    """A host loses its power while it trains: another host goes on, and the run equals one left alone."""
    run_id = lab.submit(DIGITS)
    wait_until(lambda: lab.last_checkpoint(run_id))
    lost = lab.worker_of(run_id)
    lab.hosts[lost].power_off()
    measure("taken over", lambda: len(lab.hosts_of(run_id)) == 2)
    lab.wait_for_success(run_id)
    assert lab.hosts_of(run_id) == [lost, other_than(lost)]
    assert lab.violations() == []


@pytest.mark.long
def test_a_lost_host_of_a_run_on_two(lab: Lab) -> None:
    """One of two hosts loses its power: the run waits for another, goes on, and equals one on one host."""
    alone = lab.submit(DIGITS, devices=2)
    lab.wait_for_success(alone)
    run_id = lab.submit(DIGITS, devices=2, machines=2)
    wait_until(lambda: lab.last_checkpoint(run_id))
    lab.hosts[other_than(lab.hosts_of(run_id)[0])].power_off()
    measure("returned", lambda: lab.run(run_id).status == "queued")
    lab.restore()
    lab.wait_for_success(run_id)
    assert lab.run(run_id).fence > 1
    assert lab.violations() == []


@pytest.mark.long
def test_a_worker_cut_off_from_the_database(lab: Lab) -> None:
    """Frames vanish silently: another host takes over, and the first one gives up when the line is back."""
    lose_lease(lab, lambda host: lab.switch.set(host, "database", CUT), until_end=False)


@pytest.mark.long
def test_a_host_that_is_away_until_its_run_has_ended(lab: Lab) -> None:
    """A host's cable is pulled, and put back when another host has finished its run: it gives up."""
    lose_lease(lab, lab.switch.isolate, until_end=True)


def lose_lease(lab: Lab, cut: Callable[[str], None], *, until_end: bool) -> None:
    run_id = lab.submit(iteration_s=0.08)  # it would train for 24 s, and the takeover comes after 10
    first = lab.worker_of(run_id, past=60)
    (trainer,) = lab.trainers(first)
    cut(first)
    measure("taken over", lambda: lab.hosts_of(run_id) == [first, other_than(first)])
    if until_end:
        lab.wait_for_success(run_id)
    assert trainer.is_running()
    lab.switch.mend()
    message = f"attempt 1 no longer owns run {run_id}"
    measure("given up", lambda: message in lab.hosts[first].log("worker").read_text())
    wait_until(lambda: not lab.trainers(first))
    lab.wait_for_success(run_id)
    assert lab.run(run_id).fence == 2
    assert lab.violations() == []


@pytest.mark.long
def test_a_worker_cut_off_from_the_object_store(lab: Lab) -> None:
    """Frames vanish for two leases when a checkpoint is due: the training waits, in the same attempt."""
    run_id = lab.submit(iteration_s=0.02)
    host = lab.worker_of(run_id)
    lab.switch.set(host, "objects", CUT)
    time.sleep(2 * LEASE_S)  # the fault itself: nothing is waited for
    lab.switch.mend()
    saved = lab.last_checkpoint(run_id)
    measure("next checkpoint", lambda: lab.last_checkpoint(run_id) > saved)
    lab.wait_for_success(run_id)
    assert lab.hosts_of(run_id) == [host]
    assert lab.violations() == []


@pytest.mark.long
def test_an_api_and_a_leading_control_cut_off_from_the_database(lab: Lab) -> None:
    """The API answers 503, a control on another host leads, and the training goes on."""
    run_id = lab.submit(iteration_s=0.05)
    host = lab.worker_of(run_id)
    lab.start("Control", "beta")
    wait_until(lambda: leader(lab) == lab.hosts["front"].address)
    lab.switch.set("front", "database", CUT)
    headers = {"Authorization": f"Bearer {lab.token}"}
    began = time.monotonic()
    refused = httpx.post(f"{lab.client.url}/api/v1/runs", json={}, headers=headers, timeout=60)
    print(f"refused after {time.monotonic() - began:.1f} s")
    assert refused.status_code == 503
    measure("and led by another control", lambda: leader(lab) == lab.hosts["beta"].address)
    lab.wait_for_success(run_id)
    assert lab.hosts_of(run_id) == [host]
    lab.switch.mend()
    accepted = lab.submit()
    measure("started", lambda: lab.run(accepted).iteration)
    lab.wait_for_success(accepted)
    lab.hosts["beta"].kill("control")
    assert lab.violations() == []


def measure(what: str, condition: Callable[[], object]) -> None:
    """Waits for it, and prints how long that took, for the page on reliability."""
    print(f"{what} after {wait_until(condition):.1f} s")


def leader(lab: Lab) -> str | None:
    """The address of the control that leads."""
    query = """
        SELECT host(client_addr) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND objid = %s AND granted
    """
    with psycopg.connect(libpq(lab.database.url)) as connection:
        row = connection.execute(query, (LEADER_LOCK,)).fetchone()
    return str(row[0]) if row else None


def other_than(host: str) -> str:
    (other,) = set(WORKERS) - {host}
    return other


def test_the_page_on_reliability_lists_these_faults() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text()
    section = page.partition("## Faults between hosts")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[:2] for line in section.splitlines() if line.startswith("| ")]
    tests = {name: test for name, test in vars(sys.modules[__name__]).items() if name.startswith("test_a")}
    assert rows[1:] == [[f"| {name[5:].replace('_', ' ')}", test.__doc__] for name, test in tests.items()]
