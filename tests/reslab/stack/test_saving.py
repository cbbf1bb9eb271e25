"""A home is backed up while it trains, destroyed, and brought back elsewhere: nothing is lost but the time since."""

import csv
import re
import shutil
import signal
from pathlib import Path

import httpx
import pytest

from tests.reslab.conftest import Stack, Type, all_gone, running, wait_until
from tests.warm import WARM_CHILDREN, warm

# Long enough to be in training for the whole test, and saved often.
SPEC = {
    "depth": 8, "shortcut": "A", "dataset": "synthetic", "batch_size": 8, "train_images": 1980,
    "iterations": 120, "checkpoint_every": 20, "evaluate_every": 60,
}  # fmt: skip


def api(stack: Stack) -> httpx.Client:
    state = stack.state()
    headers = {"Authorization": f"Bearer {state['token']}"}
    return httpx.Client(base_url=f"{state['url']}/api/v1", headers=headers)


def curve(client: httpx.Client, run: str) -> list[dict[str, str]]:
    """The training's own points, without the machine's: speed and memory are never the same twice."""
    rows = csv.DictReader(client.get(f"/runs/{run}/curves.csv").raise_for_status().text.splitlines())
    names = re.compile(r"iteration|lr|(train|val|test)_\w+")
    return [{name: value for name, value in row.items() if names.fullmatch(name)} for row in rows]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_destroyed_home_comes_back_with_its_run_which_goes_on(tmp_path: Path, typed: Type) -> None:
    before, after, folder = (tmp_path / name / "home" for name in ("before", "after", "backup"))
    for path in (before, after):
        path.parent.mkdir()
    with warm(), running(before, (), **{WARM_CHILDREN: "1"}) as stack, api(stack) as client:
        token = stack.state()["token"]
        run = client.post("/runs", json={"spec": SPEC}).raise_for_status().json()["id"]
        wait_until(lambda: client.get(f"/runs/{run}").json()["iteration"] >= 30, 120)
        taken = typed("backup", str(folder), "--home", str(before))
        assert taken.returncode == 0, taken.stderr
        assert "has the rows of" in taken.stdout
        key = (before / "signing.key").read_bytes() if (before / "signing.key").exists() else None
        processes = stack.processes()
        stack.end(signal.SIGKILL)
        wait_until(lambda: all_gone(processes))  # the database's last act is to remove a file
    shutil.rmtree(before)

    restored = typed("restore", str(folder), "--home", str(after))
    assert restored.returncode == 0, restored.stderr
    assert key is None or (after / "signing.key").read_bytes() == key
    assert (after / "secrets.json").stat().st_mode & 0o777 == 0o600
    with (
        warm(),
        running(after, (), **{WARM_CHILDREN: "1", "RESLAB_LEASE_S": "6", "RESLAB_HEARTBEAT_S": "1.5"}) as stack,
        api(stack) as client,
    ):
        assert stack.state()["token"] == token
        wait_until(lambda: client.get(f"/runs/{run}").json()["status"] == "succeeded", 240)
        rows = curve(client, run)
        weights = client.get(f"/runs/{run}/weights").raise_for_status().content
        again = client.post("/runs", json={"spec": SPEC}, headers={"Idempotency-Key": "again"}).json()["id"]
        wait_until(lambda: client.get(f"/runs/{again}").json()["status"] == "succeeded", 240)
        assert len(rows) == 120
        assert curve(client, again) == rows  # as if nothing had happened
        assert client.get(f"/runs/{again}/weights").content == weights


def test_a_home_that_is_in_use_or_not_there_is_refused(stack: Stack, tmp_path: Path, typed: Type) -> None:
    absent = typed("backup", str(tmp_path / "backup"), "--home", str(tmp_path / "none"))
    assert (absent.returncode, "has no service" in absent.stderr) == (1, True)
    taken = typed("restore", str(tmp_path / "backup"), "--home", str(stack.home))
    assert (taken.returncode, "isn't empty" in taken.stderr) == (1, True)
    empty = typed("restore", str(tmp_path / "backup"), "--home", str(tmp_path / "new"))
    assert (empty.returncode, "has no backup" in empty.stderr) == (1, True)
