"""Uses the page without a mouse: Tab to an element, then Enter or Space."""

from playwright.sync_api import Locator, expect

# More than any page has elements to reach, so that a page that traps Tab fails.
MOST_TABS = 300


def tab_to(target: Locator) -> None:
    """Presses Tab, around the page if need be, until `target` has the focus."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with Tab")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)
