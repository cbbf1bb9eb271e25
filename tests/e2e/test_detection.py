"""A detector in a browser: its data set with boxes, its run from the POST to the worker, curves, classes, weights."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.api.datasets.test_routes import zipped
from tests.api.runs.test_detection import SPEC
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in
from tests.e2e.test_pages import client, visit
from tests.trainer.data.annotated.layouts import voc

ITERATIONS = 10


def test_a_detector_is_trained_and_shown(shared_lab: Lab, browser: Browser, tmp_path: Path) -> None:
    made = voc(tmp_path / "shapes")
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert made.folder.is_dir()
    with client(shared_lab) as api:
        archive = {"archive": ("shapes.zip", zipped(files))}
        api.post("/datasets", data={"name": "shapes"}, files=archive).raise_for_status()
        spec = SPEC | {"iterations": ITERATIONS, "evaluate_every": 5, "checkpoint_every": 5}
        posted = api.post("/runs", json={"spec": spec}).raise_for_status().json()
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    sign_in(page, shared_lab.state["url"], shared_lab.state["token"])
    visit(page, shared_lab, f"/runs/{posted['id']}")
    its_result_and_curves_are_drawn(page)
    its_weights_are_downloaded(page)
    is_clean(page)
    visit(page, shared_lab, "/datasets")
    its_boxes_are_shown(page)
    visit(page, shared_lab, "/")
    expect(page.get_by_role("row", name="ResNet-18").first).to_contain_text("mAP")
    page.close()


def its_result_and_curves_are_drawn(page: Page) -> None:
    result = page.get_by_role("region", name="result")
    expect(result).to_contain_text("Test mAP", timeout=240_000)
    expect(result).not_to_contain_text("so far", timeout=240_000)
    expect(result).not_to_contain_text("error")
    curves = page.get_by_role("region", name="curves")
    for quantity in ("Mean average precision", "Losses"):
        expect(curves.get_by_role("img", name=quantity).first).to_be_visible()
    classes = page.get_by_role("table", name="average precision by class")
    for name in ("cat", "dog", "mAP@[.5,.95]"):
        expect(classes.get_by_role("row", name=name)).to_be_visible()


def its_weights_are_downloaded(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download weights").click()
    assert download.value.suggested_filename == f"resnet-18_shapes_seed-0_iteration-{ITERATIONS}.safetensors"


def its_boxes_are_shown(page: Page) -> None:
    row = page.get_by_role("row", name="shapes")
    row.get_by_text("Boxes, sizes and sample images").click()
    boxes = page.get_by_role("table", name="boxes of shapes")
    expect(boxes.get_by_role("row", name="cat")).to_contain_text("2")
    sample = page.get_by_role("img", name="JPEGImages/a.jpg: cat")
    expect(sample.locator("rect")).to_have_count(1)
