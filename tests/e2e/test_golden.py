"""Compares what charts draw with reviewed pictures: each preset, with one to eight runs in one to three panels.

A missing picture is drawn and the test fails: look at the picture and commit it. To renew a picture, delete it.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal
from uuid import UUID

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Locator, Page, expect

from api.app import create_app
from api.http.dashboard import DIST
from store.db.database import Database
from store.db.models import Run
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES
from store.runs import verbs
from store.runs.verbs import Submission
from tests.api.conftest import served
from tests.api.injected import Injector
from tests.e2e.conftest import sign_in
from trainer.plan import plan
from trainer.spec import RunSpec

GOLDEN = Path(__file__).parent / "golden"
# Final training and test errors, percent, in the order of the paper's results.
NETWORKS = {
    "20": ("A", 1.0, 9.0), "20-": ("none", 2.0, 10.0), "56": ("A", 0.2, 7.5), "56-": ("none", 5.0, 13.0),
    "32": ("A", 0.6, 8.0), "32-": ("none", 3.0, 11.0), "20b": ("B", 0.9, 8.7), "56b": ("B", 0.1, 7.2),
}  # fmt: skip
FOUR = ("20-", "56-", "20", "56")
# Each picture's runs and view.
PICTURES = {
    "one-free": (("20",), ""),
    "two-fig6-one-panel": (("20-", "56-"), "preset=fig6"),
    "four-fig4-two-panels": (FOUR, "preset=fig4"),
    "four-fig6-one-panel": (FOUR, "preset=fig6&split=off"),
    "four-fig6-two-panels": (FOUR, "preset=fig6"),
    "eight-fig6-three-panels": (tuple(NETWORKS), "preset=fig6&split=shortcut"),
    "eight-free-one-panel": (tuple(NETWORKS), "smooth=0.9"),
}
# One curve's line is at least 0.4 % of the picture; another version of a font changes fewer pixels.
MOST_CHANGED = 0.002
VISIBLY = 60


@pytest.fixture
def lab(
    settings: Settings, database: Database, objects: Objects, browser: Browser, tmp_path: Path
) -> Iterator[tuple[Page, dict[str, UUID]]]:
    """The dashboard, logged in, and runs whose curves are always the same."""
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="test", owner="ann", scopes=SCOPES)
    injector, ids = Injector(database, objects, tmp_path), {}
    for name, (shortcut, train, test) in NETWORKS.items():
        depth = int(name[:2])
        spec = RunSpec(depth=depth, shortcut=shortcut, dataset="cifar10", iterations=3200, evaluate_every=50)
        with database.transaction() as session:
            ids[name] = verbs.create(session, Submission(spec, plan(spec, classes=10), "ann"))[0].id
        injector.train_error, injector.test_error = constant(train), constant(test)
        injector.end(1)
    with served(create_app(settings, DIST)) as url:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=url)
        sign_in(page, url, token)
        yield page, ids
        page.close()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_view_draws_its_reviewed_picture(
    lab: tuple[Page, dict[str, UUID]], theme: Literal["light", "dark"]
) -> None:
    page, ids = lab
    page.emulate_media(color_scheme=theme)
    missing, shares = [], {}
    for name, (runs, view) in PICTURES.items():
        page.goto(f"/runs/{ids[runs[0]]}" if len(runs) == 1 else address([ids[run] for run in runs], view))
        picture, golden = settled(page), GOLDEN / f"{name}-{theme}.png"
        if golden.exists():
            shares[golden.name] = changed_share(picture, Image.open(golden))
        else:
            picture.save(golden)
            missing.append(golden.name)
    assert not missing, f"{', '.join(missing)} did not exist and is drawn now: look at it and commit it"
    assert all(share <= MOST_CHANGED for share in shares.values()), shares


def constant(error: float) -> Callable[[Run], float]:
    return lambda _: error


def address(runs: list[UUID], view: str) -> str:
    return f"/compare?{'&'.join(f'run={run}' for run in runs)}&{view}"


def settled(page: Page) -> Image.Image:
    """The panels side by side once they stand still, without their axes, whose numbers are in the machine's font."""
    plots = page.get_by_role("figure", name="Error curves").locator(".u-over")
    expect(plots.first).to_be_visible(timeout=60_000)
    before: list[bytes] = []
    while not (now := pictures_of(plots)) or now != before:
        before = now
        page.wait_for_timeout(200)
    pictures = [Image.open(BytesIO(picture)).convert("RGB") for picture in now]
    sheet = Image.new("RGB", (sum(one.width for one in pictures), max(one.height for one in pictures)))
    left = 0
    for one in pictures:
        sheet.paste(one, (left, 0))
        left += one.width
    return sheet


def pictures_of(plots: Locator) -> list[bytes]:
    """Empty while a plot is drawn again and its element is replaced."""
    try:
        return [plot.screenshot() for plot in plots.all()]
    except Error:
        return []


def changed_share(picture: Image.Image, golden: Image.Image) -> float:
    """The share of pixels that differ visibly; 1 where the sizes differ."""
    if picture.size != golden.size:
        return 1.0
    difference = np.abs(np.asarray(picture, dtype=int) - np.asarray(golden.convert("RGB"), dtype=int))
    return float((difference.max(axis=2) > VISIBLY).mean())
