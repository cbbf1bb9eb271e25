"""The page Access: a project with a member, a key that is revoked, a quota as a bar, and the trail of all that."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Lab, sign_in


@pytest.mark.timeout(600)
def test_an_administrator_shares_the_service(idle_lab: Lab, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    page.get_by_role("link", name="Access").click()
    expect(page.get_by_text("You are signed in as ann, an administrator of this service.")).to_be_visible()

    page.get_by_label("Name of the new person").fill("ben")
    page.get_by_role("button", name="Add person").click()
    expect(page.get_by_role("table", name="people")).to_contain_text("ben")
    page.get_by_label("Name of the new project").fill("vision")
    page.get_by_role("button", name="Create project").click()
    page.get_by_text("vision · you are a maintainer").click()
    page.get_by_label("Person to add to vision").fill("ben")
    page.get_by_role("button", name="Add member").click()
    expect(page.get_by_label("role of ben in vision")).to_have_value("member")

    page.get_by_label("Name of the new key").fill("laptop")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("group", name="token")).to_contain_text("rsl_")
    page.get_by_role("button", name="revoke laptop of ann").click()
    expect(page.get_by_role("table", name="keys")).to_contain_text("revoked")

    quotas = page.get_by_role("table", name="use and quotas")
    quotas.get_by_role("row", name="every other person").get_by_text("Set limits").click()
    quotas.get_by_label("Queued").fill("4")
    quotas.get_by_role("button", name="Save limits").click()
    expect(quotas.get_by_role("row", name="ben")).to_contain_text("0 of 4")
    expect(quotas.get_by_role("progressbar", name="ben: queued")).to_be_attached()

    page.reload()
    trail = page.get_by_role("table", name="audit trail")
    for act in ("set quota", "revoke key", "create key", "set role", "create project", "add person", "open session"):
        expect(trail).to_contain_text(act)
    page.get_by_label("Action").fill("set_role")
    expect(trail.get_by_role("row")).to_have_count(1)
    page.close()
