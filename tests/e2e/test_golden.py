"""Compares what a chart draws with reviewed pictures of it: each preset, light and dark.

A missing picture is drawn and the test fails: look at the picture and commit it. To renew a picture, delete it.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.http.dashboard import DIST
from store import keys
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import verbs
from store.runs.verbs import Submission
from tests.api.conftest import served
from tests.api.injected import Injector
from trainer.plan import plan
from trainer.spec import RunSpec

GOLDEN = Path(__file__).parent / "golden"
# A run's colour depends on its id.
RUN = UUID("01a20dd0-065b-7837-b1b7-9c6e6b7fc205")
# One curve's line is at least 0.4 % of the picture; another version of a font changes fewer pixels.
MOST_CHANGED = 0.002
VISIBLY = 60


@pytest.fixture
def page(settings: Settings, database: Database, objects: Objects, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The dashboard, logged in, with a run whose curves are always the same."""
    spec = RunSpec(depth=20, shortcut="A", dataset="cifar10", iterations=6400, evaluate_every=100)
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="test", owner="ann", scopes=keys.SCOPES)
        verbs.create(session, Submission(spec, plan(spec, classes=10), "ann", run_id=RUN))
    Injector(database, objects, tmp_path).end(1)
    with served(create_app(settings, DIST)) as url:
        page = browser.new_page(viewport={"width": 1000, "height": 900}, base_url=url)
        page.goto(f"/login?token={token}")
        yield page
        page.close()


def test_each_preset_draws_its_reviewed_picture(page: Page) -> None:
    missing, shares = [], {}
    for preset, theme in product(("free", "fig4", "fig6"), ("light", "dark")):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.goto(f"/runs/{RUN}" + ("" if preset == "free" else f"?preset={preset}"))
        picture, golden = settled(page), GOLDEN / f"{preset}-{theme}.png"
        if golden.exists():
            shares[golden.name] = changed_share(picture, Image.open(golden))
        else:
            picture.save(golden)
            missing.append(golden.name)
    assert not missing, f"{', '.join(missing)} did not exist and is drawn now: look at it and commit it"
    assert all(share <= MOST_CHANGED for share in shares.values()), shares


def settled(page: Page) -> Image.Image:
    """The plot once it stands still, without its axes, whose numbers are in the machine's font."""
    plot = page.get_by_role("figure", name="Error curves").locator(".u-over")
    expect(plot).to_be_visible(timeout=60_000)
    before = b""
    while (now := plot.screenshot()) != before:
        before = now
        page.wait_for_timeout(200)
    return Image.open(BytesIO(now)).convert("RGB")


def changed_share(picture: Image.Image, golden: Image.Image) -> float:
    """The share of pixels that differ visibly; 1 where the sizes differ."""
    if picture.size != golden.size:
        return 1.0
    difference = np.abs(np.asarray(picture, dtype=int) - np.asarray(golden.convert("RGB"), dtype=int))
    return float((difference.max(axis=2) > VISIBLY).mean())
