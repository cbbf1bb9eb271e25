"""The examples in the library's docstrings, on a running service: one run of four iterations, one study of one run."""

import doctest
import inspect
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

import reslab
import reslab.client
from reslab.client import Client
from reslab.client.curves import Curves
from reslab.client.examinations import Examinations
from reslab.client.imports import Imports
from reslab.client.requests import StudyOptions
from reslab.client.retention import Retention
from reslab.client.starts import Starts
from reslab.client.studies import Studies
from tests.loops import in_a_thread
from tests.reslab.conftest import Stack

MODULES = (
    *(f"lab.{name}" for name in ("comparison", "figure", "lab", "run", "study")),
    *(
        f"client.{name}"
        for name in ("client", "connection", "curves", "examinations", "imports", "retention", "starts", "studies")
    ),
    "networks",
)
PUBLIC = (
    *(getattr(reslab, name) for name in reslab.__all__),
    *(getattr(reslab.client, name) for name in reslab.client.__all__),
    *(Curves, Examinations, Imports, Retention, Starts, Studies),
)
SPEC = {"depth": 8, "shortcut": "A", "dataset": "synthetic"}
# Fig. 1's plain-20 with 2 of its 64,000 iterations, on images drawn from a seed.
TINY: StudyOptions = {"networks": ["plain-20"], "scale": 0.00003, "dataset": "synthetic"}


@pytest.fixture(scope="module")
def examples(stack: Stack) -> Iterator[dict[str, Any]]:
    """What the examples call `lab`, `client`, `run`, `study`, `home` and `spec`."""
    before = os.environ.get("RESLAB_HOME")
    os.environ["RESLAB_HOME"] = str(stack.home)
    with reslab.Reslab() as lab:
        run = lab.submit(8, "A", "synthetic", iterations=4, evaluate_every=2, batch_size=8).wait(progress=False)
        study = lab.study("figure-1", **TINY).wait(progress=False)
        yield {
            "lab": lab,
            "client": lab.client,
            "run": run,
            "study": study,
            "home": stack.home,
            "spec": SPEC,
            "Path": Path,
            "Client": Client,
        }
    os.environ.pop("RESLAB_HOME")
    os.environ.update({} if before is None else {"RESLAB_HOME": before})


def cases() -> list[doctest.DocTest]:
    modules = (import_module(f"reslab.{name}") for name in MODULES)
    examples = (case for module in modules for case in doctest.DocTestFinder().find(module))
    return [case for case in examples if case.examples]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name.removeprefix("reslab."))
def test_the_example_of_a_docstring_runs(
    case: doctest.DocTest, examples: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case.globs = {**case.globs, **examples, "networks": reslab.networks, "torch": torch}
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed, _ = in_a_thread(lambda: runner.run(case, out=report.append))
    assert failed == 0, "".join(report)


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_every_public_name_has_an_example(thing: Any) -> None:  # Any: a class or a module
    name = thing.__name__
    members = {f"{name}.{word}": member for word, member in vars(thing).items() if is_own(word, member, thing)}
    without = [
        path for path, member in ({name: thing} | members).items() if callable(member) or isinstance(member, property)
        if ">>>" not in (inspect.getdoc(member) or "")
    ]  # fmt: skip
    assert without == []


def is_own(word: str, member: object, thing: object) -> bool:
    """Whether a member is public, and not a name that a module has imported."""
    return not word.startswith("_") and (inspect.isclass(thing) or inspect.getmodule(member) is thing)
