"""Lighthouse's accessibility score of every page of the dashboard, in a headless Chromium.

`python -m benchmarks.lighthouse` fetches Lighthouse with npx, because the service itself doesn't need it. It prints a
Markdown table for docs/experiments.md, and exits with 1 if a page is below 100. `--url http://… --token …` measures a
service that runs already, with its newest runs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.recorded import RecordedService
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server

LIGHTHOUSE = "lighthouse@13.5.0"
FLAGS = "--headless=new --no-sandbox --disable-gpu"
PAGES = (
    "/", "/?view=groups", "/?view=scatter", "/new", "/new/detector", "/runs/{run}",
    "/compare?run={run}&run={other}&preset=fig6", "/queue", "/notices", "/retention", "/access",
    "/studies", "/studies/new", "/studies/{study}", "/datasets", "/import", "/pool", "/paper", "/paper/tables/6",
    "/paper/figures", "/paper/figures/4", "/paper/figures/6?run={run}", "/paper/text", "/paper/claims",
    "/paper/recipes", "/paper/recipes/table-6", "/paper/rules", "/paper/references",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse")
    parser.add_argument("--url", help="of a service that runs; default: one with a hundred runs, started for this")
    parser.add_argument("--token", help="its token")
    parser.add_argument("--pages", nargs="*", default=PAGES, help="only these paths")
    options = parser.parse_args()
    print("| page | score | what fails |\n|---|---|---|")
    with service(options.url, options.token) as (url, token):
        ids = newest(url, token)
        scores = [row(url, token, path.format_map(ids), path) for path in options.pages]
    sys.exit(0 if min(scores) == 100 else 1)


@contextmanager
def service(url: str | None, token: str | None) -> Iterator[tuple[str, str]]:
    """The URL and the token of a service."""
    if url and token:
        yield url, token
        return
    with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL's own user must be able to enter
        with postgres_server(folder) as database:
            recorded = RecordedService(database, folder)
            with recorded.serve() as client:
                sow(recorded, 100, 1000)
                client.post("/studies", json={"recipe": "table-6", "seeds": 1, "scale": 0.001, "dataset": "digits"})
                yield str(client.base_url).partition("/api")[0], recorded.token


def newest(url: str, token: str) -> dict[str, str]:
    """The newest two runs that have ended, and the newest study."""
    headers = {"Authorization": f"Bearer {token}"}
    ended = httpx.get(f"{url}/api/v1/runs", params={"limit": 2, "status": "succeeded"}, headers=headers)
    run, other = (item["id"] for item in ended.raise_for_status().json()["items"])
    studies = httpx.get(f"{url}/api/v1/studies", headers=headers)
    return {"run": run, "other": other, "study": studies.raise_for_status().json()["items"][0]["id"]}


def row(url: str, token: str, path: str, name: str) -> int:
    report = measured(url + path, token)
    score = round(100 * report["categories"]["accessibility"]["score"])
    failing = [audit["title"] for audit in report["audits"].values() if audit["score"] == 0]
    print(f"| `{name}` | {score} | {'; '.join(failing)} |", flush=True)
    return score


def measured(address: str, token: str) -> dict[str, Any]:
    npx, chromium = Path(sys.executable).with_name("npx"), shutil.which("chromium")
    assert chromium is not None, "this needs Chromium: apt-get install chromium"
    command = [
        str(npx), "--yes", LIGHTHOUSE, address, "--only-categories=accessibility", "--output=json", "--quiet",
        f"--chrome-flags={FLAGS}", "--extra-headers", json.dumps({"Authorization": f"Bearer {token}"}),
    ]  # fmt: skip
    environment = os.environ | {"CHROME_PATH": chromium, "PATH": f"{npx.parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    main()
