"""A comparison of plain and residual networks: by keyboard alone, with curves, differences, and tables to copy."""

import re
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api import progress
from tests.drawn import curves, words
from tests.e2e import sown
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in, wait_until
from tests.e2e.keyboard import press

TRAP = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"


@pytest.mark.long
@pytest.mark.timeout(900)
def test_plain_and_residual_are_compared(idle_lab: Lab, browser: Browser) -> None:
    with sown.database_of(idle_lab) as database:
        worker = progress.add_worker(database)
        for shortcut, error in [("none", 9.0), ("A", 8.0)]:
            for seed in (0, 1):
                request = sown.submission(depth=20, shortcut=shortcut, seed=seed, evaluate_every=40)
                sown.ended(database, worker, request, error + seed)
        sown.ended(database, worker, sown.submission(TRAP, depth=56, evaluate_every=40, lr=0.05), 7.5)
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a name was run as a script: {dialog.message}"))
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    by_keyboard_alone(page, 5)
    the_differences_are_read(page)
    curves_are_compared_with_a_run(page)
    the_curves_lie_over_each_other(page)
    the_legend_hides_isolates_and_colours(page)
    hovering_lifts_a_curve(page)
    the_service_draws_what_the_screen_shows(page)
    a_phone_shows_the_chart_and_every_last_value(page)
    the_papers_layout_has_means_over_seeds(page)
    the_table_is_copied_as_text(page)
    a_link_shows_the_same_in_a_fresh_profile(page, browser, idle_lab)
    is_clean(page)
    one_click_lays_the_runs_into_the_papers_figure(page, idle_lab)
    a_link_of_too_many_leads_to_the_others(page, idle_lab)
    context.close()


def by_keyboard_alone(page: Page, count: int) -> None:
    """From the list to the comparison; keys typed into a field are no shortcuts."""
    expect(page.get_by_role("table", name="runs").get_by_text("succeeded")).to_have_count(count)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("compare the selected runs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("xjc")
    expect(page.get_by_label("search runs")).to_have_value("xjc")
    expect(page.get_by_text("No runs match")).to_be_visible()
    page.get_by_label("search runs").fill("")
    expect(page.get_by_role("table", name="runs").get_by_text("succeeded")).to_have_count(count)
    page.get_by_label("search runs").blur()
    for _ in range(count):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.get_by_role("region", name="selected runs")).to_contain_text(f"{count} selected")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name=f"{count} runs compared")).to_be_visible()


def the_differences_are_read(page: Page) -> None:
    table = page.get_by_role("table", name="differences")
    for field in ("depth", "shortcut", "seed", "lr", "departures from the paper"):
        expect(table.get_by_role("columnheader", name=field, exact=True)).to_be_visible()
    expect(table.get_by_role("columnheader", name="momentum")).to_have_count(0)
    trap = table.get_by_role("row").filter(has=page.get_by_role("link", name=TRAP, exact=True))
    expect(trap).to_contain_text("7.50")
    expect(trap.get_by_text("▲")).to_contain_text("lr")
    page.get_by_label("Show all fields").check()
    expect(table.get_by_role("columnheader", name="momentum")).to_be_visible()
    expect(page).to_have_url(re.compile("fields=all"))
    page.get_by_label("Show all fields").uncheck()


def curves_are_compared_with_a_run(page: Page) -> None:
    page.get_by_label("Compare with").select_option(label="plain-20, seed 0")
    expect(page).to_have_url(re.compile("pin="))
    readout = page.get_by_role("table", name="Error curves at the cursor")
    expect(readout.get_by_role("columnheader", name="From plain-20, seed 0")).to_be_visible()
    expect(readout.get_by_role("row", name="ResNet-20 A, seed 0, test")).to_contain_text("−1.00")
    expect(readout.get_by_role("row", name="plain-20, seed 0, training")).to_contain_text("+0.00")


