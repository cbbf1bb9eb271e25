"""The queue's page: a row is dragged and moved by keyboard; a worker is drained, and its run waits again."""

from functools import partial

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Lab, sign_in, wait_until
from tests.e2e.keyboard import press

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
