"""A run from a recipe of the paper, by keyboard alone: form, plan, network, and the run's page."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in


@pytest.fixture
def lab(idle_lab: Lab) -> Lab:
    return idle_lab


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_recipe_becomes_a_run_by_keyboard_alone(lab: Lab, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, lab.state["url"], lab.state["token"])
    page.goto(f"{lab.state['url']}/new")
    it_opens_with_four_choices_and_the_plan(page)
    chooses(page, "Recipe from the paper", "table-3")
    chooses(page, "Network in the recipe", "ResNet-50 B")
    shows_the_recipes_network(page)
    fields_have_the_papers_sentences(page, lab)
    the_parts_of_a_schedule_are_written(page)
    types(page, "Depth", "51")
    expect(page.get_by_text("depth must be 18, 34, 50, 101 or 152").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Depth")).to_have_attribute("aria-invalid", "true")
    page.goto(f"{lab.state['url']}/new?dataset=gone&depth=7")
    expect(page.get_by_text("There is no data set named gone.")).to_be_visible()  # beside the other errors
    expect(page.get_by_role("textbox", name="Depth")).to_have_attribute("aria-invalid", "true")
    page.goto(f"{lab.state['url']}/new?recipe=figure-6-resnet&depth=20&shortcut=A&dataset=cifar10")
    chooses(page, "Data set", "digits")
    types(page, "Iterations", "20")
    page.get_by_role("button", name="Start run").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    the_runs_page_has_the_network(page)


def it_opens_with_four_choices_and_the_plan(page: Page) -> None:
    """The rest is folded, and the button is in sight."""
    for label in ("Depth", "Shortcut", "Data set", "Iterations"):
        expect(page.get_by_label(label, exact=True).first).to_be_visible()
    expect(page.get_by_label("Momentum", exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="Plan")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Start run")).to_be_in_viewport()


def chooses(page: Page, label: str, text: str) -> None:
    """Types into a list and takes the first option that is left."""
    page.get_by_role("combobox", name=label).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def types(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def shows_the_recipes_network(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"recipe=table-3"))
    layers = page.get_by_role("region", name="plan").get_by_role("table", name="layers")
    expect(layers.get_by_role("row", name=re.compile("^layer4 7×7"))).to_contain_text("1×1, 2048")
    expect(page.get_by_role("img", name=re.compile("4 stages of blocks, 4 projection, 12 identity"))).to_be_visible()


def fields_have_the_papers_sentences(page: Page, lab: Lab) -> None:
    """The sentences of the chosen family, word for word as the API serves them."""
    with httpx.Client(base_url=lab.state["url"], headers={"Authorization": f"Bearer {lab.state['token']}"}) as api:
        fields: list[dict[str, Any]] = api.get("/api/v1/paper/fields").json()["items"]
    expect(page.get_by_role("textbox", name="Momentum")).to_be_hidden()  # four choices are in sight, all else is folded
    page.get_by_role("button", name="More fields").focus()
    page.keyboard.press("Enter")
    sentences = [field["imagenet"]["text"] for field in fields if field["imagenet"]]
    expect(page.get_by_role("main").get_by_text(sentences[0]).first).to_be_hidden()  # behind its section's mark
    page.evaluate("document.querySelectorAll('form details').forEach(mark => { mark.open = true })")
    for text in sentences:
        expect(page.get_by_role("main").get_by_text(text).first).to_be_visible()


def the_parts_of_a_schedule_are_written(page: Page) -> None:
    """ImageNet's is a plateau (sec. 3.4), which has a patience and no iterations."""
    patience = page.get_by_role("textbox", name="Patience")
    types(page, "Patience", "0")
    expect(patience).to_have_attribute("aria-invalid", "true")
    types(page, "Patience", "3")
    expect(patience).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("curl command", exact=True)).to_contain_text('"schedule":{"kind":"plateau","patience":3}')


def the_runs_page_has_the_network(page: Page) -> None:
    network = page.get_by_role("region", name="network", exact=True)
    network.scroll_into_view_if_needed()
    expect(network.get_by_role("row", name=re.compile("^layer3 8×8"))).to_contain_text("1 padding, 2 identity")
    expect(network.get_by_role("img")).to_have_attribute("aria-label", re.compile("2 padding, 7 identity shortcuts"))
    is_clean(page)
