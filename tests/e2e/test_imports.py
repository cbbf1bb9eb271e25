"""Somebody's result is imported from the dashboard, marked wherever it is shown, and pooled with another lab's."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.imports.test_routes import weights_of
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in

pytestmark = pytest.mark.usefixtures("warm")

KEPT = (
    *("iterations", "batch_size", "lr", "momentum", "nesterov", "weight_decay", "schedule", "warmup", "train_images"),
    *("augment", "precision", "init", "decay_batch_norm", "devices", "deterministic"),
)


@pytest.fixture
def page(idle_lab: Lab, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    yield page
    page.close()


def log(error: float) -> str:
    return f"iteration,train_error,test_error\n32000,12.5,14\n64000,0.5,{error}\n"


def test_a_result_is_imported_marked_and_pooled(idle_lab: Lab, page: Page, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(log(8.75))
    page.goto(f"{idle_lab.state['url']}/new")
    page.get_by_role("link", name="Import its result.").click()
    expect(page.get_by_role("heading", name="Import a result")).to_be_visible()
    page.locator("input[type=file]").first.set_input_files(tmp_path / "log.csv")
    expect(page.get_by_role("table", name="series in the file")).to_contain_text("test error")
    expect(page.get_by_text("spec.dataset must be declared")).to_be_visible()
    choose(page, "Data set", "cifar10")
    page.get_by_label("Depth").fill("20")
    choose(page, "Shortcut", "A")
    choose(page, "Momentum", "as in the paper: 0.9")
    page.get_by_label("Lab", exact=True).fill("Lab A")
    (tmp_path / "w.safetensors").write_bytes(weights_of({"dataset": "cifar10", "depth": 20, "shortcut": "A"}))
    page.locator("input[type=file]").last.set_input_files(tmp_path / "w.safetensors")
    page.get_by_label("Input mean").fill("0.49, 0.48, 0.45")
    expect(page.get_by_role("list", name="findings")).to_contain_text("Unknown, lr:")
    is_clean(page)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="ResNet-20 A", level=1)).to_be_visible()
    expect(page.get_by_text("imported", exact=True).first).to_be_visible()
    expect(page.get_by_text("From Lab A, log.csv (csv).")).to_be_visible()
    expect(page.get_by_label("result")).to_contain_text("Nobody said the whole protocol")
    verdict = page.get_by_role("region", name="verdict", exact=True)
    verdict.scroll_into_view_if_needed()
    expect(verdict).to_contain_text("Not comparable with the paper's number:")
    expect(verdict).to_contain_text("1 imported seed of Lab A.")
    expect(page.get_by_role("link", name="Download weights")).to_be_visible()
    page.get_by_role("region", name="weights and checkpoints").scroll_into_view_if_needed()
    page.get_by_role("heading", name="History").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Evaluate")).to_be_enabled()
    page.locator("summary", has_text="Whole specification").click()
    specification = page.get_by_role("table", name="specification")
    expect(specification.get_by_role("row", name="lr")).to_contain_text("not said")
    expect(specification.get_by_role("row", name="momentum")).to_contain_text("0.9")
    is_clean(page)
    page.goto(idle_lab.state["url"])
    expect(page.get_by_role("row").filter(has_text="ResNet-20 A")).to_contain_text("imported")
    a_pool_is_drawn_as_a_forest(idle_lab, page)


def a_pool_is_drawn_as_a_forest(lab: Lab, page: Page) -> None:
    """Two labs whose whole protocol is declared; the first import's is not."""
    runs = [import_run(lab, name, seed, error) for name, seed, error in (("B", 0, 8.7), ("B", 1, 8.9), ("C", 0, 9.2))]
    query = "&".join(f"run={run}" for run in runs)
    page.goto(f"{lab.state['url']}/pool?{query}")
    expect(page.get_by_role("heading", name="ResNet-20 A on cifar10, pooled")).to_be_visible()
    expect(page.get_by_role("img", name="2 labs, 3 runs")).to_be_visible()
    expect(page.get_by_role("table", name="labs").get_by_role("row")).to_have_count(3)
    is_clean(page)


def import_run(lab: Lab, name: str, seed: int, error: float) -> str:
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    with httpx.Client(base_url=f"{lab.state['url']}/api/v1", headers=headers, timeout=60) as client:
        network = {"dataset": "cifar10", "depth": 20, "shortcut": "A"}
        paper = client.post("/runs/plan", json={"spec": network}).raise_for_status().json()["spec"]
        spec = network | {"seed": seed} | {field: paper[field] for field in KEPT}
        declaration = json.dumps({"spec": spec, "lab": name, "test_images": 10_000})
        files = {"file": ("log.csv", log(error).encode())}
        run: str = (
            client.post("/imports", data={"declaration": declaration}, files=files).raise_for_status().json()["id"]
        )
    return run


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
