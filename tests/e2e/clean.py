"""What every page owes everybody: clean by axe in both themes, and no wider than a phone."""

import json
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = ViewportSize(width=390, height=800)


def is_clean(page: Page) -> None:
    """The page as it is now; its size is put back, its theme is the dark one."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = complaints(page)
        assert found == [], f"{page.url} in {scheme}: {found}"
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size(PHONE)
    # A chart's canvas follows a frame later.
    page.wait_for_function("most => document.documentElement.scrollWidth <= most", arg=PHONE["width"])
    page.set_viewport_size(size)


def complaints(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, each with the place."""
    page.evaluate(AXE.read_text())  # by the debugger's way in, which the page's policy does not bar
    found = page.evaluate(f"axe.run({{runOnly: {json.dumps(WCAG)}}}).then(({{violations}}) => violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
