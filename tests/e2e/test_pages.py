"""Every page is accessible, fits a phone, and shows what people wrote as text; the paper's tables are as printed."""

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from itertools import cycle
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.api import progress
from tests.e2e import sown
from tests.e2e.clean import LOOKS, Look, is_clean
from tests.e2e.conftest import Lab, sign_in

# A name that is a formula to a spreadsheet and a script to a careless page.
TRAP = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"
# Examples for each address with a variable part; all other addresses are visited as they are.
EXAMPLES = {
    "/new": ["/new", "/new?recipe=figure-6-resnet&depth=110&shortcut=A&dataset=cifar10"],
    "/runs/$runId": ["/runs/{ended}", "/runs/{gone}", "/runs/{queued}", "/runs/{queued}?preset=fig6&marks=true"],
    "/compare": ["/compare", "/compare?run={ended}&run={queued}"],
    "/studies/$studyId": ["/studies/{study}"],
    "/paper/tables/$number": ["/paper/tables/6?cell=table-6:ResNet-110:error"],
    "/paper/figures/$number": ["/paper/figures/6", "/paper/figures/4", "/paper/figures/1"],
    "/paper/recipes/$name": ["/paper/recipes/table-6"],
}
CSVS = ["/runs/{ended}/curves.csv", "/curves/export?run={ended}&run={queued}", "/studies/{study}/table.csv"]
EMPTY = ["/", "/?text=nothing", "/queue", "/studies"]
# The page of the address is drawn, not the one before it.
ARRIVED = """() => {
    const { status, location, resolvedLocation } = __TSR_ROUTER__.state;
    return status === "idle" && resolvedLocation?.href === location.href;
}"""
SIZE = ViewportSize(width=1280, height=900)
# One page is seen on a phone, the next one on a wide and dark screen; the long form sees each in the other three looks.
ONE, OTHERS = (LOOKS[:1], LOOKS[3:]), (LOOKS[1:], LOOKS[:3])


@pytest.mark.timeout(1200)
def test_every_page(idle_lab: Lab, browser: Browser) -> None:
    lab, page = idle_lab, opened(idle_lab, browser)
    looks = cycle(ONE)
    for path in EMPTY:
        fits(page, path, next(looks))
    a_number_of_the_paper_leads_to_its_test(page)
    every_number_of_the_tables_is_on_its_page(page, lab)
    ids = write_traps(lab)
    page.reload()  # what it has shown as empty, it may remember
    titles = {}
    for path in addresses(page):
        fits(page, path.format_map(ids), next(looks))
        titles[path.partition("?")[0].rstrip("/")] = page.title()
    each_page_has_a_title_of_its_own(titles)
    a_data_set_says_why_it_shows_no_images(page)
    an_old_link_keeps_its_valid_parts(page, lab, ids)
    no_downloaded_table_has_a_formula(page, lab, ids)
    page.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_every_page_in_its_other_looks(idle_lab: Lab, browser: Browser) -> None:
    page, looks = opened(idle_lab, browser), cycle(OTHERS)
    for path in EMPTY:
        fits(page, path, next(looks))
    ids = write_traps(idle_lab)
    page.reload()
    for path in addresses(page):
        fits(page, path.format_map(ids), next(looks))
    page.close()


def opened(lab: Lab, browser: Browser) -> Page:
    """The dashboard, signed in, on a page that runs nothing that was typed."""
    page = browser.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"what was typed was run as a script: {dialog.message}"))
    sign_in(page, lab.state["url"], lab.state["token"])
    return page


def fits(page: Page, path: str, looks: Sequence[Look]) -> None:
    """The page is accessible, and shows what people wrote as text."""
    page.set_viewport_size(SIZE)
    visit(page, path)
    assert page.locator("[onerror]").count() == 0, f"{path} made an element of what was typed"
    is_clean(page, looks, looks)


def each_page_has_a_title_of_its_own(titles: dict[str, str]) -> None:
    """Pages of runs and studies have their names, which may be alike."""
    own = [title for path, title in titles.items() if "{" not in path]
    assert all(title.endswith(" · Reslab") for title in own), titles
    assert len(set(own)) == len(own) > 20, titles


def a_data_set_says_why_it_shows_no_images(page: Page) -> None:
    visit(page, "/datasets")
    page.get_by_text("Sample images of digits").click()
    expect(page.get_by_label("sample images of digits").get_by_role("definition")).to_have_count(10)
    expect(page.get_by_text("Sample images will appear here after the first run on cifar10:")).to_be_visible()


