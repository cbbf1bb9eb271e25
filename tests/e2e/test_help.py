"""What a newcomer clicks: the help with its search, and the links of docs/what-to-try.md, which fill the form."""

import pytest
from playwright.sync_api import Browser, Page, expect

from api.admin.site import SITE
from tests.e2e.conftest import Lab, sign_in
from tests.e2e.test_pages import visit
from tests.reslab.test_what_to_try import PAGE, links, spec_of
from trainer import plan


@pytest.fixture
def page(idle_lab: Lab, browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=idle_lab.state["url"])
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    return page


@pytest.mark.skipif(not SITE.is_dir(), reason="`make site` builds it")
def test_the_help_is_a_click_away_and_its_search_finds_a_field(page: Page) -> None:
    page.get_by_role("link", name="Help").first.click()
    expect(page.get_by_role("heading", name="Reslab", level=1)).to_be_visible()
    page.get_by_role("textbox", name="Search").first.fill("until_train_error")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="The specification of a run").first.click()
    expect(page.get_by_role("heading", name="warmup.until_train_error")).to_be_visible()


@pytest.mark.long
def test_each_link_of_what_to_try_fills_the_form(page: Page) -> None:
    for draft in links(PAGE):
        spec = spec_of(draft)
        visit(page, "/new?" + "&".join(f"{name}={value}" for name, value in draft.items()))
        expect(page.get_by_role("textbox", name="Depth")).to_have_value(draft["depth"])
        expect(page.get_by_role("textbox", name="Iterations")).to_have_value(draft["iterations"])
        expect(page.get_by_role("combobox", name="Data set")).to_have_value("digits")
        expect(page.get_by_role("region", name="plan")).to_contain_text(f"{plan.plan(spec).parameters:,}")
        expect(page.get_by_role("button", name="Start run")).to_be_enabled()
