"""The guides to Slurm and Kubernetes against the code: programs and variables are those of the image."""

import re
import shlex
import subprocess

import pytest

from store.db.settings import Settings
from tests.docker.conftest import ROOT
from tests.docker.test_dockerfiles import command
from worker.__main__ import _parser

GUIDES = ROOT / "docs" / "guides"
SLURM, KUBERNETES = ((GUIDES / f"{name}.md").read_text() for name in ("slurm", "kubernetes"))


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_a_job_runs_a_worker_with_variables_that_exist() -> None:
    job = blocks(SLURM, "sh")[-1]
    python, *words = shlex.split(job.splitlines()[-1].removeprefix("exec "))
    assert python == ".venv/bin/python"
    assert words[:4] == command("worker")[1:]
    options = _parser().parse_args(words[3:])
    assert (options.name, options.idle_exit) == ("slurm-$SLURM_JOB_ID", 300)
    named = {name.lower() for name in re.findall(r"RESLAB_([A-Z_]+)=", SLURM)} - {"url", "token"}  # the command's
    assert named <= Settings.model_fields.keys()


@pytest.mark.parametrize("script", blocks(SLURM, "sh") + blocks(KUBERNETES, "sh"))
def test_bash_understands_each_script(script: str) -> None:
    assert subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False).stderr == ""
