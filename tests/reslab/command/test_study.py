"""A small study on the whole service: planned, trained, judged, certified, verified."""

import json
from pathlib import Path

import pytest

from tests.reslab.conftest import Type

pytestmark = pytest.mark.usefixtures("warm")

# Fig. 1 with 2 of its 64,000 iterations, on images drawn from a seed: plain networks of 20 and 56 layers.
TINY = ("figure-1", "--scale", "0.00003", "--dataset", "synthetic")


@pytest.mark.long
def test_a_study_goes_from_its_plan_to_a_certificate_that_verifies(typed: Type, tmp_path: Path) -> None:
    planned = typed("study", "new", *TINY, "--seeds", "2", "--plan")
    # Another test of this service may have trained an equal run.
    assert "runs            4 to train" in planned.stdout, planned.stderr

    watched = typed("study", "new", *TINY, "--watch", "--register", "--question", "Does depth hurt?")
    assert watched.returncode == 0, watched.stdout + watched.stderr
    study = json.loads(typed("study", "show", "last", "--json").stdout)
    assert study["status"] == "ended"
    assert [member["iteration"] for member in study["members"]] == [2, 2]
    assert [claim["status"] for claim in study["claims"]] == ["not testable by these runs"]
    assert {finding["rule"] for finding in study["departures"]} >= {"scale", "other-data"}
    assert "| plain-56 | 1 of 1 |" in typed("study", "table", "last").stdout

    file = tmp_path / "study.zip"
    assert typed("study", "certificate", "last", "-o", str(file), "--weights").returncode == 0
    verified = typed("verify", str(file), "--data", str(tmp_path / "data"))
    assert verified.returncode == 3, verified.stdout + verified.stderr  # nobody here trusts the service's key yet
    assert verified.stdout.count("  measured") == 2  # the weights have the certified errors
    assert "Registered 1 seed, 1 ended." in watched.stdout
    assert "Registered 1 seed, 1 ended." in verified.stdout
    assert json.loads(typed("study", "registration", "last").stdout)["registration"]["question"] == "Does depth hurt?"
    broken = bytearray(file.read_bytes())
    broken[len(broken) // 2] ^= 1
    file.write_bytes(broken)
    refused = typed("verify", str(file))
    assert refused.returncode == 1
    assert "can't be verified" in refused.stderr

    again = typed("study", "new", *TINY, "--reuse", "--plan")
    assert "0 to train; 2 equal runs have already succeeded" in again.stdout


def test_an_unknown_study_is_an_error_with_the_prefix(typed: Type) -> None:
    refused = typed("study", "show", "ffffffff")
    assert (refused.returncode, refused.stderr) == (
        1, "reslab: No studies have an id that begins with ffffffff.\n",
    )  # fmt: skip
