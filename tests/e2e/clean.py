"""What every page must be for everybody: free of axe's complaints in both themes, and no wider than a phone."""

import json
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = ViewportSize(width=390, height=800)


def is_clean(page: Page) -> None:
    """Checks the page as it is now. Restores its size, and leaves it in the dark theme."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = complaints(page)
        assert violations == [], f"{page.url} in {scheme}: {violations}"
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size(PHONE)
    # A chart's canvas is resized a frame later.
    page.wait_for_function("most => document.documentElement.scrollWidth <= most", arg=PHONE["width"])
    page.set_viewport_size(size)


def complaints(page: Page) -> list[str]:
    """axe's violations of WCAG 2.2 AA, each with its element."""
    page.evaluate(AXE.read_text())  # through the debugger, which the page's policy doesn't block
    violations = page.evaluate(f"axe.run({{runOnly: {json.dumps(WCAG)}}}).then(({{violations}}) => violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]
