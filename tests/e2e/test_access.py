"""The page Access: a project with a member, a key that is revoked, a quota as a bar, and the trail of all that; what
other pages show of what somebody may not do."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from store import artifacts
from store.db.database import Database
from store.people import keys, people, projects
from store.people.rights import SCOPES
from store.runs import attempts
from tests.api import progress
from tests.e2e import sown
from tests.e2e.conftest import Lab, sign_in
from trainer.events import Saved


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
    expect(trail.get_by_role("row")).to_have_count(2)  # its head, and the one entry
    page.set_viewport_size({"width": 390, "height": 800})
    assert quotas.evaluate("table => table.scrollWidth - table.parentElement.clientWidth") <= 0
    page.close()


def test_a_retention_rule_is_set_after_it_has_shown_its_files(
    idle_lab: Lab, database: Database, browser: Browser
) -> None:
    request = sown.submission("an old run", depth=8)
    claim = sown.claimed(database, progress.add_worker(database, "one"), request)
    with database.transaction() as session:
        run = attempts.lock(session, claim.run.id, claim.attempt)
        file = Saved(iteration=100, role="checkpoint", format="safetensors", file="c", sha256="0", size_bytes=2_000_000)
        artifacts.commit(session, run, file)
    sown.finish(database, claim, request.spec, 8.0, "")
    with database.transaction() as session:
        session.execute(text("ALTER TABLE runs DISABLE TRIGGER guard_run"))
        session.execute(text("UPDATE runs SET finished_at = now() - interval '40 days'"))
        session.execute(text("ALTER TABLE runs ENABLE TRIGGER guard_run"))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, idle_lab.state["url"], idle_lab.state["token"])
    page.goto(f"{idle_lab.state['url']}/access")
    page.get_by_role("link", name="Old files").click()
    expect(page.get_by_text("Every file is kept until its run is deleted.")).to_be_visible()
    days, plan = page.get_by_label("Delete checkpoints after (days)"), page.get_by_role("button", name="Show what")
    expect(plan).to_be_disabled()
    page.get_by_label("Archive runs after (days)").fill("20")
    days.fill("50")
    plan.click()
    expect(page.get_by_text("This rule deletes nothing now. It archives 1 run.")).to_be_visible()
    days.fill("30")
    expect(page.get_by_role("button", name="Set rule")).to_have_count(0)  # a plan is of its own rule
    plan.click()
    expect(page.get_by_text("This rule deletes 1 file of 1 run, 2.0 MB, now:")).to_be_visible()
    expect(page.get_by_role("table", name="files that the rule deletes")).to_contain_text("an old run")
    page.get_by_role("button", name="Set rule").click()
    expect(page.get_by_role("table", name="rules", exact=True)).to_contain_text("30 days")
    expect(page.get_by_role("table", name="rules", exact=True)).to_contain_text("20 days")
    page.get_by_role("button", name="remove the rule of default").click()
    expect(page.get_by_text("Every file is kept until its run is deleted.")).to_be_visible()
    page.close()


def test_what_somebody_may_not_do_is_disabled_with_the_reason(
    idle_lab: Lab, database: Database, browser: Browser
) -> None:
    (run,) = sown.queued(database, [sown.submission(depth=8)])
    token = keys.new_token()
    with database.transaction() as session:
        people.ensure(session, "ben")
        keys.create(session, token, name="test", owner="ben", scopes=SCOPES)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, idle_lab.state["url"], token)
    refusal = "This is ann's. Only ann, a maintainer of default or an administrator may do this."
    for path, buttons in ((f"/runs/{run}", ("Pause", "Cancel", "Edit", "Delete")), ("/queue", ("raise the priority",))):
        page.goto(idle_lab.state["url"] + path)
        for name in buttons:
            button = page.get_by_role("button", name=name).first
            expect(button).to_have_attribute("aria-description", refusal)
            expect(button).to_be_disabled()
    page.goto(f"{idle_lab.state['url']}/notices")
    expect(page.get_by_text("Only an administrator of this service may do this.")).to_be_visible()
    page.goto(f"{idle_lab.state['url']}/access")
    expect(page.get_by_label("Name of the new key")).to_be_visible()
    expect(page.get_by_label("Name of the new person")).to_have_count(0)
    with database.transaction() as session:
        ann = keys.authenticate(session, idle_lab.state["token"])
        assert ann is not None
        projects.create(session, ann, "vision")
    for form in (
        "/new?project=vision",
        "/new/detector?project=vision&dataset=coco",
        "/studies/new?recipe=table-6&project=vision",
    ):
        page.goto(idle_lab.state["url"] + form)
        expect(page.get_by_role("button", name="Start")).to_be_disabled()
        expect(page.get_by_text("You have no role in the project vision.")).to_be_visible()
    page.close()
