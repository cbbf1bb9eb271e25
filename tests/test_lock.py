"""requirements.lock, which `make setup` installs: each package with hashes, at the version that constraints.txt has."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"^(\S+)==(\S+)(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = {canonicalize_name(name): version for name, version, _ in LINE.findall(LOCK)}


def test_every_line_has_hashes() -> None:
    assert LINE.sub("", LOCK) == ""


def test_it_has_the_versions_of_constraints_txt() -> None:
    pins = re.findall(r"^([^#\s=]+)==([^;\s]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert {name: version for name, version in pins if LOCKED.get(canonicalize_name(name)) != version} == {}


def test_every_package_that_pyproject_names_is_locked_and_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    named = [requirement for line in lines if (requirement := Requirement(line)).name != "reslab"]
    assert [str(line) for line in named if not line.specifier.contains(LOCKED[canonicalize_name(line.name)])] == []
