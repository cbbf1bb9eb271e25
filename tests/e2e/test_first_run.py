"""From POST to pixel: two runs in one browser session, a killed worker, weights that load in plain PyTorch."""

import csv
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from safetensors.torch import save_file

from tests.e2e.conftest import Lab, sign_in, wait_until
from trainer.data import digits

ITERATIONS, CHECKPOINT_EVERY = 30, 10
TRAINS_MS = 300_000  # a guess for the slowest machine: a limit of waiting, not a measurement

# Appended to the page's snippet, which runs where none of Reslab's packages can be imported.
COUNT = """
data = load_file("digits.safetensors")
print(int((classify(data["images"]) != data["labels"]).sum()))
"""
NOTHING_OF_OURS = """
import sys
for name in ("trainer", "store", "api", "worker", "paper", "reslab"):
    sys.modules[name] = None
"""


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_runs_in_one_browser_session(lab: Lab, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, lab.state["url"], lab.state["token"])

    residual = submit(page, "A: zero padding", 20, "269,722", batch_size=16)
    finishes(page)
    screenshot(page, "run")
    file, reported = download(page, tmp_path)
    assert wrong_images(page, file, tmp_path) == round(reported * 360 / 100)

    plain = submit(page, "none (plain)", 8, "75,290", batch_size=64)  # long enough to be killed
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=bearer(lab)) as api:
        wait_until(lambda: api.get(f"/runs/{plain}/checkpoints").json()["items"], 120)
        lab.kill("worker-1")
        finishes(page)  # the same page, which went stale and recovered
        for run_id, attempts in [(residual, 1), (plain, 2)]:
            run = api.get(f"/runs/{run_id}").json()
            assert (run["status"], run["attempts"]) == ("succeeded", attempts)
            points = csv.DictReader(api.get(f"/runs/{run_id}/curves.csv").text.splitlines())
            assert [int(point["iteration"]) for point in points] == list(range(1, ITERATIONS + 1))
    page.get_by_role("link", name="Runs").first.click()
    expect(page.get_by_role("table", name="runs").get_by_text("succeeded")).to_have_count(2)
    expect(page.locator("tr[data-row] polyline")).to_have_count(2)


def submit(page: Page, shortcut: str, depth: int, parameters: str, batch_size: int) -> str:
    """Fills in the form as a person would, and returns the run's id."""
    page.get_by_role("link", name="New run").first.click()
    expect(page.get_by_role("heading", name="New run")).to_be_visible()  # the list of runs has fields of the same names
    page.get_by_label("Depth").fill(str(depth))
    choose(page, "Shortcut", shortcut)
    choose(page, "Data set", "digits")
    page.get_by_label("Iterations").fill(str(ITERATIONS))
    page.get_by_role("button", name="More fields").click()
    page.get_by_label("Batch size").fill(str(batch_size))
    page.get_by_label("Evaluate every").fill(str(CHECKPOINT_EVERY))
    page.get_by_label("Checkpoint every").fill(str(CHECKPOINT_EVERY))
    expect(page.get_by_role("region", name="plan")).to_contain_text(parameters)
    page.get_by_role("button", name="Start run").click()
    page.wait_for_url("**/runs/*")
    return page.url.rpartition("/")[2]


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


def finishes(page: Page) -> None:
    """The page shows the run's end without a reload: its status, and both curves to the last point."""
    expect(page.get_by_role("main").get_by_text("succeeded", exact=True).first).to_be_visible(timeout=TRAINS_MS)
    chart = page.get_by_role("img", name=re.compile("Error curves"))
    last = re.compile(rf"train.* at iteration {ITERATIONS}\b.*test.* at iteration {ITERATIONS}\b")
    expect(chart).to_have_attribute("aria-label", last)
    # Not only the label: the canvas has pixels too.
    assert chart.locator("canvas").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte)"
    )


def download(page: Page, folder: Path) -> tuple[Path, float]:
    """The weights, checked against the hash on the page, and the test error on the page in percent."""
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile("Download weights", re.IGNORECASE)).first.click()
    file = folder / downloading.value.suggested_filename
    downloading.value.save_as(file)
    shown = page.get_by_label("SHA-256 of the weights").inner_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == shown
    label = page.get_by_role("img", name=re.compile("Error curves")).get_attribute("aria-label") or ""
    reported = re.search(r"test error ([\d.]+)", label)
    assert reported, label
    return file, float(reported[1])


def wrong_images(page: Page, file: Path, folder: Path) -> int:
    """How many test images the downloaded weights classify wrongly, in a process with only torch and safetensors."""
    test = digits.load().test
    save_file({"images": test.pixels, "labels": test.labels}, folder / "digits.safetensors")
    page.get_by_text("Load the weights in plain PyTorch").click()
    snippet = page.get_by_role("group", name="loading snippet").locator("code").inner_text()
    assert file.name in snippet
    program = NOTHING_OF_OURS + snippet + COUNT
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def bearer(lab: Lab) -> dict[str, str]:
    return {"Authorization": f"Bearer {lab.state['token']}"}


def screenshot(page: Page, name: str) -> None:
    """Takes the README's picture where RESLAB_SCREENSHOTS names a folder (`make screenshots`)."""
    if folder := os.environ.get("RESLAB_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