def the_curves_lie_over_each_other(page: Page) -> None:
    chart = page.get_by_role("img", name=re.compile("^Error curves"))
    expect(chart).to_have_attribute("aria-label", re.compile(r"plain-20, seed 1, test 10\.00 % at iteration 400"))
    expect(chart).to_have_attribute("aria-label", re.compile(r"ResNet-20 A, seed 0, test 8\.00 % at iteration 400"))
    page.get_by_label("Mean over seeds").check()
    expect(chart).to_have_attribute("aria-label", re.compile(r"plain-20 \(n = 2\), test 9\.50 % at iteration"))
    page.get_by_label("Colour by").select_option("shortcut")
    page.get_by_role("button", name="Fig. 6").click()
    expect(page).to_have_url(re.compile(r"(?=.*seeds=mean)(?=.*color=shortcut)(?=.*preset=fig6)"))
    # As printed: plain networks beside residual ones.
    for panel in ("plain", "residual"):
        expect(page.get_by_role("img", name=re.compile(f"^Error curves, {panel}: "))).to_be_visible()


def the_legend_hides_isolates_and_colours(page: Page) -> None:
    legend = page.get_by_role("region", name="legend of Error curves")
    plain = legend.get_by_role("button", name="plain-20 (n = 2)", exact=True)
    left = page.get_by_role("img", name=re.compile("^Error curves, plain"))
    plain.click()
    expect(plain).to_have_attribute("aria-pressed", "false")
    expect(left).to_have_attribute("aria-label", "Error curves, plain: no points yet")
    expect(page).to_have_url(re.compile("hide="))
    plain.dblclick()
    expect(legend.locator("[aria-pressed=false]")).to_have_count(2)
    expect(left).to_have_attribute("aria-label", re.compile("plain-20"))
    plain.dblclick()
    expect(legend.locator("[aria-pressed=false]")).to_have_count(0)
    training = legend.get_by_role("button", name="training", exact=True)
    training.click()
    expect(left).not_to_have_attribute("aria-label", re.compile("training"))
    training.click()
    legend.get_by_role("button", name="change the colour of plain-20 (n = 2)").click()
    legend.get_by_role("button", name="pink").click()
    expect(page).to_have_url(re.compile(r"hue=\w{8}%3A6"))


def hovering_lifts_a_curve(page: Page) -> None:
    """The other curves fade, and come back."""
    chart = page.get_by_role("img", name=re.compile("^Error curves, residual")).locator("canvas")
    page.mouse.move(0, 0)
    before = chart.screenshot()
    legend = page.get_by_role("region", name="legend of Error curves")
    legend.get_by_role("button", name="plain-20 (n = 2)", exact=True).hover()
    wait_until(lambda: chart.screenshot() != before, 60)
    page.mouse.move(0, 0)
    wait_until(lambda: chart.screenshot() == before, 60)


def the_service_draws_what_the_screen_shows(page: Page) -> None:
    """With its colours, names, panels and hidden curves."""
    legend = page.get_by_role("region", name="legend of Error curves")
    legend.get_by_role("button", name=re.compile("^=cmd")).click()
    link = page.get_by_role("link", name="save as SVG")
    expect(link).not_to_have_attribute("href", re.compile("cmd"))
    figure = page.request.get(urljoin(page.url, link.get_attribute("href") or "")).text()
    assert {"plain", "residual", "plain-20 (n = 2)", "ResNet-20 A (n = 2)"} <= set(words(figure))
    assert "#f5508a" in {curve.colour for curve in curves(figure)}
    assert TRAP not in "".join(words(figure))
    legend.get_by_role("button", name=re.compile("^=cmd")).click()


def a_phone_shows_the_chart_and_every_last_value(page: Page) -> None:
    """The settings are folded, and long names take further lines instead of pushing the numbers out of sight."""
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_label("Smoothing")).to_be_hidden()
    page.get_by_role("button", name="Axes and smoothing").click()
    expect(page.get_by_label("Smoothing")).to_be_visible()
    page.get_by_role("button", name="Axes and smoothing").click()
    readout = page.get_by_role("table", name="Error curves at the cursor")
    expect(readout.get_by_role("row").filter(has_text="=cmd")).to_have_count(2)
    heads = readout.get_by_role("row").first.get_by_role("columnheader")
    expect(heads).to_have_text(["Curve", "Value", "Iteration", "From plain-20, seed 0", "From paper"])
    ends = [box["x"] + box["width"] for head in heads.all() if (box := head.bounding_box())]
    assert len(ends) == 5
    assert max(ends) <= 390, ends
    page.set_viewport_size({"width": 1280, "height": 1000})


