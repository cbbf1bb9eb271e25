"""The queue's page: a row is dragged and moved by keyboard; a worker is drained, and its run waits again; slots."""

from datetime import timedelta
from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, update

from store import workers
from store.db.database import Database
from store.db.models import Attempt, Run, Worker
from store.runs import attempts
from tests.api.progress import LEASE_S
from tests.e2e.conftest import Lab, sign_in, wait_until
from tests.e2e.keyboard import press
from tests.e2e.sown import claimed, queued, submission

GIB = 1 << 30
WAIT_MS = 120_000
SPEC = {"depth": 8, "shortcut": "A", "dataset": "digits", "batch_size": 32, "iterations": 100_000}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_queue_is_reordered_and_a_worker_drained(lab: Lab, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, lab.state["url"], lab.state["token"])
    queue(lab, "trains", "first", "second", "third")
    press(page.get_by_role("link", name="Queue", exact=True))
    expect(table(page, "workers").get_by_role("link", name="trains")).to_be_visible()
    stand(page, "first", "second", "third")
    row(page, "third").drag_to(row(page, "first"))
    stand(page, "third", "first", "second")
    press(page.get_by_role("button", name="raise the priority of second"))  # to the third's, and it is older
    stand(page, "second", "third", "first")
    page.reload()
    stand(page, "second", "third", "first")
    a_worker_is_drained(page)
    page.close()


def test_slots_of_a_gpu_show_what_they_train_and_for_which_run_they_are_kept(
    idle_lab: Lab, database: Database, browser: Browser
) -> None:
    slots = [a_slot(database, number) for number in (1, 2)]
    small = claimed(database, slots[0], submission("small", depth=20)).run.id
    (large,) = queued(database, [submission("large", depth=20)])
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == small).values(memory_bytes=GIB))
        session.execute(update(Run).where(Run.id == large).values(memory_bytes=6 * GIB))
        assert attempts.claim(session, slots[1], LEASE_S) is None
        later = func.now() + timedelta(hours=1)  # nobody sends their heartbeats
        session.execute(update(Worker).values(seen_at=later))
        session.execute(update(Attempt).values(lease_until=later))
    page = browser.new_page()
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    press(page.get_by_role("link", name="Queue", exact=True))
    for number, shown in enumerate(("training", "kept free for large"), start=1):
        slot = table(page, "workers").get_by_role("row").filter(has_text=f"gpu-{number}")
        expect(slot).to_contain_text(f"NVIDIA A100, slot {number} of 2 · gpu queue")
        expect(slot).to_contain_text(shown)
    expect(table(page, "workers").get_by_role("link")).to_have_text(["small", "large"])
    expect(row(page, "large")).to_contain_text(
        "waits for the other runs on NVIDIA A100 (gpu-2) to end: it doesn't fit beside them"
    )
    page.close()


def a_slot(database: Database, number: int) -> Worker:
    slot = Worker(name=f"gpu-{number}", host="n1", pid=1, queue="gpu", device="NVIDIA A100", devices=1, version="0")
    slot.slot, slot.slots, slot.shared_device, slot.memory_bytes = number, 2, "n1/0", 8 * GIB
    with database.transaction() as session:
        return workers.register(session, slot)


def a_worker_is_drained(page: Page) -> None:
    press(page.get_by_role("button", name="drain worker-1"))
    expect(page.get_by_role("heading", name="No workers")).to_be_visible()
    expect(page.get_by_role("region", name="queue")).to_contain_text("0 running, 4 waiting, 0 workers free")
    expect(row(page, "trains")).to_be_visible()


def queue(lab: Lab, *names: str) -> None:
    """Submits runs; the first one is training before the others are submitted."""
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=headers) as api:
        for name in names:
            run = api.post("/runs", json={"name": name, "spec": SPEC}).raise_for_status().json()["id"]
            if name == names[0]:
                wait_until(partial(has_begun, api, run), WAIT_MS / 1000)


def has_begun(api: httpx.Client, run: str) -> bool:
    return bool(api.get(f"/runs/{run}").json()["status"] == "running")


def table(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name=name)


def row(page: Page, name: str) -> Locator:
    return table(page, "queue").get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def stand(page: Page, *names: str) -> None:
    """The queue shows these runs in this order."""
    expect(table(page, "queue").get_by_role("link")).to_have_text(names)
