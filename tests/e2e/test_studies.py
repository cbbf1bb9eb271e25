"""A study in the browser: from its recipe to a page that fills in, a verdict with its reasons, a certificate."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.http.dashboard import DIST
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES
from tests.api.conftest import served
from tests.api.injected import Injector
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in, wait_until
from tests.e2e.test_pages import visit

# The smallest of Table 6, for 6 iterations of digits: half a minute on one busy core.
NETWORK, SCALE, SEEDS = "ResNet-20 A", "0.0001", 2
TRAINS_MS = 300_000  # a guess at the slowest machine; the limit of a wait, not a measurement


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_study_from_its_recipe_to_its_certificate(lab: Lab, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, lab.state["url"], lab.state["token"])
    page.get_by_role("link", name="Studies").click()
    expect(page.get_by_role("heading", name="No studies yet")).to_be_visible()
    is_clean(page)
    write(page)
    is_clean(page)
    page.get_by_role("button", name="Start study").click()
    page.wait_for_url(re.compile(r"/studies/[0-9a-f-]{36}$"))
    fills_while_it_trains(page)
    a_phone_shows_the_verdict_and_the_error(page)
    a_verdict_says_why_it_is_not_comparable(page)
    is_clean(page)
    certificate_holds(page, tmp_path)
    title = page.get_by_role("heading", level=1).inner_text()
    for path in ("/studies", "/paper/claims"):
        visit(page, path)
        expect(page.get_by_role("link", name=title).first).to_be_visible()
        is_clean(page)
    goes_with_its_runs(page, lab, title)


def test_evaluation_on_other_data_is_marked_and_fills_no_cell(
    settings: Settings, database: Database, objects: Objects, browser: Browser, tmp_path: Path
) -> None:
    token, injector = keys.new_token(), Injector(database, objects, tmp_path)
    with database.transaction() as session:
        keys.create(session, token, name="test", owner="ann", scopes=SCOPES)
    app = create_app(settings.model_copy(update={"study_look_s": 0.05}), DIST)
    with served(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        body = {"recipe": "table-2", "networks": ["plain-18", "ResNet-18 A"], "dataset": "imagenet", "scale": 0.0001}
        study = client.post("/api/v1/studies", json=body).raise_for_status().json()["id"]
        injector.end(2)
        wait_until(lambda: len(client.get("/api/v1/queue").json()["waiting"]) == 2, 60)
        for is_same in (True, False):
            injector.examine(1, lambda _: 28.0, is_same_data=is_same)
        page = browser.new_page(base_url=url)
        sign_in(page, url, token)
        page.goto(f"/studies/{study}")
        rows = page.get_by_role("table", name="evaluations of the study").get_by_role("row")
        expect(rows.filter(has_text="28.00 %")).to_have_count(2)
        expect(rows.filter(has_text="▲ This used images other than those its runs were trained on")).to_have_count(1)
        table = page.get_by_role("table", name="Table 2, your results beside the paper's")
        expect(table.get_by_label(re.compile("^your result: 28.00"))).to_have_count(1)
        expect(table.get_by_label("your result: ", exact=True)).to_have_count(1)
        is_clean(page)
        page.close()


def write(page: Page) -> None:
    """Starts from the recipe's page and shrinks the study until a test can wait for it."""
    page.get_by_role("link", name="Choose a recipe").click()
    page.get_by_role("link", name="table-6", exact=True).click()
    page.get_by_role("link", name="New study").click()
    plan = page.get_by_role("region", name="plan")
    expect(plan).to_contain_text("Runs to train18")
    for other in ("32", "44", "56", "110", "1202"):
        page.get_by_role("checkbox", name=f"ResNet-{other} A", exact=True).uncheck()
    page.get_by_label("Seeds").fill(str(SEEDS))
    page.get_by_label("Scale").fill("2")
    expect(page.get_by_text("scale must be at most 1, not 2.").first).to_be_visible()
    page.get_by_label("Scale").fill(SCALE)
    page.get_by_role("combobox", name="Data set").click()
    page.get_by_role("option", name="digits").click()
    expect(plan).to_contain_text(f"Runs to train{SEEDS}")
    expect(plan.get_by_role("list", name="findings")).to_contain_text("The paper uses CIFAR-10; this run uses digits.")


def fills_while_it_trains(page: Page) -> None:
    """Without a reload, the runs progress and the table gets its numbers."""
    table = page.get_by_role("table", name="Table 6, your results beside the paper's")
    row = table.get_by_role("row", name=re.compile("^ResNet-20"))
    expect(row).to_contain_text("8.75")
    expect(row).to_contain_text("…")
    runs = page.get_by_role("table", name="runs of the study")
    expect(runs.get_by_text("succeeded")).to_have_count(1, timeout=TRAINS_MS)
    expect(row).not_to_contain_text("…")
    expect(runs.get_by_text("succeeded")).to_have_count(SEEDS, timeout=TRAINS_MS)
    expect(page.get_by_role("main").get_by_text("ended", exact=True)).to_be_visible(timeout=30_000)
    expect(row).to_contain_text(re.compile(r"\d\.\d\d \(\d+\.\d\d±\d+\.\d\d\)"))
    chart = page.get_by_role("img", name=re.compile("^Error curves of the study"))
    expect(chart).to_have_attribute("aria-label", re.compile(f"{NETWORK}, test"))


def a_phone_shows_the_verdict_and_the_error(page: Page) -> None:
    """Without scrolling sideways, which nobody does who doesn't know what is there."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 390, "height": 800})
    table = page.get_by_role("table", name="Table 6, your results beside the paper's")
    row = table.get_by_role("row", name=re.compile("^ResNet-20"))
    for shown in (row.get_by_text("not comparable"), row.get_by_label(re.compile("^your result: "))):
        box = shown.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    for name in ("runs of the study", "networks of the study"):
        wide = page.get_by_role("table", name=name).evaluate(
            "table => table.scrollWidth - table.parentElement.clientWidth"
        )
        assert wide <= 0, name
    page.set_viewport_size(size)


def a_verdict_says_why_it_is_not_comparable(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^not comparable: show the arithmetic")).first.click()
    verdict = page.get_by_role("region", name=f"verdict on {NETWORK}")
    expect(verdict).to_contain_text("The paper uses CIFAR-10; this run uses digits.")
    expect(verdict).to_contain_text("The paper trains for 64,000; this run for 6")
    expect(page).to_have_url(re.compile("cell="))


def certificate_holds(page: Page, folder: Path) -> None:
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download certificate").click()
    file = folder / downloading.value.suggested_filename
    downloading.value.save_as(file)
    command = (
        page.get_by_role("group", name="commands to verify the certificate")
        .locator("code")
        .inner_text()
        .splitlines()[-1]
    )
    fingerprint = re.search(r'--fingerprint "(.*)"', command)
    assert fingerprint, command
    assert file.name in command
    verify = [str(Path(sys.executable).with_name("reslab")), "verify", str(file), "--fingerprint", fingerprint[1]]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not comparable" in done.stdout


def goes_with_its_runs(page: Page, lab: Lab, title: str) -> None:
    """The dialog says what will be deleted; then the study and its runs are gone."""
    visit(page, "/studies")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Delete {title}?")
    expect(dialog).to_contain_text("All runs are kept")
    dialog.get_by_role("checkbox", name=f"Also delete the {SEEDS} runs made for this study").check()
    expect(dialog).not_to_contain_text("All runs are kept")
    dialog.get_by_role("button", name="Delete permanently").click()
    page.wait_for_url(re.compile("/studies$"))
    expect(page.get_by_role("heading", name="No studies yet")).to_be_visible()
