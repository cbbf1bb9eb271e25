"""Files for SkyPilot and dstack: a worker's options and variables exist. Their own parsers took both files once."""

import re
import shlex

import pytest
import yaml

from store.db.settings import Settings
from tests.docker.conftest import ROOT
from worker.__main__ import _parser

SKYPILOT, DSTACK = (yaml.safe_load((ROOT / "docker" / f"{name}.yaml").read_text()) for name in ("skypilot", "dstack"))


@pytest.mark.parametrize("line", [SKYPILOT["run"], DSTACK["commands"][-1]], ids=["SkyPilot", "dstack"])
def test_a_job_ends_when_nothing_waits(line: str) -> None:
    words = shlex.split(line)
    assert words[:2] == ["exec", words[1]]  # a signal must reach the worker and not a shell
    assert words[2:5] == ["-P", "-m", "worker"]
    options = _parser().parse_args(words[5:])
    assert (options.device, options.idle_exit) == ("cuda:0", 300)


def test_variables_are_settings_of_a_worker() -> None:
    names = [*SKYPILOT["envs"], *SKYPILOT["secrets"], *(entry.partition("=")[0] for entry in DSTACK["env"])]
    own = {name.removeprefix("RESLAB_").lower() for name in names if name.startswith("RESLAB_")}
    assert own <= Settings.model_fields.keys()
    listed = re.findall(r"`(AWS_\w+)`", (ROOT / "docs/deployment.md").read_text())
    assert {name for name in names if name.startswith("AWS_")} <= set(listed)
