"""The pages around the runs: the paper as printed, and every page clean by axe and fit for a phone."""

import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Lab

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = [
    "/",
    "/new",
    "/new?recipe=figure-6-resnet&depth=110&shortcut=A&dataset=cifar10",
    "/datasets",
    "/queue",
    "/paper",
    "/paper/tables/6?cell=table-6:ResNet-110:error",
    "/paper/figures",
    "/paper/text",
    "/paper/claims",
    "/paper/recipes",
    "/paper/recipes/table-6",
    "/paper/rules",
    "/paper/references",
]


@pytest.mark.timeout(600)
def test_the_pages_around_the_runs(lab: Lab, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{lab.state['url']}/login?token={lab.state['token']}")
    a_number_of_the_paper_leads_to_its_test(page)
    every_number_of_the_tables_is_on_its_page(page, lab)
    for path in PAGES:
        visit(page, lab, path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert complaints(page) == [], f"{path} in {scheme}"
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{path} is wider than a phone"
        for link in page.get_by_role("navigation", name="pages").get_by_role("link").all():
            expect(link).to_be_in_viewport(ratio=1)
        page.set_viewport_size({"width": 1280, "height": 900})


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
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1/paper", headers=headers, timeout=30) as api:
        for number in (table["number"] for table in api.get("/tables").json()["items"]):
            printed = [value["printed"] for value in api.get(f"/tables/{number}").json()["values"]]
            visit(page, lab, f"/paper/tables/{number}")
            links = page.get_by_role("table").get_by_role("link")
            expect(links).to_have_count(len(printed))
            assert sorted(links.all_inner_texts()) == sorted(printed)


def visit(page: Page, lab: Lab, path: str) -> None:
    page.goto(lab.state["url"] + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[role=status][aria-label^=loading]")).to_have_count(0)


def complaints(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, each with the place."""
    page.evaluate(AXE.read_text())  # by the debugger's way in, which the page's policy does not bar
    found = page.evaluate(f"axe.run({{runOnly: {json.dumps(WCAG)}}}).then(({{violations}}) => violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
