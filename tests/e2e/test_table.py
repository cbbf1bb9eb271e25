"""A table of ten thousand runs: scroll, search, filter, sort, choose columns, tag and delete."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from store.runs.columns import COMPARED
from tests.api import progress
from tests.e2e import sown
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in
from tests.e2e.keyboard import press

COUNT = 10_000
TRAP = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_one_run_among_ten_thousand(idle_lab: Lab, browser: Browser) -> None:
    with sown.database_of(idle_lab) as database:
        worker = progress.add_worker(database)
        sown.ended(database, worker, sown.submission(TRAP, ("table 6",), depth=56, shortcut="B"), 7.0)
        sown.ended(database, worker, sown.submission("needle", depth=20, shortcut="none"), 9.0)
        [first] = sown.queued(database, [sown.submission("run 0", depth=20)])
        sown.copy(database, first, COUNT - 3)
    page = browser.new_page(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    page.on("dialog", lambda dialog: pytest.fail(f"a name was run as a script: {dialog.message}"))
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    a_scroll_fetches_rows(page)
    search_and_filters_find_a_run(page)
    conditions_on_any_column_find_a_run(page)
    the_form_knows_the_columns_of_the_api(page)
    the_server_sorts(page)
    chosen_columns_are_remembered(page)
    groups_and_points_show_the_same_runs(page, "ResNet-56 B", "7.00 n = 1", 2)
    narrow_screens_show_name_state_and_error(page)
    column_widths_are_remembered(page)
    runs_are_tagged_and_deleted(page)
    the_keyboard_alone_finds_a_run(page)
    is_clean(page)
    page.close()


def rows(page: Page) -> Locator:
    return page.locator("tr[data-row]")


def a_scroll_fetches_rows(page: Page) -> None:
    table = page.get_by_role("table", name="runs")
    expect(table).to_have_attribute("aria-rowcount", str(COUNT + 1))
    expect(rows(page).first).to_be_visible()
    page.get_by_role("region", name="runs, scrollable").evaluate("element => { element.scrollTop = 52 * 450 }")
    expect(page.locator("tr[data-row='455']")).to_be_visible()  # on the fifth page, after the four pages before it
    assert rows(page).count() < 60, "rows out of sight are drawn"


def search_and_filters_find_a_run(page: Page) -> None:
    page.get_by_label("search runs").fill("needl")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("needle")
    expect(rows(page).locator("polyline")).to_be_visible()
    page.get_by_label("search runs").fill("")
    page.get_by_label("shortcut", exact=True).select_option("B")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).get_by_role("link", name=TRAP, exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"shortcut=B"))
    page.go_back()  # undoes a choice, and a whole search at once
    expect(page.get_by_label("shortcut", exact=True)).to_have_value("")
    page.get_by_label("search runs").press_sequentially("needle")
    expect(rows(page)).to_have_count(1)
    page.go_back()
    expect(page.get_by_label("search runs")).to_have_value("")


def conditions_on_any_column_find_a_run(page: Page) -> None:
    """By keyboard alone. The address holds the conditions; one on a column that no longer exists is left out."""
    add, conditions = page.get_by_role("button", name="Filter…"), page.get_by_role("button", name="remove the filter")
    column = page.get_by_label("column", exact=True)
    press(add)
    expect(column).to_be_focused()
    page.keyboard.type("Test e")
    press(page.get_by_label("value", exact=True), "7")
    page.keyboard.type(".5")
    page.keyboard.press("Enter")
    expect(conditions).to_have_count(1)
    expect(page.get_by_text("test error < 7.5")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    expect(add).to_be_focused()
    page.keyboard.press("Enter")
    expect(column).to_be_focused()
    page.keyboard.type("Seed")
    press(page.get_by_label("value", exact=True), "x")
    page.keyboard.press("Enter")
    expect(page.get_by_text("seed must be compared with a whole number, not with x")).to_be_visible()
    page.keyboard.press("Backspace")
    page.keyboard.type("0")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")  # ≥
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(conditions).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?where=test_error%3C7\.5&where=seed%3E%3D0$"))
    page.goto(page.url.replace("seed", "gone"))
    expect(conditions).to_have_count(1)
    expect(rows(page)).to_have_count(1)
    press(conditions)
    expect(page.get_by_role("table", name="runs")).to_have_attribute("aria-rowcount", str(COUNT + 1))
    expect(page).not_to_have_url(re.compile("where"))
    expect(add).to_be_focused()


def the_form_knows_the_columns_of_the_api(page: Page) -> None:
    page.get_by_role("button", name="Filter…").click()
    column, value = page.get_by_label("column", exact=True), page.get_by_label("value", exact=True)
    expect(column).to_be_visible()
    assert set(values(column)) == set(COMPARED)
    for name, compared in COMPARED.items():
        column.select_option(name)
        if compared.choices or compared.kind is bool:
            assert values(value) == list(compared.choices or ("true", "false")), name
        else:
            expect(value).to_have_js_property("tagName", "INPUT")
    page.keyboard.press("Escape")


def values(select: Locator) -> list[str]:
    texts: list[str] = select.locator("option").evaluate_all("options => options.map(({ value }) => value)")
    return texts


def the_server_sorts(page: Page) -> None:
    page.get_by_role("button", name="Test error").click()
    head = page.get_by_role("columnheader", name="Test error")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).nth(0)).to_contain_text("7.00")
    page.get_by_role("button", name="Test error").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(rows(page).nth(0)).to_contain_text("9.00")
    page.go_back()  # undoes
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.go_forward()
    expect(head).to_have_attribute("aria-sort", "descending")
    page.reload()
    expect(rows(page).nth(0)).to_contain_text("9.00")
    page.goto(page.url.split("?")[0] + "?sort=-seed")
    expect(rows(page).nth(0)).to_contain_text(f"seed {COUNT - 3}")


def groups_and_points_show_the_same_runs(page: Page, network: str, error: str, count: int) -> None:
    """Of the runs that have succeeded; a view is saved under a name and opened again."""
    page.goto(page.url.split("?")[0] + "?status=succeeded")
    form = page.get_by_role("radiogroup", name="form of the list")
    form.get_by_text("Groups").click()
    row = page.get_by_role("table", name="groups of runs").get_by_role("row", name=network)
    expect(row).to_contain_text(error)
    page.get_by_label("Group by").select_option("shortcut")
    expect(page).to_have_url(re.compile("view=groups&by=shortcut"))
    form.get_by_text("Scatter").click()
    points = page.get_by_role("figure", name=re.compile("^test error")).get_by_role("link")
    expect(points).to_have_count(count)
    page.get_by_label("Across").select_option("parameters")
    page.get_by_role("button", name="Views").click()
    page.get_by_label("name of the view").fill("by size")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("button", name="by size", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    form.get_by_text("Table").click()
    expect(page.get_by_role("table", name="runs")).to_be_visible()
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="by size", exact=True).click()
    expect(page).to_have_url(re.compile("x=parameters"))
    expect(points).to_have_count(count)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.goto(page.url.split("?")[0] + "?status=succeeded")


def narrow_screens_show_name_state_and_error(page: Page) -> None:
    """Also at 200 % zoom, where a screen of 1280 pixels has 640. At 1024 the test error is the first column."""
    table = page.get_by_role("table", name="runs")
    row = table.get_by_role("row").filter(has_text="needle")
    for width in (390, 640):
        page.set_viewport_size({"width": width, "height": 900})
        for text in ("needle", "succeeded", "9.00"):
            box = row.get_by_text(text).first.bounding_box()
            assert box is not None, (width, text)
            assert box["x"] + box["width"] <= width, (width, text)
    page.set_viewport_size({"width": 1024, "height": 900})
    expect(table.get_by_role("columnheader").nth(2)).to_contain_text("Test error")
    page.set_viewport_size({"width": 1280, "height": 900})


def column_widths_are_remembered(page: Page) -> None:
    edge = page.get_by_role("separator", name="width of State")
    expect(edge).to_have_attribute("aria-valuenow", "248")
    edge.focus()
    page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "264")
    box = edge.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 6, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 46, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(edge).to_have_attribute("aria-valuenow", "304")
    page.reload()
    expect(edge).to_have_attribute("aria-valuenow", "304")
    assert page.get_by_role("columnheader", name="State").evaluate("head => head.offsetWidth") == 304
    edge.focus()
    page.keyboard.press("Enter")
    expect(edge).to_have_attribute("aria-valuenow", "248")


def chosen_columns_are_remembered(page: Page) -> None:
    page.get_by_label("status", exact=True).select_option("succeeded")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Tags").check()
    page.get_by_role("checkbox", name="Training error").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    heads = page.get_by_role("table", name="runs").get_by_role("columnheader")
    expect(heads.get_by_text("Tags")).to_be_visible()
    expect(heads.get_by_text("Training error")).to_have_count(0)
    page.get_by_label("Show differing fields only").check()
    expect(heads.get_by_text("Depth")).to_be_visible()
    expect(heads.get_by_text("Momentum")).to_have_count(0)
    page.get_by_label("Show differing fields only").uncheck()


def runs_are_tagged_and_deleted(page: Page) -> None:
    boxes = page.get_by_role("checkbox", name=re.compile("^select (?!all)"))
    boxes.nth(0).click()
    boxes.nth(1).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="selected runs")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Tag").click()
    page.get_by_role("textbox", name="Tag").fill("night")
    page.get_by_role("button", name="Add tag").click()
    expect(rows(page).get_by_text("night")).to_have_count(2)
    they_are_archived_and_brought_back(page)
    boxes.nth(0).click()
    expect(bar).to_contain_text("1 selected")
    bar.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("curves (400 iterations)")
    expect(dialog).to_contain_text(re.compile(r"1 file \(\d+(\.\d)? kB\)"))
    dialog.get_by_role("button", name="Delete permanently").click()
    expect(rows(page)).to_have_count(1)
    expect(bar).to_have_count(0)


def they_are_archived_and_brought_back(page: Page) -> None:
    """The two selected runs, which are all that the filter lets through."""
    bar, status = page.get_by_role("region", name="selected runs"), page.get_by_label("status", exact=True)
    bar.get_by_role("button", name="Archive").click()
    expect(bar).to_have_count(0)
    expect(rows(page)).to_have_count(0)
    status.select_option("archived")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("checkbox", name="select all").click()
    bar.get_by_role("button", name="Bring back").click()
    expect(rows(page)).to_have_count(0)
    status.select_option("succeeded")
    expect(rows(page)).to_have_count(2)


def the_keyboard_alone_finds_a_run(page: Page) -> None:
    """The list is sorted and searched, a run opened, and Back returns to the list as it was."""
    page.goto(page.url.partition("?")[0])
    expect(rows(page).first).to_be_visible()
    press(page.get_by_role("button", name="Created"))
    expect(page.get_by_role("columnheader", name="Created")).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("/")
    page.keyboard.type("run 7341")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Enter")  # leaves the field, in which j would be a letter
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="run 7341")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("search runs")).to_have_value("run 7341")
