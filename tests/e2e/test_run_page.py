"""A run's page: the result first, what people write about the run, what it trained on, and paper for all of it."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.api import progress
from tests.e2e import sown
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in
from tests.e2e.test_first_run import screenshot
from tests.e2e.test_pages import client, visit

NOTES = "The **second** seed. [a trap](javascript:alert(1)) <img src=x onerror=alert(1)>"


@pytest.mark.timeout(600)
def test_a_finished_run_says_what_came_of_it(idle_lab: Lab, browser: Browser) -> None:
    lab = idle_lab
    with sown.database_of(lab) as database:
        worker = progress.add_worker(database)
        run = sown.ended(database, worker, sown.submission(depth=20, evaluate_every=40, iterations=400), 9.0)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: pytest.fail(f"notes were run as a script: {dialog.message}"))
    sign_in(page, lab.state["url"], lab.state["token"])
    visit(page, f"/runs/{run}")
    the_result_is_the_headline(page, lab)
    for scheme, name in (("dark", "design-run-dark"), ("light", "design-run")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        screenshot(page, name)
    what_it_trained_on_is_shown(page)
    name_tags_and_notes_are_edited(page)
    is_clean(page)
    a_chart_is_whole_on_paper(page)
    the_print_waits_for_parts_that_were_not_in_view(page)
    page.close()
    an_end_is_notified(lab, browser)


def the_result_is_the_headline(page: Page, lab: Lab) -> None:
    with client(lab) as api:
        values = api.get("/paper/tables/6").json()["values"]
    [theirs] = [v["value"] for v in values if v["network"] == "ResNet-20 A" and v["metric"] == "test error"]
    result = page.get_by_role("region", name="result")
    expect(result).to_contain_text("9.00 %")
    expect(result).to_contain_text(f"+{9 - theirs:.2f} points from the paper's {theirs:.2f} % (Table 6)")
    expect(result).to_contain_text("The run departs from the paper's protocol in 1 way.")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_role("region", name="departures from the paper")).to_contain_text("a scale of 0.00625")
    expect(page).to_have_title("ResNet-20 A · Reslab")


def what_it_trained_on_is_shown(page: Page) -> None:
    page.get_by_role("heading", name="Environment").scroll_into_view_if_needed()  # it is drawn when it comes near
    environment = page.get_by_role("table", name="environment")
    expect(environment.get_by_role("row", name="torch")).to_contain_text("2")
    expect(environment.get_by_role("row", name="device")).to_contain_text("CPU, 1 thread")
    specification = page.get_by_role("table", name="specification")
    expect(specification).to_be_hidden()
    page.get_by_text("Whole specification").click()
    expect(specification.get_by_role("row", name="momentum")).to_be_visible()


# Notes every notification, which Chromium shows all the same.
OBSERVER = """
    const Real = Notification;
    window.noted = [];
    window.Notification = class extends Real {
        constructor(title, options) { super(title, options); window.noted.push(`${title}: ${options.body}`); }
    };
"""


def an_end_is_notified(lab: Lab, browser: Browser) -> None:
    """The browser asks once, by the click; the notification comes when the run ends, and says its error."""
    request = sown.submission("the long one", depth=20, seed=7, evaluate_every=40, iterations=400)
    with browser.new_context(permissions=["notifications"]) as context, sown.database_of(lab) as database:
        claim = sown.claimed(database, progress.add_worker(database, "two"), request)
        context.add_init_script(OBSERVER)
        page = context.new_page()
        sign_in(page, lab.state["url"], lab.state["token"])
        visit(page, f"/runs/{claim.run.id}")
        page.get_by_role("button", name="Notify me").click()
        expect(page.get_by_role("button", name="Will notify")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate("noted") == []
        sown.finish(database, claim, request.spec, 8.5)
        page.wait_for_function("() => noted.length > 0")
        assert page.evaluate("noted") == ["the long one: succeeded, test error 8.50 %"]


def name_tags_and_notes_are_edited(page: Page) -> None:
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Name").fill("")
    expect(page.get_by_text("A run has a name of at least one character.")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("the second seed")
    page.get_by_role("combobox", name="Tags").fill("night")
    page.get_by_role("combobox", name="Tags").press("Enter")
    page.get_by_role("textbox", name="Notes").fill(NOTES)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="the second seed")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("night", exact=True)).to_be_visible()
    expect(page.locator("strong", has_text="second")).to_be_visible()
    assert page.locator("[onerror], a[href^=javascript]").count() == 0


def a_chart_is_whole_on_paper(page: Page) -> None:
    """The sheet is narrower than the screen: its right end still has the last tick of the axis."""
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins, at 96 pixels per inch
    chart = page.get_by_role("img", name=re.compile("^Error curves"))
    box = chart.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 718
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert min(Image.open(BytesIO(chart.screenshot())).convert("L").tobytes()) < 128  # it is drawn
    expect(page.get_by_role("button", name="Delete")).to_be_hidden()


def the_print_waits_for_parts_that_were_not_in_view(page: Page) -> None:
    """What is fetched when the reader scrolls near it was missing on paper."""
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 400})
    page.reload()
    expect(page.get_by_role("img", name=re.compile("^Error curves"))).to_be_visible()
    layers = page.get_by_role("table", name="layers")
    expect(layers).to_have_count(0)
    pending = "document.querySelectorAll('[role=status][aria-label^=loading]').length"
    # In a function that returns nothing: Playwright calls a function that an expression returns.
    page.evaluate(f"() => {{ window.print = () => {{ window.printed = {{ pending: {pending} }} }} }}")
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed")
    expect(layers).to_have_count(1)
    assert page.evaluate("window.printed.pending") == 0
