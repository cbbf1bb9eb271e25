"""What every page must be for everybody: free of axe's complaints in both themes, and no wider than its screen."""

import json
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
Look = tuple[int, str]
# Each width in one theme and each theme at two widths: what depends on a width (what is hidden or folded) and what on
# a theme (contrast) are both seen, in half the time of every pair.
LOOKS = ((390, "light"), (720, "dark"), (1024, "light"), (1440, "dark"))
OUTER = LOOKS[::3]


def is_clean(page: Page, looks: Sequence[Look] = LOOKS, read_in: Sequence[Look] = OUTER) -> None:
    """Checks the page as it is now: its width in each look, and with axe, which takes most of the time, in `read_in`.

    Restores the page's size, and leaves it in the last look's theme.
    """
    size = page.viewport_size
    assert size is not None
    for width, scheme in looks:
        page.set_viewport_size(ViewportSize(width=width, height=size["height"]))
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        # A chart's canvas is resized a frame later.
        page.wait_for_function("most => document.documentElement.scrollWidth <= most", arg=width)
        if (width, scheme) in read_in:
            violations = complaints(page)
            assert violations == [], f"{page.url} at {width} pixels in {scheme}: {violations}"
    page.set_viewport_size(size)


def complaints(page: Page) -> list[str]:
    """axe's violations of WCAG 2.2 AA, each with its element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # through the debugger, which the page's policy doesn't block
    options = json.dumps({"runOnly": WCAG, "resultTypes": ["violations"]})
    violations = page.evaluate(f"axe.run({options}).then(({{violations}}) => violations)")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]
