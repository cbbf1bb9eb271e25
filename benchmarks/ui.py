"""The dashboard in a headless Chromium, with a real API and PostgreSQL: what it loads, draws and keeps in memory.

`make bench-ui` on an idle machine; `--short` makes every part smaller, to check that it runs. Prints a Markdown table
for docs/experiments.md. The goals are for two cores.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Browser

from benchmarks.browser import InstrumentedPage, chromium
from benchmarks.recorded import RecordedService
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server
from store.runs.attempts import Claim
from trainer.events import Steps

Row = tuple[str, str, str]
CHART = "[role=img][aria-label*='Error curves'], figure [role=img]"
SHORTCUTS = ("none", "A", "B", "C")
LOGGED_EVERY_S = 0.5
# A leak in live updates shows in the slope of the second half, when every cache is full. The points of the curve take
# some tens of kilobytes an hour. A few minutes show only warming up and the garbage collector's noise: 0.1 MB in 10 s.
SAMPLES, LEAK_TEST_MIN, MOST_SLOPE = 20, 20, 2.0
SLOPE = "… and its slope over the second half"
# When the chart's label first named each iteration, by the page's clock, which is the machine's.
LISTEN = """
window.shownAt = {};
new MutationObserver(() => {
  for (const chart of document.querySelectorAll('[role=img]'))
    for (const [, at] of (chart.getAttribute('aria-label') ?? '').matchAll(/at iteration ([\\d,]+)/g))
      shownAt[at.replaceAll(',', '')] ??= Date.now();
}).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label']});
"""


class Lab:
    """Runs of the paper's length, and an open browser."""

    def __init__(self, service: RecordedService, browser: Browser, url: str, part: int, minutes: float) -> None:
        self.service, self.browser, self.url, self.part, self.minutes = service, browser, url, part, minutes

    def page(self) -> InstrumentedPage:
        return InstrumentedPage(self.browser, self.url, self.service.token)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ui")
    parser.add_argument("--short", action="store_true", help="a tenth of everything")
    parser.add_argument("--minutes", type=float, default=60, help="minutes of live updates, to measure memory growth")
    parser.add_argument("--parts", default="load,curves,live,table")
    options = parser.parse_args()
    parts: dict[str, Callable[[Lab], list[Row]]] = {"load": load, "curves": curves, "live": live, "table": table}
    part, minutes = (10, min(options.minutes, 0.2)) if options.short else (1, options.minutes)
    print(f"{platform.machine()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f} at the start\n")
    print("| what | measured | goal |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as temporary, chromium() as browser:
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL's own user must be able to enter
        with postgres_server(folder) as database:
            service = RecordedService(database, folder)
            with service.serve() as client:
                lab = Lab(service, browser, str(client.base_url).removesuffix("/api/v1/"), part, minutes)
                rows = []
                for name in options.parts.split(","):
                    for row in parts[name](lab):
                        print("| " + " | ".join(row) + " |", flush=True)
                        rows.append(row)
    if leaks := [measured for what, measured, _ in rows if what == SLOPE and float(measured.split()[0]) > MOST_SLOPE]:
        raise SystemExit(f"the heap grows by {leaks[0]}; the limit is {MOST_SLOPE} MB/h")


def load(lab: Lab) -> list[Row]:
    """First load of each page in a fresh profile."""
    run = lab.service.train(64_000 // lab.part)
    rows = []
    for name, path in {
        "runs": "/",
        "a run": f"/runs/{run}",
        "new run": "/new",
        "compare": f"/compare?run={run}",
    }.items():
        times = []
        for _ in range(3):
            page = lab.page()
            size, took_s = page.first_load(path)
            times.append(took_s)
            page.close()
        rows.append((f"first load, {name}: script", f"{size / 1000:.0f} kB", "250 kB"))
        rows.append((f"… until it can be used, median of {len(times)}", f"{statistics.median(times):.2f} s", "1.5 s"))
    return rows


def curves(lab: Lab) -> list[Row]:
    """Fifty runs in one chart, and in four panels: drawn, zoomed, pointed at."""
    runs = [lab.service.train(64_000 // lab.part, SHORTCUTS[number % 4]) for number in range(50)]
    address = "/compare?" + "&".join(f"run={run}" for run in runs)
    return [*_chart(lab, address, "one panel"), *_chart(lab, f"{address}&split=shortcut", "four panels")]


def _chart(lab: Lab, address: str, panels: str) -> list[Row]:
    page = lab.page()
    page.open(address, CHART)
    drawn_ms = page.last_drawn() - page.last_response()
    zoom_ms = _zoom(page)
    frame_ms = _hover(page)
    heap = page.heap_bytes()
    page.close()
    return [
        (
            f"50 runs × {64_000 // lab.part:,} points in {panels}, drawn after the response",
            f"{drawn_ms:.0f} ms",
            "600 ms",
        ),
        ("… zoom, including the response, to the last line", f"{zoom_ms:.0f} ms", "250 ms"),
        ("… longest frame while the pointer moves", f"{frame_ms:.0f} ms", "100 ms"),
        ("… heap", f"{heap / 1e6:.0f} MB", "80 MB"),
    ]


def _zoom(page: InstrumentedPage) -> float:
    left, top, width, height = _box(page)
    mouse = page.page.mouse
    mouse.move(left + width * 0.4, top + height / 2)
    mouse.down()
    mouse.move(left + width * 0.6, top + height / 2, steps=4)
    released = page.now()
    mouse.up()
    return page.last_drawn() - released


def _hover(page: InstrumentedPage) -> float:
    left, top, width, height = _box(page)
    page.worst_frame()
    page.page.mouse.move(left + width * 0.8, top + height / 2, steps=60)
    return page.worst_frame()


def _box(page: InstrumentedPage) -> tuple[float, float, float, float]:
    over = page.page.locator(".u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None, "there is no chart"
    return box["x"], box["y"], box["width"], box["height"]


def live(lab: Lab) -> list[Row]:
    """The page of a run in training: how late a point appears, how often the chart is drawn, how memory grows."""
    return [*_lag(lab), *_growth(lab)]


def _lag(lab: Lab) -> list[Row]:
    """With a run so short that every iteration is a separate point on the chart."""
    log = _Log(lab.service, lab.service.claim(1000), size=1)
    log.write()
    page = lab.page()
    page.open(f"/runs/{log.run}", CHART)
    page.page.evaluate(LISTEN)
    log.logged.clear()  # ignore points from before the page was opened
    log.write_for(60 / lab.part)
    page.page.wait_for_timeout(2000)
    shown: dict[str, float] = page.page.evaluate("shownAt")
    page.close()
    lags = [shown[str(at)] / 1000 - logged for at, logged in log.logged.items() if str(at) in shown]
    assert lags, f"none of {len(log.logged)} logged points was shown; the chart showed {list(shown)}"
    return [
        (f"a point on the screen after it was logged, median of {len(lags)}", f"{statistics.median(lags):.2f} s", ""),
        ("… the slowest", f"{max(lags):.2f} s", "1 s"),
    ]


def _growth(lab: Lab) -> list[Row]:
    log = _Log(lab.service, lab.service.claim(64_000), size=5)
    log.write()
    page = lab.page()
    page.open(f"/runs/{log.run}", CHART)
    log.write_for(10 / lab.part)
    page.redraws()
    began = time.monotonic()
    heaps = [(0.0, page.heap_bytes())]
    for _ in range(SAMPLES):
        log.write_for(60 * lab.minutes / SAMPLES)
        heaps.append((time.monotonic() - began, page.heap_bytes()))
    redraws, (took_s, last) = page.redraws(), heaps[-1]
    slope = _mb_an_hour(heaps[SAMPLES // 2 :])
    page.hide()
    page.redraws()
    log.write_for(3)
    hidden = len(page.redraws())
    page.close()
    name = SLOPE if lab.minutes >= LEAK_TEST_MIN else f"{SLOPE} (too short to be meaningful)"
    return [
        ("redraws in any one second", str(_most_in_a_second(redraws)), "4"),
        ("redraws in a hidden tab", str(hidden), "0"),
        (f"heap grown over {took_s / 60:.1f} min of live updates", f"{(last - heaps[0][1]) / 1e6:+.1f} MB", "0"),
        (name, f"{slope:+.1f} MB/h", f"{MOST_SLOPE:.0f} MB/h"),
    ]


def _mb_an_hour(heaps: list[tuple[float, int]]) -> float:
    """The slope of a line through the heap sizes over time."""
    seconds, sizes = zip(*heaps, strict=True)
    return float(np.polyfit(seconds, sizes, 1)[0] * 3600 / 1e6)


class _Log:
    """Writes batches as a worker does. `logged` says when each batch's last iteration was committed."""

    def __init__(self, service: RecordedService, claim: Claim, size: int) -> None:
        self.run, self.logged = claim.run.id, dict[int, float]()
        self._service, self._claim, self._size, self._number = service, claim, size, 0

    def write(self) -> None:
        first, size = 1 + self._number * self._size, self._size
        self._number += 1
        # No two points alike, so that the chart's label changes with each.
        errors = [50 + (first + nth) % 40 for nth in range(size)]
        steps = Steps(first=first, loss=[1.0] * size, error=errors, lr=[0.1] * size, images_per_s=900)
        self._service.append(self._claim, self._number, steps)
        self.logged[first + size - 1] = time.time()

    def write_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.write()
            time.sleep(LOGGED_EVERY_S)


def _most_in_a_second(times_ms: list[float]) -> int:
    return max((sum(at <= other < at + 1000 for other in times_ms) for at in times_ms), default=0)


def table(lab: Lab) -> list[Row]:
    """The list of many runs, scrolled from top to bottom."""
    count = 10_000 // lab.part
    sow(lab.service, count, 0)
    page = lab.page()
    page.open("/", "table tbody tr")
    page.page.mouse.move(640, 600)
    page.worst_frame()
    for _ in range(100):
        page.page.mouse.wheel(0, 40 * count // 100)
        page.page.wait_for_timeout(20)
    worst = page.worst_frame()
    page.close()
    return [(f"scrolling a table of {count:,} rows: longest frame", f"{worst:.0f} ms", "100 ms")]


if __name__ == "__main__":
    main()
