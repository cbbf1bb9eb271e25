"""A Chromium page with instruments: what it loads, how long its frames take, when it draws."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# uPlot clears its canvas once per redraw. Responses with curves are recognized by their address.
WATCH = """
window.record = {redraws: [], drawnAt: 0, worstFrame: 0};
const {clearRect, stroke} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  record.redraws.push(performance.now());
  return clearRect.apply(this, box);
};
CanvasRenderingContext2D.prototype.stroke = function (...path) {
  const result = stroke.apply(this, path);
  record.drawnAt = performance.now();
  return result;
};
let last;
const frame = (now) => {
  if (last) record.worstFrame = Math.max(record.worstFrame, now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""
# Sizes of the bodies as transferred, without headers.
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
    assert path is not None, "this needs Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class InstrumentedPage:
    """A page in a fresh profile, logged in, with an empty cache."""

    def __init__(self, browser: Browser, url: str, token: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.request.post(f"{url}/api/v1/session", headers={"Authorization": f"Bearer {token}"})
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH)
        self.page.set_default_timeout(120_000)
        self._url = url
        self._devtools: CDPSession = context.new_cdp_session(self.page)

    def open(self, path: str, shows: str) -> None:
        """Opens a page. Returns two frames after the element `shows` has appeared."""
        self.page.goto(self._url + path, wait_until="commit")
        self.page.wait_for_selector(shows)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def first_load(self, path: str) -> tuple[int, float]:
        """Bytes of script (gzipped), and seconds until the title is shown and the page is idle."""
        self.open(path, "h1")
        took_s = self.now() / 1000
        self.page.wait_for_load_state("networkidle")
        return int(self.page.evaluate(SCRIPT)), took_s

    def now(self) -> float:
        """Milliseconds since the page was requested."""
        return float(self.page.evaluate("performance.now()"))

    def last_drawn(self, quiet_ms: int = 1000, limit_s: float = 120) -> float:
        """Waits until nothing was drawn for a while. Returns when the last line was drawn."""
        deadline = time.monotonic() + limit_s
        while True:
            now, drawn_at = self.page.evaluate("[performance.now(), record.drawnAt]")
            if drawn_at and now - drawn_at > quiet_ms:
                return float(drawn_at)
            assert time.monotonic() < deadline, f"the page was still drawing after {limit_s:.0f} s"
            self.page.wait_for_timeout(100)

    def last_response(self) -> float:
        return float(self.page.evaluate(ANSWERED))

    def worst_frame(self) -> float:
        """Milliseconds of the longest frame since the last call."""
        return float(
            self.page.evaluate("(() => { const worst = record.worstFrame; record.worstFrame = 0; return worst })()")
        )

    def redraws(self) -> list[float]:
        """The times of all redraws since the last call."""
        return list(self.page.evaluate("record.redraws.splice(0)"))

    def heap_bytes(self) -> int:
        """Bytes of live objects, after a garbage collection."""
        self._devtools.send("HeapProfiler.collectGarbage")
        return int(self._devtools.send("Runtime.getHeapUsage")["usedSize"])

    def hide(self) -> None:
        """Makes the page believe that its tab is hidden; headless Chromium can't hide it."""
        self.page.evaluate(
            "Object.defineProperty(document, 'hidden', {get: () => true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )

    def close(self) -> None:
        self.page.context.close()