def an_old_link_keeps_its_valid_parts(page: Page, lab: Lab, ids: dict[str, str]) -> None:
    page.goto(f"{lab.state['url']}/?colour=red&status=dreaming")
    expect(page.get_by_role("table", name="runs")).to_be_visible()
    page.goto(f"{lab.state['url']}/runs/{ids['ended']}?from=-3&to=abc&preset=fig9&colour=red")
    expect(page.get_by_role("img", name=re.compile("^Error curves"))).to_be_visible()
    page.goto(f"{lab.state['url']}/runs/none")
    expect(page.get_by_role("heading", name="There is no run at this address")).to_be_visible()


def no_downloaded_table_has_a_formula(page: Page, lab: Lab, ids: dict[str, str]) -> None:
    with client(lab) as api:
        for path in CSVS:
            computes_nothing(api.get(path.format_map(ids)).raise_for_status().text)
        figure = ElementTree.fromstring(api.get(f"/studies/{ids['study']}/figure.svg").text)  # noqa: S314 (ours)
        assert TRAP in "".join(figure.itertext())
    visit(page, "/compare?run={ended}&run={queued}".format_map(ids))
    with page.expect_download() as downloading:
        page.get_by_role("button", name="save as CSV").click()
    text = Path(downloading.value.path()).read_text()
    assert TRAP in text
    computes_nothing(text)


def addresses(page: Page) -> list[str]:
    """The address of every page, from the dashboard's own list of routes, so that none is left out."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    routes: list[str] = page.evaluate("Object.keys(__TSR_ROUTER__.routesByPath)")
    assert len(routes) > 15, routes
    paths = [path for route in sorted(routes) for path in EXAMPLES.get(route, [route])]
    assert not (missing := [path for path in paths if "$" in path]), f"EXAMPLES has none of {missing}"
    return paths


def write_traps(lab: Lab) -> dict[str, str]:
    """Writes the trap wherever people can write: names, tags, notes, logs. Returns the ids."""
    request, other = (
        replace(sown.submission(TRAP, (TRAP[:40],), depth=20, seed=seed, evaluate_every=40), notes=TRAP, project=TRAP)
        for seed in (0, 1)
    )
    with sown.database_of(lab) as database, client(lab) as api:
        worker = progress.add_worker(database, TRAP)
        ended = sown.ended(database, worker, request, 9.0, log=f"{TRAP}\nError: {TRAP}\n")
        [queued] = sown.queued(database, [other])
        study = api.post(
            "/studies", json={"recipe": "figure-1", "name": TRAP, "seeds": 1, "scale": 0.005, "dataset": "digits"}
        )
        ids = {"gone": uuid4(), "ended": ended, "queued": queued, "study": study.raise_for_status().json()["id"]}
        return {name: str(row_id) for name, row_id in ids.items()}


def computes_nothing(text: str) -> None:
    """Every cell is a number, or text that a spreadsheet doesn't take for a formula."""
    rows = list(csv.reader(StringIO(text)))
    assert len(rows) > 1
    formulas = [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in formulas if not re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)] == []


def client(lab: Lab) -> httpx.Client:
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=headers)


def a_number_of_the_paper_leads_to_its_test(page: Page) -> None:
    page.get_by_role("link", name="Paper").click()
    page.get_by_role("link", name="Error on the CIFAR-10 test set").click()
    page.get_by_role("link", name="6.43 (6.61±0.16)").click()
    detail = page.get_by_role("region", name="table-6:ResNet-110:error")
    expect(detail).to_contain_text("best of 5 runs")
    expect(page).to_have_url(re.compile(r"/paper/tables/6\?cell=table-6%3AResNet-110%3Aerror$"))
    detail.get_by_role("link", name="table-6").click()
    page.get_by_role("row", name="ResNet-110 A").get_by_role("link", name="New run").click()
    expect(page.get_by_label("Depth")).to_have_value("110")


def every_number_of_the_tables_is_on_its_page(page: Page, lab: Lab) -> None:
    with client(lab) as api:
        for number in (table["number"] for table in api.get("/paper/tables").json()["items"]):
            printed = [value["printed"] for value in api.get(f"/paper/tables/{number}").json()["values"]]
            visit(page, f"/paper/tables/{number}")
            links = page.get_by_role("table").get_by_role("link")
            expect(links).to_have_count(len(printed))
            assert sorted(links.all_inner_texts()) == sorted(printed)


def visit(page: Page, path: str) -> None:
    """Goes there as a link does, which takes half the time of loading the dashboard and axe again."""
    page.evaluate("href => __TSR_ROUTER__.navigate({ href })", path)
    page.wait_for_function(ARRIVED)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[role=status][aria-label^=loading]")).to_have_count(0)
