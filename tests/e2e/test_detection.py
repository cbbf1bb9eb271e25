"""A detector in a browser: its data set with boxes, its form, curves, weights, test images, and a picture's objects."""

import re
from pathlib import Path

import pytest
import safetensors.torch
import torchvision
from playwright.sync_api import Browser, Page, expect

from tests.api.datasets.test_routes import zipped
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in
from tests.e2e.test_pages import client, visit
from tests.trainer.data.annotated.layouts import voc

ITERATIONS = 10
WAIT_MS = 240_000  # a guess at the slowest machine; the limit of a wait, not a measurement
FORM = (
    "/new/detector?network=resnet18&dataset=shapes&side=64&longest=96&sizes=16,%2032&roi_size=4&roi_batch=16"
    f"&batch_size=2&lr=0.01&iterations={ITERATIONS}&evaluate_every=5"
)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_detector_is_trained_tested_and_shown(shared_lab: Lab, browser: Browser, tmp_path: Path) -> None:
    made = voc(tmp_path / "shapes")
    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with client(shared_lab) as api:
        archive = {"archive": ("shapes.zip", zipped(files))}
        api.post("/datasets", data={"name": "shapes"}, files=archive).raise_for_status()
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    sign_in(page, shared_lab.state["url"], shared_lab.state["token"])
    visit(page, "/datasets")
    its_boxes_are_shown(page)
    a_data_set_with_boxes_leads_to_its_own_form(page)
    visit(page, FORM)
    start_weights_are_uploaded(page, tmp_path / "resnet18.safetensors")
    visit(page, FORM)
    the_form_names_what_departs_and_starts_the_run(page)
    its_result_and_curves_are_drawn(page)
    its_weights_are_downloaded(page)
    its_test_images_are_drawn_with_detections_above_a_score(page)
    objects_are_detected_in_a_dropped_picture(page, made.folder / "JPEGImages" / "ccc.jpg")
    is_clean(page)
    visit(page, "/")
    expect(page.get_by_role("row", name="ResNet-18").first).to_contain_text("mAP")
    a_small_study_fills_its_table_and_says_why_nothing_is_comparable(page, shared_lab)
    page.close()


def its_boxes_are_shown(page: Page) -> None:
    row = page.get_by_role("row", name="shapes")
    row.get_by_text("Boxes, sizes and sample images").click()
    boxes = page.get_by_role("table", name="boxes of shapes")
    expect(boxes.get_by_role("row", name="cat")).to_contain_text("2")
    sample = page.get_by_role("img", name="JPEGImages/a.jpg: cat")
    expect(sample.locator("rect")).to_have_count(1)


def a_data_set_with_boxes_leads_to_its_own_form(page: Page) -> None:
    page.get_by_role("row", name="shapes").get_by_role("link", name="New run").first.click()
    expect(page).to_have_url(re.compile(r"/new/detector\?.*dataset=shapes"))
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("shapes")


def start_weights_are_uploaded(page: Page, file: Path) -> None:
    safetensors.torch.save_file(torchvision.models.resnet18(num_classes=2).state_dict(), file)
    page.get_by_label("file of start weights").set_input_files(file)
    start = page.get_by_role("combobox", name="Start weights")
    expect(start).to_have_value("resnet18.safetensors, uploaded")
    plan = page.get_by_role("region", name="plan")
    expect(plan).to_contain_text("this run keeps the moving averages of the classifier's training.")


def the_form_names_what_departs_and_starts_the_run(page: Page) -> None:
    plan = page.get_by_role("region", name="plan")
    expect(plan).to_contain_text("The paper uses 600; this run uses 64.")
    expect(page.get_by_role("combobox", name="Start weights")).to_have_attribute("placeholder", "none: from scratch")
    page.get_by_role("button", name="More fields").click()
    expect(page.get_by_role("textbox", name="Side of the pooled map")).to_have_value("4")
    page.get_by_role("button", name="Start run").click()
    page.wait_for_url("**/runs/*")


def its_result_and_curves_are_drawn(page: Page) -> None:
    result = page.get_by_role("region", name="result")
    expect(result).to_contain_text("Test mAP", timeout=WAIT_MS)
    expect(result).not_to_contain_text("so far", timeout=WAIT_MS)
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


def its_test_images_are_drawn_with_detections_above_a_score(page: Page) -> None:
    page.get_by_role("button", name="Test the weights").click()
    expect(page.get_by_role("img", name="precision and recall of cat")).to_be_visible(timeout=WAIT_MS)
    image = page.get_by_role("img", name="JPEGImages/ccc.jpg")
    slider = page.get_by_role("slider", name="least score").first
    slider.press("End")
    expect(image.locator("rect[data-kind=missed]")).to_have_count(2)
    slider.press("Home")
    shown = page.get_by_text(re.compile(r"\d+ right, \d+ false alarms?, \d+ missed"))
    right, wrong, missed = map(int, re.findall(r"\d+", shown.inner_text()))
    assert right + missed == 2
    expect(image.locator("rect")).to_have_count(right + wrong + missed)
    page.get_by_label("Class", exact=True).select_option("cat")
    expect(shown).to_contain_text(re.compile(r"1 right.* 0 missed|0 right.* 1 missed"))


def objects_are_detected_in_a_dropped_picture(page: Page, picture: Path) -> None:
    page.get_by_label("picture", exact=True).set_input_files(picture)
    expect(page.get_by_text(re.compile(r"\d+ of \d+ detections have a score of at least"))).to_be_visible(
        timeout=WAIT_MS
    )
    expect(page.get_by_role("img", name="picture: ")).to_be_visible()


def a_small_study_fills_its_table_and_says_why_nothing_is_comparable(page: Page, lab: Lab) -> None:
    """ResNet-18 in the place of VGG-16 against ResNet-34, two iterations each."""
    fields = {
        "side": 64, "longest": 96, "anchors": {"sizes": [16, 32]}, "roi": {"size": 4, "batch": 16}, "batch_size": 2,
        "lr": 0.01, "evaluate_every": 2,
    }  # fmt: skip
    small = {"instead": {"vgg16": "resnet18", "resnet101": "resnet34"}, "fields": fields}
    body = {"recipe": "table-7", "dataset": "shapes", "scale": 2 / 70_000, "detection": small}
    with client(lab) as api:
        study = api.post("/studies", json=body).raise_for_status().json()["id"]
    visit(page, f"/studies/{study}")
    table = page.get_by_role("table", name="Table 7, your results beside the paper's")
    expect(table.get_by_label(re.compile("^your result: "))).to_have_count(2, timeout=WAIT_MS)
    expect(table.get_by_text("not comparable")).to_have_count(2, timeout=WAIT_MS)
    page.get_by_role("link", name=re.compile("^not comparable: show the arithmetic")).first.click()
    verdict = page.get_by_role("region", name="verdict on ResNet-18 for VGG-16")
    expect(verdict).to_contain_text("The paper uses VGG-16 and ResNet-101; this run uses ResNet-18.")
    expect(page.get_by_role("link", name="Download certificate")).to_be_visible()
    is_clean(page)
