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
from reslab.client.requests import StudyOptions
from tests.reslab.conftest import Stack

MODULES = ("comparison", "figure", "lab", "run", "study")
# Fig. 1's plain-20 with 2 of its 64,000 iterations, on images drawn from a seed.
TINY: StudyOptions = {"networks": ["plain-20"], "scale": 0.00003, "dataset": "synthetic"}


@pytest.fixture(scope="module")
def examples(stack: Stack) -> Iterator[dict[str, Any]]:
    """What the examples call `lab`, `run` and `study`."""
    before = os.environ.get("RESLAB_HOME")
    os.environ["RESLAB_HOME"] = str(stack.home)
    with reslab.Reslab() as lab:
        run = lab.submit(8, "A", "synthetic", iterations=4, evaluate_every=2, batch_size=8).wait(progress=False)
        study = lab.study("figure-1", **TINY).wait(progress=False)
        yield {"lab": lab, "run": run, "study": study}
    os.environ.pop("RESLAB_HOME")
    os.environ.update({} if before is None else {"RESLAB_HOME": before})


def cases() -> list[doctest.DocTest]:
    modules = [import_module(f"reslab.lab.{name}") for name in MODULES] + [import_module("reslab.networks")]
    examples = (case for module in modules for case in doctest.DocTestFinder().find(module))
    return [case for case in examples if case.examples]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name.removeprefix("reslab."))
def test_the_example_of_a_docstring_runs(
    case: doctest.DocTest, examples: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case.globs = {**case.globs, **examples, "networks": reslab.networks, "torch": torch}
    report: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(case, out=report.append)
    assert failed == 0, "".join(report)


@pytest.mark.parametrize("name", reslab.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    thing = getattr(reslab, name)
    members = {f"{name}.{word}": member for word, member in vars(thing).items() if is_own(word, member, thing)}
    without = [
        path for path, member in ({name: thing} | members).items() if callable(member) or isinstance(member, property)
        if ">>>" not in (inspect.getdoc(member) or "")
    ]  # fmt: skip
    assert without == []


def is_own(word: str, member: object, thing: object) -> bool:
    """Whether a member is public, and not a name that a module has imported."""
    return not word.startswith("_") and (inspect.isclass(thing) or inspect.getmodule(member) is thing)
