"""A run watched by keyboard alone: paused, resumed, cancelled, retried, forked; an API that dies; whole weights."""

import csv
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Lab, sign_in, wait_until
from tests.e2e.keyboard import press, tab_to

WAIT_MS = 120_000  # a guess for the slowest machine: a limit of waiting, not a measurement
SPEC = {"depth": 8, "shortcut": "A", "dataset": "digits", "batch_size": 32, "evaluate_every": 20}


@pytest.fixture(scope="module")
def lab(shared_lab: Lab) -> Lab:
    return shared_lab


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_run_is_watched_paused_resumed_and_cancelled(lab: Lab, browser: Browser) -> None:
    with trained(lab, iterations=100_000, checkpoint_every=50) as run, watching(lab, browser, run) as page:
        goes_on_beyond(page, shown(page))
        press(button(page, "pause"))
        expect(button(page, "resume")).to_be_focused()
        expect(status(page, "paused")).to_be_visible()
        expect(page.get_by_role("status").get_by_text("live", exact=True)).to_have_count(0)  # nobody trains it
        last = shown(page)
        press(button(page, "resume"))
        goes_on_beyond(page, last)
        press(button(page, "cancel"))
        expect(status(page, "cancelled")).to_be_visible()
        for name in ("pause", "cancel"):  # each says why it does nothing
            expect(button(page, name)).to_have_attribute(
                "aria-description", "This run was cancelled. Retry or fork it to continue."
            )
        history = page.get_by_role("region", name="history")
        history.scroll_into_view_if_needed()
        for moved in ("paused", "resumed", "cancelled"):
            expect(history).to_contain_text(moved)
        it_is_retried(page, run)


def it_is_retried(page: Page, run: str) -> None:
    """Retries the run; the new run is cancelled too, because it would train for as long."""
    press(button(page, "Retry"))
    comes_from(page, "a retry of another run", run)
    press(button(page, "cancel"))
    expect(status(page, "cancelled")).to_be_visible()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_an_api_that_dies_leaves_no_gap_in_the_curve(lab: Lab, browser: Browser, tmp_path: Path) -> None:
    iterations = 100  # fewer than a chart has buckets, so that each iteration is a point
    with (
        trained(lab, iterations=iterations, checkpoint_every=20, evaluate_every=50) as run,
        watching(lab, browser, run) as page,
    ):
        live = page.get_by_role("status").get_by_text("live", exact=True)
        goes_on_beyond(page, 1)
        expect(live).to_be_visible()
        lab.kill("api")
        expect(page.get_by_role("status").get_by_text(re.compile(r"^stale \d+ s"))).to_be_visible()
        assert shown(page) > 0, "the curve is gone"
        expect(live).to_be_visible()
        expect(status(page, "succeeded")).to_be_visible(timeout=3 * WAIT_MS)
        expect(chart(page)).to_have_attribute(
            "aria-label", re.compile(rf"training error .* at iteration {iterations},")
        )
        assert points(page, tmp_path, "training error") == list(range(1, iterations + 1))


@pytest.mark.long
@pytest.mark.timeout(600)
def test_weights_arrive_whole_and_a_fork_continues_with_another_rate(
    lab: Lab, browser: Browser, tmp_path: Path
) -> None:
    with trained(lab, iterations=20, checkpoint_every=10) as run, watching(lab, browser, run) as page:
        expect(status(page, "succeeded")).to_be_visible()
        weights_arrive_whole(page, tmp_path)
        press(button(page, "Fork"))
        form = page.get_by_role("dialog")
        for field, value in (("Learning rate", "0.05"), ("Iterations", "40")):
            tab_to(form.get_by_label(field, exact=True))
            page.keyboard.type(value)
        press(form.get_by_role("button", name="Start fork"))
        comes_from(page, re.compile(r"continues from iteration [12]0 of another run"), run)
        press(page.locator("summary", has_text="Whole specification"))
        for field, value in (("lr", "0.05"), ("iterations", "40")):
            name = page.get_by_role("rowheader", name=field, exact=True)
            row = page.get_by_role("row").filter(has=name)
            expect(row.get_by_text(value, exact=True)).to_be_visible()
        expect(status(page, "succeeded")).to_be_visible()


def weights_arrive_whole(page: Page, folder: Path) -> None:
    with page.expect_download() as downloading:
        press(page.get_by_role("link", name="Download weights"))
    file = folder / "weights"
    downloading.value.save_as(file)
    sha256 = page.get_by_label("SHA-256 of the weights").inner_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == sha256
    press(page.locator("summary", has_text="Load the weights in plain PyTorch"))
    snippet = page.get_by_role("group", name="loading snippet")
    expect(snippet.locator("code").first).to_contain_text(downloading.value.suggested_filename)
    tab_to(snippet.get_by_role("button", name="copy loading snippet"))


def comes_from(page: Page, text: str | re.Pattern[str], parent: str) -> None:
    """The page is that of a new run, and links to the run that it was made from."""
    expect(page.get_by_role("main")).to_contain_text(text)
    expect(page).not_to_have_url(re.compile(parent))
    expect(page.get_by_role("link", name="another run")).to_have_attribute("href", f"/runs/{parent}")


@contextmanager
def trained(lab: Lab, **fields: Any) -> Iterator[str]:
    """A run that a worker trains; it is cancelled at the end, so that the next test's run can start."""
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=headers) as api:
        run = api.post("/runs", json={"spec": SPEC | fields}).raise_for_status().json()["id"]
        yield run
        api.post(f"/runs/{run}/cancel")
        wait_until(lambda: api.get(f"/runs/{run}").json()["status"] in ("succeeded", "cancelled"), WAIT_MS / 1000)


@contextmanager
def watching(lab: Lab, browser: Browser, run: str) -> Iterator[Page]:
    """The run's page, once it shows a point."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, lab.state["url"], lab.state["token"])
    page.goto(f"{lab.state['url']}/runs/{run}")
    expect(chart(page)).to_have_attribute("aria-label", re.compile("training error .* at iteration"))
    yield page
    page.close()


def chart(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile("^Error curves"))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page, name: str) -> Locator:
    """The badge beside the run's name."""
    return page.get_by_role("main").get_by_text(name, exact=True).first


def shown(page: Page) -> int:
    """The last iteration whose training error is on the screen; of a bucket its first iteration."""
    match = re.search(r"training error .*? at iteration ([\d,]+)", chart(page).get_attribute("aria-label") or "")
    return int(match[1].replace(",", "")) if match else 0


def goes_on_beyond(page: Page, iteration: int) -> None:
    """New points appear without a reload."""
    wait_until(lambda: shown(page) > iteration, WAIT_MS / 1000)


def points(page: Page, folder: Path, curve: str) -> list[int]:
    """The iterations of a curve in the chart on the screen."""
    with page.expect_download() as downloading:
        press(page.get_by_role("group", name="save Error curves").get_by_role("button", name="save as CSV"))
    file = folder / "curve.csv"
    downloading.value.save_as(file)
    with file.open(newline="") as lines:
        return [int(row["iteration"]) for row in csv.DictReader(lines) if row["curve"] == curve]