def the_papers_layout_has_means_over_seeds(page: Page) -> None:
    table = page.get_by_role("table", name="plain and residual on cifar10, lr 0.1")
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="20", exact=True))
    expect(row.get_by_role("cell")).to_have_text(["9.50±0.71 (n = 2)", "8.50±0.71 (n = 2)"])


def the_table_is_copied_as_text(page: Page) -> None:
    page.get_by_role("button", name="copy differences as CSV").click()
    lines = copied(page, "run,last test error (%),").splitlines()
    assert any(line.startswith(f"'{TRAP},7.50,") for line in lines)  # the ' keeps a spreadsheet from computing it
    page.get_by_role("button", name="copy plain and residual on cifar10, lr 0.1 as LaTeX").click()
    assert "20 & 9.50$\\pm$0.71 (n = 2) & 8.50$\\pm$0.71 (n = 2) \\\\" in copied(page, "\\begin{tabular}{rrr}")


def copied(page: Page, start: str) -> str:
    """The clipboard's text, once it begins with `start`."""

    def read() -> str:
        return str(page.evaluate("navigator.clipboard.readText()"))

    wait_until(lambda: read().startswith(start), 60)
    return read()


def a_link_shows_the_same_in_a_fresh_profile(page: Page, browser: Browser, lab: Lab) -> None:
    """The login keeps the address: after it, the page shows what the link says, down to the zoom."""
    chart = page.get_by_role("img", name=re.compile("^Error curves, plain"))
    press(chart, "+")
    expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))
    with browser.new_context() as profile:
        other = profile.new_page()
        other.goto(page.url)
        press(other.get_by_label("Token", exact=True), "x")
        other.keyboard.press("Backspace")
        other.keyboard.insert_text(lab.state["token"])
        other.keyboard.press("Enter")
        expect(other.get_by_label("Mean over seeds")).to_be_checked()
        expect(other.get_by_label("Compare with").locator("option:checked")).to_have_text("plain-20, seed 0")
        expect(other.get_by_role("table", name="differences").get_by_role("row")).to_have_count(6)
        expect(other.get_by_role("button", name="Fig. 6")).to_have_attribute("aria-pressed", "true")
        assert other.url == page.url
        label = chart.get_attribute("aria-label") or ""
        expect(other.get_by_role("img", name=re.compile("^Error curves, plain"))).to_have_attribute("aria-label", label)


def one_click_lays_the_runs_into_the_papers_figure(page: Page, lab: Lab) -> None:
    address = page.url
    page.goto(f"{lab.state['url']}/paper/figures/6")
    plain = page.get_by_role("img", name=re.compile("^Figure 6, plain"))
    expect(plain).to_have_attribute("aria-label", "Figure 6, plain: no points yet")
    # What the paper prints of each curve stands below its panel.
    levels = page.get_by_role("list", name="levels of Figure 6, ResNet")
    expect(levels).to_contain_text(re.compile(r"ResNet-20 A: \d\.\d\d"))
    page.get_by_role("button", name="Lay my runs into the panels").click()
    expect(plain).to_have_attribute("aria-label", re.compile(r"plain-20, test \d"))
    expect(page).to_have_url(re.compile("run="))
    page.get_by_role("button", name="Empty the panels").click()
    expect(plain).to_have_attribute("aria-label", "Figure 6, plain: no points yet")
    page.goto(address)


def a_link_of_too_many_leads_to_the_others(page: Page, lab: Lab) -> None:
    """The first 40 runs of a link are compared, also where they have been deleted."""
    runs = parse_qs(urlsplit(page.url).query)["run"]
    page.goto(f"{lab.state['url']}/compare?{urlencode({'run': [*(uuid4() for _ in range(40)), *runs]}, doseq=True)}")
    expect(page.get_by_text("5 runs of this link are left out")).to_be_visible()
    press(page.get_by_role("link", name="Compare the remaining runs"))
    expect(page.get_by_role("heading", name="5 runs compared")).to_be_visible()
    expect(page.get_by_text("left out")).to_have_count(0)
