"""The weights of a finished run, evaluated on its page: errors, confusions, layer responses, a picture's class."""

import io
import re
import zipfile
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in, wait_until

WAIT_MS = 300_000  # a guess at the slowest machine; the limit of a wait, not a measurement
LAYERS = 7  # 6n+1 of a network of 8 layers


SMALL = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 40, "batch_size": 32}
PHOTOGRAPHS = {"depth": 18, "shortcut": "B", "dataset": "photographs", "family": "imagenet"}
LITTLE = {"iterations": 2, "batch_size": 2, "train_images": 4, "lr": 0.01}


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_weights_of_a_finished_run(shared_lab: Lab, browser: Browser) -> None:
    with calling(shared_lab) as api:
        plain = trained(api, SMALL | {"shortcut": "none"}, "the companion")
        run = trained(api, SMALL)
    page = opened(shared_lab, browser, run)
    the_errors_come_with_their_confusions(page)
    an_ensemble_names_its_other_runs_and_has_a_matrix(page)
    the_responses_are_measured_once(page)
    a_picture_is_classified(page)
    a_broken_picture_says_why_in_its_log(page)
    classified_pictures_are_there_after_a_reload(page)
    is_clean(page)
    page.goto(f"{shared_lab.state['url']}/compare?run={run}&run={plain}")
    the_responses_of_several_lie_over_each_other(page)
    is_clean(page)
    page.close()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_photographs_are_evaluated_with_every_view_of_the_paper(shared_lab: Lab, browser: Browser) -> None:
    with calling(shared_lab) as api:
        register(api, photographs("coral", "teal"))
        run = trained(api, PHOTOGRAPHS | LITTLE)
        page = opened(shared_lab, browser, run)
        every_view_has_an_error_of_its_own(page)
        a_photograph_is_seen_at_its_centre(page)
        is_clean(page)
        page.close()
        api.delete("/datasets/photographs").raise_for_status()
        register(api, photographs("coral", "teal", "gold"))
    page = opened(shared_lab, browser, run)
    replaced_images_can_be_evaluated_again_and_a_failure_shows_its_log(page)
    is_clean(page)
    page.close()


def calling(lab: Lab) -> httpx.Client:
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=headers)


def trained(api: httpx.Client, spec: dict[str, Any], name: str | None = None) -> str:
    run = str(api.post("/runs", json={"spec": spec, "name": name}).raise_for_status().json()["id"])
    wait_until(lambda: api.get(f"/runs/{run}").json()["finished_at"], 300)
    ended = api.get(f"/runs/{run}").json()
    assert ended["status"] == "succeeded", ended["message"]
    return run


def opened(lab: Lab, browser: Browser, run: str) -> Page:
    """The run's page, scrolled down to its evaluations."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    sign_in(page, lab.state["url"], lab.state["token"])
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{lab.state['url']}/runs/{run}")
    page.get_by_role("region", name="log", exact=True).scroll_into_view_if_needed()  # just below the evaluations
    return page


def register(api: httpx.Client, archive: bytes) -> None:
    files = {"archive": ("photographs.zip", archive)}
    api.post("/datasets", data={"name": "photographs"}, files=files).raise_for_status()


def photographs(*colors: str) -> bytes:
    """An archive with one class per color, each with two training JPEGs and one test JPEG."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for split, count in (("train", 2), ("test", 1)):
            for color in colors:
                for number in range(count):
                    archive.writestr(f"{split}/{color}/{number}.jpg", photograph(color, 80 + 10 * number))
    return packed.getvalue()


def photograph(color: str, side: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, 60), color).save(file, "JPEG")
    return file.getvalue()


