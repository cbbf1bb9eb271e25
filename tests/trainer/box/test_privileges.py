"""The user that root's trainers have, and processes that others can't look into; each tried in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from trainer.box.privileges import TRAINER_USER

BECOME = """
import os, sys
from pathlib import Path
from trainer.box import privileges
workdir, data = map(Path, sys.argv[1:])
print(privileges.become_trainer(workdir, (), (data,)), os.getuid(), os.getgid())
privileges.give_up()
(workdir / "mine").write_text("x")
os.listdir("/proc/self/fd")
"""
HIDE = """
import sys
from trainer.box import privileges
privileges.hide()
print("hidden", flush=True)
sys.stdin.read()
"""
PEEK = "import os, sys; os.setresuid(62_016, 62_016, 62_016); open(f'/proc/{sys.argv[1]}/environ').read()"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can reach, as the folders of pytest are not."""
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@needs_root
def test_roots_trainer_becomes_a_user_without_rights(reachable: Path) -> None:
    workdir, data = reachable / "work", reachable / "data"
    workdir.mkdir()
    data.mkdir()
    os.chown(data, TRAINER_USER, TRAINER_USER)
    assert _python(BECOME, workdir, data) == f"True {TRAINER_USER} {TRAINER_USER}"
    assert (workdir / "mine").stat().st_uid == TRAINER_USER


@needs_root
def test_an_archive_is_read_in_a_folder_of_the_data_folder_that_is_closed_to_others(reachable: Path) -> None:
    data, aside = reachable / "data", reachable / "data" / "own" / ".unpacking"
    aside.mkdir(parents=True)
    (aside / "packed.zip").write_text("an archive")
    for folder in (data, aside):
        folder.chmod(0o700)
    os.chown(data, TRAINER_USER, TRAINER_USER)
    source = BECOME.replace("(), (data,)", "(workdir / 'packed.zip',), (data,)")
    assert _python(source, aside, data) == f"True {TRAINER_USER} {TRAINER_USER}"


@needs_root
def test_roots_trainer_stays_root_where_another_user_could_not_train(tmp_path: Path) -> None:
    """Folders of pytest are for one user only, as a home in /root is."""
    assert _python(BECOME, tmp_path, tmp_path) == "False 0 0"


@needs_root
def test_a_hidden_process_keeps_its_environment_from_its_own_user() -> None:
    become = "import os; os.setresuid(62_016, 62_016, 62_016)\n"
    with subprocess.Popen(
        [sys.executable, "-c", become + HIDE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        peek = [sys.executable, "-c", PEEK, str(process.pid)]
        peeped = subprocess.run(peek, capture_output=True, text=True, timeout=60, check=False)
        process.communicate("")
    assert "PermissionError" in peeped.stderr


def _python(source: str, *arguments: Path) -> str:
    command: list[str | Path] = [sys.executable, "-c", source, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
