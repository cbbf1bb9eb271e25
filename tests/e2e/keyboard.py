"""What somebody does who has no mouse: Tab to a thing, then Enter or Space."""

from playwright.sync_api import Locator, expect

# More than any page has things to reach; a page where Tab is caught ends here.
MOST_TABS = 300


def tab_to(target: Locator) -> None:
    """Tab, from wherever the focus is and round the page if need be, until `target` has it."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with Tab")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)
