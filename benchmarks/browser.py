"""A Chromium that is watched: what it loads, how long its frames take, when it draws."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# uPlot clears its canvas once a redraw; the answers with curves are told apart by their address.
WATCH = """
window.seen = {redraws: [], drawnAt: 0, worstFrame: 0};
const {clearRect, stroke} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  seen.redraws.push(performance.now());
  return clearRect.apply(this, box);
};
CanvasRenderingContext2D.prototype.stroke = function (...path) {
  const told = stroke.apply(this, path);
  seen.drawnAt = performance.now();
  return told;
};
let last;
const frame = (now) => {
  if (last) seen.worstFrame = Math.max(seen.worstFrame, now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""
# Bodies as they travelled, without the heads of the answers.
SCRIPT = (
    "performance.getEntriesByType('resource').filter(({name}) => /\\.js$/.test(name))"
    ".reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)"
)
ANSWERED = (
    "() => Math.max(0, ...performance.getEntriesByType('resource')"
    ".filter(({name}) => /\\/curves\\?/.test(name)).map(({responseEnd}) => responseEnd))"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "needs a Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page of a fresh profile, logged in: nothing of the dashboard is in its cache."""

    def __init__(self, browser: Browser, url: str, token: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.request.post(f"{url}/api/v1/session", headers={"Authorization": f"Bearer {token}"})
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH)
        self.page.set_default_timeout(120_000)
        self._url = url
        self._devtools: CDPSession = context.new_cdp_session(self.page)

    def open(self, path: str, shows: str) -> None:
        """Returns once an element is there, and two more frames have been drawn."""
        self.page.goto(self._url + path, wait_until="commit")
        self.page.wait_for_selector(shows)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def first_load(self, path: str) -> tuple[int, float]:
        """Bytes of script, gzipped, and seconds until the page's title is there and its thread is free."""
        self.open(path, "h1")
        took_s = self.now() / 1000
        self.page.wait_for_load_state("networkidle")
        return int(self.page.evaluate(SCRIPT)), took_s

    def now(self) -> float:
        """Milliseconds since the page was asked for."""
        return float(self.page.evaluate("performance.now()"))

    def settled(self, quiet_ms: int = 1000, limit_s: float = 120) -> float:
        """When the last line was drawn, once none has been for a while."""
        deadline = time.monotonic() + limit_s
        while True:
            now, drawn_at = self.page.evaluate("[performance.now(), seen.drawnAt]")
            if drawn_at and now - drawn_at > quiet_ms:
                return float(drawn_at)
            assert time.monotonic() < deadline, "it is drawn again and again"
            self.page.wait_for_timeout(100)

    def answered(self) -> float:
        return float(self.page.evaluate(ANSWERED))

    def worst_frame(self) -> float:
        """Milliseconds of the longest frame since this was last asked."""
        return float(
            self.page.evaluate("(() => { const worst = seen.worstFrame; seen.worstFrame = 0; return worst })()")
        )

    def redraws(self) -> list[float]:
        """When the canvas was drawn anew, since this was last asked."""
        return list(self.page.evaluate("seen.redraws.splice(0)"))

    def heap_bytes(self) -> int:
        """Live objects only: what was let go is collected first."""
        self._devtools.send("HeapProfiler.collectGarbage")
        return int(self._devtools.send("Runtime.getHeapUsage")["usedSize"])

    def hide(self) -> None:
        """As the page sees it: headless Chromium hides no tab."""
        self.page.evaluate(
            "Object.defineProperty(document, 'hidden', {get: () => true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )

    def close(self) -> None:
        self.page.context.close()
