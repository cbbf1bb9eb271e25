"""A stranger's first hour: one shell types what the README and the tutorial say, word for word; the notebooks run.

The folder looks like a clone, HOME is empty, and the service is the one that `make run` starts.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from reslab import Reslab
from tests.reslab.conftest import Stack

ROOT = Path(__file__).parents[2]
README, TUTORIAL = (ROOT / "README.md").read_text(), (ROOT / "docs/tutorial.md").read_text()
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BLOCKS = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
UNKNOWN_KEY = 3  # the exit code of `reslab verify`: nobody here has said whose key it is
# The README promises a minute on two cores. Here they are shared, so the order of events decides and this only guards.
FIRST_POINT_S = 120
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Path:
    """A folder in which `make run` seems to have run, with an empty HOME below it."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".reslab").symlink_to(stack.home)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    (folder / "home").mkdir()
    return folder


def environment(clone: Path) -> Mapping[str, str]:
    """That of a new user. `reslab open` and Jupyter find "true" where a browser would be."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RESLAB_", "XDG_"))}
    return kept | {"HOME": str(clone / "home"), "BROWSER": "true"}


def typed(script: str, clone: Path) -> str:
    """What one shell prints that types the script and stops at the first command that fails."""
    ended = subprocess.run(
        ["bash", "-eu", "-c", script], cwd=clone, env=environment(clone), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def steps(page: str) -> list[str]:
    """What a page has one type, word for word: each line of its shell blocks, and each of its Python blocks."""
    steps: list[str] = []
    for language, block in BLOCKS.findall(page):
        steps += [block] if language == "python" else block.splitlines()
    return steps


def script(steps: Iterable[str]) -> str:
    return "\n".join(map(_as_shell, steps))


def _as_shell(step: str) -> str:
    if step.startswith("reslab verify"):
        return f"{step} || test $? = {UNKNOWN_KEY}"
    return f"python - <<'END_OF_BLOCK'\n{step}END_OF_BLOCK" if step.endswith("\n") else step


@pytest.fixture(scope="module")
def readme(clone: Path) -> str:
    """What the README's lines have printed, typed from its top to its end."""
    return typed(script(steps(README)), clone)


@pytest.mark.long
def test_the_readme_does_what_it_says(readme: str, clone: Path) -> None:
    assert "not comparable" in readme
    assert readme.splitlines()[-1].startswith("succeeded")
    assert (clone / "resnet-8.pdf").stat().st_size > 1000


@pytest.mark.long
def test_the_test_curve_moves_while_the_first_run_trains(readme: str, stack: Stack) -> None:
    start = readme.index("claimed")
    watched = readme[start : readme.index("succeeded", start)]
    assert re.search(r"iteration 10: test error \d+\.\d\d %.*iteration 100: train error", watched, re.DOTALL)
    with Reslab(stack.home) as lab:
        run = lab.runs(where="iterations == 100", depth=8)[0]
        point = next(event for event in lab.client.events(run.id) if event.kind == "evaluated")
        assert (point.at - run.answer.created_at).total_seconds() < FIRST_POINT_S


@pytest.mark.long
@pytest.mark.usefixtures("readme")
def test_the_tutorial_does_what_it_says(clone: Path, stack: Stack) -> None:
    """Without the lines that the README has too, in the same order: they have been typed."""
    short, real = (steps(part) for part in TUTORIAL.split("## 6. The real one"))
    path, *others = short
    screen = typed(script([path, *(step for step in others if step not in steps(README))]), clone)
    assert r"\begin{tabular}" in screen
    assert (clone / "table-6.pdf").stat().st_size > 1000
    with asleep(stack), Reslab(stack.home) as lab:
        screen = typed(script([path, *real]), clone)
        lab.open_study("last").cancel()
    assert "registered" in screen
    assert "10 queued" in screen


@contextmanager
def asleep(stack: Stack) -> Iterator[None]:
    """The worker does nothing meanwhile: ten runs of 64,000 iterations on CIFAR-10 would take days."""
    worker = psutil.Process(stack.state()["services"]["worker-1"]["pid"])
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


# In a process of its own: the libraries of Jupyter warn of each other, and warnings are errors here.
EXECUTE = """
import json, sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
print(json.dumps([output for cell in notebook.cells for output in cell.get("outputs", [])]))
"""
# What each shows: a table, a figure that the service drew, a bar.
SHOWN = {"1-first-run": {"image/svg+xml", "100%"}, "2-degradation": {"text/html", "image/svg+xml", "100%"},
         "3-judge-your-result": {"text/html"}}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(notebook: Path, clone: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(notebook)],
        cwd=clone, env=environment(clone), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    outputs = json.loads(ended.stdout.splitlines()[-1])
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    bars = {"100%" for output in outputs if "100%" in output.get("text", "")}
    assert kinds | bars >= SHOWN[notebook.stem]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_its_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text())["cells"]
    assert [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
