"""A run's charts: the address holds the view, keys move the cursor, a zoom fetches new data, charts can be saved."""

import re
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from store.db.database import Database
from store.db.objects import Objects
from tests.drawn import words
from tests.e2e.clean import is_clean
from tests.e2e.conftest import Lab, sign_in
from tests.trained import train_next

ITERATIONS = 40
NAME = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"


@pytest.fixture
def lab(idle_lab: Lab) -> Lab:
    return idle_lab


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_charts_of_a_run(lab: Lab, browser: Browser, database: Database, objects: Objects, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    sign_in(page, lab.state["url"], lab.state["token"])
    submit(lab)
    run = train_next(database, objects, tmp_path)
    page.goto(f"{lab.state['url']}/runs/{run}")
    chart = page.get_by_role("img", name=re.compile("^Error curves"))
    expect(chart).to_be_visible(timeout=60_000)
    page.get_by_text("Loss, speed and hardware").click()
    expect(page.get_by_role("figure", name="Speed")).to_be_visible()
    keys_move_the_cursor(page)
    the_values_stand_at_the_pointer(page)
    a_zoom_is_in_the_address_and_fetches_again(page)
    letters_switch_the_axis_and_go_to_the_log(page)
    a_reload_keeps_the_preset(page)
    charts_are_saved_as_files(page)
    is_clean(page)


def submit(lab: Lab) -> None:
    """A run whose name is a formula and a script."""
    spec = {"depth": 8, "shortcut": "A", "dataset": "digits", "iterations": ITERATIONS, "batch_size": 32}
    body = {"name": NAME, "spec": {**spec, "evaluate_every": 10, "checkpoint_every": 20}}
    headers = {"Authorization": f"Bearer {lab.state['token']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{lab.port}/api/v1", headers=headers) as api:
        api.post("/runs", json=body).raise_for_status()


def keys_move_the_cursor(page: Page) -> None:
    chart = page.get_by_role("img", name=re.compile("^Error curves"))
    chart.focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("figure", name="Error curves").get_by_role("status")).to_contain_text("at iteration 1")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    for label in ("Error curves", "Speed"):  # all charts of the page share the cursor
        figure = page.get_by_role("figure", name=label)
        expect(figure.get_by_text("Pinned at iteration 11")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Pinned at")).to_have_count(0)


def the_values_stand_at_the_pointer(page: Page) -> None:
    panel = page.get_by_role("figure", name="Error curves")
    panel.locator(".u-over").hover()
    tooltip = panel.locator("[aria-hidden=true]", has_text=re.compile(r"^At iteration \d+ · epoch \d\.\d\d · lr 0\.1"))
    expect(tooltip.get_by_role("row", include_hidden=True).filter(has_text="training error")).to_have_text(
        re.compile(r"\d+\.\d\d %")
    )
    page.mouse.move(0, 0)
    expect(tooltip).to_have_count(0)


def a_zoom_is_in_the_address_and_fetches_again(page: Page) -> None:
    over = page.get_by_role("img", name=re.compile("^Error curves")).locator(".u-over")
    box = over.bounding_box()
    assert box is not None
    with page.expect_response(re.compile(r"/api/v1/curves.*from=1\d&to=2\d")):
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 80)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 80, steps=4)
        page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=1\d&to=2\d"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("from="))


def letters_switch_the_axis_and_go_to_the_log(page: Page) -> None:
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("log=y"))
    expect(page.get_by_label("Scale")).to_have_value("y")
    page.keyboard.press("l")
    expect(page).not_to_have_url(re.compile("log="))
    page.keyboard.press("o")
    expect(page.get_by_role("log")).to_be_focused()


def a_reload_keeps_the_preset(page: Page) -> None:
    page.get_by_role("button", name="Fig. 6").click()
    page.get_by_label("x axis").select_option("epoch")
    page.reload()
    expect(page.get_by_role("button", name="Fig. 6")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("x axis")).to_have_value("epoch")
    # Fig. 6 shows the test error, also where images are held out for validation.
    expect(page.get_by_role("img", name=re.compile("^Error curves: .*test error"))).to_be_visible()


def charts_are_saved_as_files(page: Page) -> None:
    """The service draws the figures for print; their names say what they show."""
    begins = {
        "SVG": b"<?xml",
        "PDF": b"%PDF-",
        "PNG": b"\x89PNG",
        "CSV": b"curve,iteration,epoch,value,",
        "Screen": b"\x89PNG",
    }
    for kind, magic in begins.items():
        role: Literal["button", "link"] = "button" if kind in ("CSV", "Screen") else "link"
        with page.expect_download() as downloading:
            page.get_by_role("group", name="save Error curves").get_by_role(role, name=f"save as {kind}").click()
        content = Path(downloading.value.path()).read_bytes()
        assert content.startswith(magic), kind
        assert len(content) > 1000, kind
        if role == "link":
            assert downloading.value.suggested_filename == f"fig6-ResNet-8-A-on-digits.{kind.lower()}"
        if kind == "SVG":  # the name is text, whatever it is, in lines of at most 30 characters
            assert {"epochs", "dashed: training"} <= set(drawn := words(content.decode()))
            assert NAME in " ".join(drawn)
