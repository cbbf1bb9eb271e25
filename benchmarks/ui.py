"""The dashboard in a headless Chromium, on a real API and PostgreSQL: what it loads, draws and keeps.

`make bench-ui` on a machine that does nothing else; `--short` makes every part smaller, to see that it runs. Prints a
Markdown table for docs/experiments.md; the goals are those of issue 6, for two cores.
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

from benchmarks.browser import Watched, chromium
from benchmarks.recorded import Recorded
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server
from store.runs.attempts import Claim
from trainer.events import Steps

Row = tuple[str, str, str]
CHART = "[role=img][aria-label*='Error curves'], figure [role=img]"
LOGGED_EVERY_S = 0.5
# What live updates leave behind is seen in the slope of the second half, when every cache has filled. The points of the
# curve itself are some tens of kilobytes an hour; what a few minutes show is warming up
# and the collector's noise: 0.1 MB in 10 s.
SAMPLES, JUDGED_MIN, MOST_SLOPE = 20, 20, 2.0
SLOPE = "… and its slope over the second half"
# When each iteration was first read out by the chart, by the page's clock, which is the machine's.
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

    def __init__(self, ours: Recorded, browser: Browser, url: str, part: int, minutes: float) -> None:
        self.ours, self.browser, self.url, self.part, self.minutes = ours, browser, url, part, minutes

    def page(self) -> Watched:
        return Watched(self.browser, self.url, self.ours.token)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ui")
    parser.add_argument("--short", action="store_true", help="a tenth of everything")
    parser.add_argument("--minutes", type=float, default=60, help="of live updates, for what grows")
    parser.add_argument("--parts", default="load,curves,live,table")
    told = parser.parse_args()
    parts: dict[str, Callable[[Lab], list[Row]]] = {"load": load, "curves": curves, "live": live, "table": table}
    part, minutes = (10, min(told.minutes, 0.2)) if told.short else (1, told.minutes)
    print(f"{platform.machine()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f} at the start\n")
    print("| what | measured | goal |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as made, chromium() as browser:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL's own user passes through
        with postgres_server(folder) as database:
            ours = Recorded(database, folder)
            with ours.served() as client:
                lab = Lab(ours, browser, str(client.base_url).removesuffix("/api/v1/"), part, minutes)
                rows = []
                for name in told.parts.split(","):
                    for row in parts[name](lab):
                        print("| " + " | ".join(row) + " |", flush=True)
                        rows.append(row)
    if grows := [measured for what, measured, _ in rows if what == SLOPE and float(measured.split()[0]) > MOST_SLOPE]:
        raise SystemExit(f"the heap grows: {grows[0]}, and at most {MOST_SLOPE} MB/h is allowed")


def load(lab: Lab) -> list[Row]:
    """The first page of a fresh profile, by page."""
    run = lab.ours.trained(64_000 // lab.part)
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
    """Fifty runs over each other: drawn, zoomed, pointed at."""
    runs = [lab.ours.trained(64_000 // lab.part) for _ in range(50)]
    page = lab.page()
    page.open("/compare?" + "&".join(f"run={run}" for run in runs), CHART)
    drawn_ms = page.settled() - page.answered()
    zoom_ms = _zoom(page)
    frame_ms = _hover(page)
    heap = page.heap_bytes()
    page.close()
    return [
        (f"50 runs × {64_000 // lab.part:,} points, drawn after the answer", f"{drawn_ms:.0f} ms", "600 ms"),
        ("… zoom, answer included, to the last line", f"{zoom_ms:.0f} ms", "250 ms"),
        ("… longest frame while the pointer moves", f"{frame_ms:.0f} ms", "100 ms"),
        ("… heap", f"{heap / 1e6:.0f} MB", "80 MB"),
    ]


def _zoom(page: Watched) -> float:
    left, top, width, height = _box(page)
    mouse = page.page.mouse
    mouse.move(left + width * 0.4, top + height / 2)
    mouse.down()
    mouse.move(left + width * 0.6, top + height / 2, steps=4)
    let_go = page.now()
    mouse.up()
    return page.settled() - let_go


def _hover(page: Watched) -> float:
    left, top, width, height = _box(page)
    page.worst_frame()
    page.page.mouse.move(left + width * 0.8, top + height / 2, steps=60)
    return page.worst_frame()


def _box(page: Watched) -> tuple[float, float, float, float]:
    over = page.page.locator(".u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None, "there is no chart"
    return box["x"], box["y"], box["width"], box["height"]


def live(lab: Lab) -> list[Row]:
    """A run that is being trained, watched: how late a point is, how often it is drawn, what grows."""
    return [*_late(lab), *_grown(lab)]


def _late(lab: Lab) -> list[Row]:
    """Of a run so short that every iteration is a point of its own on the chart."""
    log = _Log(lab.ours, lab.ours.claim(1000), size=1)
    log.write()
    page = lab.page()
    page.open(f"/runs/{log.run}", CHART)
    page.page.evaluate(LISTEN)
    log.logged.clear()  # what was there before the page was opened is no news
    log.write_for(60 / lab.part)
    page.page.wait_for_timeout(2000)
    shown: dict[str, float] = page.page.evaluate("shownAt")
    page.close()
    lags = [shown[str(at)] / 1000 - logged for at, logged in log.logged.items() if str(at) in shown]
    assert lags, f"of {len(log.logged)} points that were logged none was read out, but {list(shown)}"
    return [
        (f"a point on the screen after its logging, median of {len(lags)}", f"{statistics.median(lags):.2f} s", ""),
        ("… the latest", f"{max(lags):.2f} s", "1 s"),
    ]


def _grown(lab: Lab) -> list[Row]:
    log = _Log(lab.ours, lab.ours.claim(64_000), size=5)
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
    name = SLOPE if lab.minutes >= JUDGED_MIN else f"{SLOPE} (too short to judge)"
    return [
        ("redraws in any one second", str(_most_in_a_second(redraws)), "4"),
        ("redraws in a hidden tab", str(hidden), "0"),
        (f"heap grown over {took_s / 60:.1f} min of live updates", f"{(last - heaps[0][1]) / 1e6:+.1f} MB", "nothing"),
        (name, f"{slope:+.1f} MB/h", f"{MOST_SLOPE:.0f} MB/h"),
    ]


def _mb_an_hour(heaps: list[tuple[float, int]]) -> float:
    """The slope of a line through the sizes of the heap, each with its second."""
    seconds, sizes = zip(*heaps, strict=True)
    return float(np.polyfit(seconds, sizes, 1)[0] * 3600 / 1e6)


class _Log:
    """Writes batches as a worker does; `logged` is when each one's last iteration was committed."""

    def __init__(self, ours: Recorded, held: Claim, size: int) -> None:
        self.run, self.logged = held.run.id, dict[int, float]()
        self._ours, self._held, self._size, self._number = ours, held, size, 0

    def write(self) -> None:
        first, size = 1 + self._number * self._size, self._size
        self._number += 1
        # No two points alike: what is read out changes with each.
        errors = [50 + (first + nth) % 40 for nth in range(size)]
        steps = Steps(first=first, loss=[1.0] * size, error=errors, lr=[0.1] * size, images_per_s=900)
        self._ours.append(self._held, self._number, steps)
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
    sow(lab.ours, count, 0)
    page = lab.page()
    page.open("/", "table tbody tr")
    page.page.mouse.move(640, 600)
    page.worst_frame()
    for _ in range(100):
        page.page.mouse.wheel(0, 40 * count // 100)
        page.page.wait_for_timeout(20)
    worst = page.worst_frame()
    page.close()
    return [(f"a table of {count:,} rows scrolls: longest frame", f"{worst:.0f} ms", "100 ms")]


if __name__ == "__main__":
    main()