def the_errors_come_with_their_confusions(page: Page) -> None:
    matrix = page.get_by_role("region", name="confusion matrix", exact=True)
    expect(matrix).to_contain_text("Evaluate the weights to see their confusion matrix")
    page.get_by_role("button", name="Evaluate").click()
    row = page.get_by_role("table", name="evaluations").get_by_role("row").nth(1)
    expect(row).to_contain_text(re.compile(r"one view of each image.*\d+\.\d\d %.*500"))
    expect(page.get_by_role("button", name="Evaluate")).to_have_attribute("aria-disabled", "true")
    table = matrix.get_by_role("table", name="confusion matrix")
    expect(table.get_by_role("row")).to_have_count(11)
    counts = [int(text) for text in table.get_by_role("cell").all_inner_texts()]
    assert sum(counts) == 500
    the_images_of_a_wrong_cell_are_shown(page, table)


def the_images_of_a_wrong_cell_are_shown(page: Page, matrix: Locator) -> None:
    cell = matrix.get_by_role("button", name=re.compile("show images")).first
    count = int(cell.inner_text())
    cell.click()
    dialog = page.get_by_role("dialog", name=re.compile("classified as"))
    images = dialog.get_by_role("list", name="wrongly classified images").get_by_role("img")
    expect(images).to_have_count(min(count, 12))
    expect(dialog).to_contain_text(f"{count} test image" if count <= 12 else f"12 of {count} test images")
    assert len(set(Image.open(io.BytesIO(images.first.screenshot())).convert("L").tobytes())) > 10  # it is drawn
    is_clean(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def an_ensemble_names_its_other_runs_and_has_a_matrix(page: Page) -> None:
    matrix = page.get_by_role("region", name="confusion matrix", exact=True)
    expect(matrix).to_contain_text("Protocol: one view of each image.")
    form = page.get_by_role("form", name="evaluate")
    search = form.get_by_role("combobox", name="Ensemble with")
    search.fill("companion")
    form.get_by_role("option", name="the companion").click()
    search.press("Escape")
    form.get_by_role("button", name="Evaluate").click()
    row = page.get_by_role("table", name="evaluations").get_by_role("row").nth(1)
    expect(row.get_by_role("link", name="the companion")).to_be_visible()
    expect(row).to_contain_text(re.compile(r"ensemble of 2.*\d+\.\d\d %.*500"))
    choice = matrix.get_by_label("Evaluation")
    choice.select_option(label=choice.get_by_role("option", name="ensemble of 2").inner_text())
    counts = matrix.get_by_role("table", name="confusion matrix").get_by_role("cell")
    expect(counts).to_have_count(100)
    assert sum(int(text) for text in counts.all_inner_texts()) == 500


def the_responses_are_measured_once(page: Page) -> None:
    responses = page.get_by_role("region", name="layer responses (fig. 7)")
    responses.get_by_role("button", name="Measure").click()
    expect(responses.get_by_role("img", name=re.compile(f"In network order: {LAYERS} layers"))).to_be_visible()
    expect(responses.get_by_role("img", name=re.compile(f"Ranked: {LAYERS} layers"))).to_be_visible()
    expect(responses.get_by_role("button", name="Measure")).to_have_count(0)
    responses.get_by_text("As a table").click()
    expect(responses.get_by_role("table", name="layer responses").get_by_role("row")).to_have_count(LAYERS + 1)


def a_picture_is_classified(page: Page) -> None:
    classify = page.get_by_role("region", name="classify a picture", exact=True)
    chooser = classify.locator("input[type=file]")
    chooser.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some text"})
    expect(classify.get_by_role("alert")).to_contain_text("not a picture")
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    chooser.set_input_files({"name": "teal.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    expect(classify.get_by_role("list", name="likeliest classes").get_by_role("listitem")).to_have_count(5)
    expect(classify.get_by_role("img", name="teal.png")).to_be_visible()
    expect(classify.get_by_text("The network sees 32×32 pixels")).to_be_visible()


def a_broken_picture_says_why_in_its_log(page: Page) -> None:
    classify = page.get_by_role("region", name="classify a picture", exact=True)
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    chooser = classify.locator("input[type=file]")
    chooser.set_input_files({"name": "half.png", "mimeType": "image/png", "buffer": file.getvalue()[:60]})
    expect(classify.get_by_role("alert")).to_contain_text("cannot be decoded")
    classify.get_by_text("Show log").click()
    expect(classify.get_by_role("log", name="log of the prediction")).to_contain_text("cannot be decoded")


def classified_pictures_are_there_after_a_reload(page: Page) -> None:
    page.reload()
    page.get_by_role("region", name="log", exact=True).scroll_into_view_if_needed()  # just below the evaluations
    classify = page.get_by_role("region", name="classify a picture", exact=True)
    pictures = classify.get_by_role("group", name="classified pictures").get_by_role("button")
    expect(pictures).to_have_count(2)
    expect(pictures.first).to_have_attribute("aria-pressed", "true")  # the newest, which is broken
    pictures.last.click()
    expect(classify.get_by_role("list", name="likeliest classes").get_by_role("listitem")).to_have_count(5)
    shown = classify.get_by_role("img", name=re.compile("^picture from"))
    wait_until(lambda: shown.evaluate("image => image.naturalWidth") == 64, 60)


def the_responses_of_several_lie_over_each_other(page: Page) -> None:
    page.get_by_role("region", name="plain and residual").scroll_into_view_if_needed()
    page.keyboard.press("End")
    responses = page.get_by_role("region", name="layer responses", exact=True)
    networks = responses.get_by_role("list", name="networks").get_by_role("listitem")
    expect(networks).to_have_count(1)
    expect(responses).to_contain_text("Not measured yet: the companion")
    responses.get_by_role("button", name="Measure 1 run").click()
    expect(networks).to_have_count(2)
    expect(responses.get_by_role("img", name=re.compile(f"Ranked: .*the companion, {LAYERS} layers"))).to_be_visible()
    # The plain network's line is dashed, the residual one's is not.
    dashes = [line.get_attribute("stroke-dasharray") for line in networks.locator("line").all()]
    assert [bool(dash) for dash in dashes] == [False, True]
    responses.get_by_text("As a table").click()
    cells = responses.get_by_role("table", name="layer responses").get_by_role("cell")
    expect(cells).to_have_count(2 * LAYERS)


def every_view_has_an_error_of_its_own(page: Page) -> None:
    form = page.get_by_role("form", name="evaluate")
    rows = page.get_by_role("table", name="evaluations").get_by_role("row")
    for nth, (views, words) in enumerate((("ten-crop", "10 crops"), ("multi-scale", "5 scales")), 1):
        form.get_by_label("Views").select_option(views)
        form.get_by_role("button", name="Evaluate").click()
        expect(rows).to_have_count(1 + nth)
        expect(rows.nth(1)).to_contain_text(words)  # the newest is the first
        expect(form.get_by_role("button", name="Evaluate")).to_have_attribute("aria-disabled", "true")
    form.get_by_role("checkbox", name="Recompute batch-norm statistics").check()
    form.get_by_role("button", name="Evaluate").click()
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("batch-norm statistics recomputed over the training images")
    for nth in (1, 2, 3):
        expect(rows.nth(nth)).to_contain_text(re.compile(r"(0|50|100)\.00 %.*2"))


def a_photograph_is_seen_at_its_centre(page: Page) -> None:
    classify = page.get_by_role("region", name="classify a picture", exact=True)
    chooser = classify.locator("input[type=file]")
    chooser.set_input_files({"name": "coral.jpg", "mimeType": "image/jpeg", "buffer": photograph("coral", 90)})
    expect(classify.get_by_role("list", name="likeliest classes").get_by_role("listitem")).to_have_count(2)
    expect(classify.get_by_text("The network sees a 224×224 crop from the centre")).to_be_visible()
    expect(classify.get_by_role("img", name="the picture as the network sees it")).to_be_visible()


def replaced_images_can_be_evaluated_again_and_a_failure_shows_its_log(page: Page) -> None:
    form = page.get_by_role("form", name="evaluate")
    form.get_by_label("Views").select_option("ten-crop")
    form.get_by_role("button", name="Evaluate").click()
    table = page.get_by_role("table", name="evaluations")
    expect(table.get_by_text("The data set has 3 classes")).to_be_visible()
    table.get_by_text("Show log").click()
    expect(table.get_by_role("log", name="log of the evaluation")).to_contain_text("3 classes")
