"""`reslab import` and `reslab pool` against the whole service: the worked example of docs/imports.md, word for word."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from reslab.client import Client
from tests.reslab.conftest import COMMAND, Stack, Type

PAGE = (Path(__file__).parents[3] / "docs" / "imports.md").read_text()
FILE = re.findall(r"```text\n(.+?)```", PAGE, re.DOTALL)[0]
PLAN, IMPORT = (shlex.split(line) for line in re.findall(r"```sh\n(.+?)\n```", PAGE, re.DOTALL))


@pytest.fixture(autouse=True)
def log(tmp_path: Path) -> None:
    """The page's file, where the commands are typed."""
    (tmp_path / "log.csv").write_text(FILE)


def test_the_worked_example_does_what_the_page_says(typed: Type, stack: Stack) -> None:
    planned = typed(*PLAN[1:])
    assert planned.returncode == 0, planned.stderr
    assert "train_error  train_error  4" in planned.stdout
    assert "test_error   test_error   2       200 to 400" in planned.stdout
    assert "Not said: " in planned.stdout
    imported = typed(*IMPORT[1:])
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("mine (imported)\n")
    assert "Lab A, log.csv (csv)" in imported.stdout
    assert "unknown: weight_decay: Nobody said what was used; the protocol has 0.0001." in imported.stdout
    assert "unknown: lr" not in imported.stdout
    with Client.of(stack.home) as client:
        run = client.run(client.find("last"))
    assert (run.name, run.status, run.last.test_error) == ("mine", "succeeded", 12.5)
    assert run.origin is not None
    assert "weight_decay" in run.origin.unknown
    assert {"lr", "momentum", "schedule", "batch_size"}.isdisjoint(run.origin.unknown)
    assert "mine (imported)" in typed("list").stdout
    again = typed(*IMPORT[1:])
    assert run.id in again.stdout


def test_what_cannot_be_imported_gets_a_sentence(typed: Type, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("iteration,test_error\n1,nan\n")
    network = ("--depth", "8", "--shortcut", "A", "--dataset", "digits")
    refused = typed("import", "bad.csv", *network)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("reslab: Line 2: test_error is 'nan'.")
    assert "no_such.csv: No such file" in typed("import", "no_such.csv", *network).stderr
    assert "--kept: colour is not a field" in typed("import", "log.csv", *network, "--kept", "colour").stderr
    assert "--column takes SERIES=NAME" in typed("import", "log.csv", *network, "--column", "x").stderr
    (tmp_path / "empty").mkdir()
    assert "empty has no event files (events.out.tfevents.…)" in typed("import", "empty", *network).stderr
    (tmp_path / "w.pt").write_bytes(b"\x80\x04\x95 a pickle")
    pickled = typed("import", "log.csv", *network, "--weights", "w.pt", "--weights-mean", "0.5,0.5,0.5")
    assert "Pickled files (.pt, .pth) are not read" in pickled.stderr


def test_imports_of_two_labs_are_pooled(typed: Type, tmp_path: Path, stack: Stack) -> None:
    kept = "iterations,batch_size,lr,momentum,nesterov,weight_decay,schedule,warmup,train_images,augment,precision"
    words = ("--depth", "20", "--shortcut", "A", "--dataset", "cifar10", "--kept", kept, "--test-images", "10000")
    ids = []
    for lab, seed, error in (("A", 0, 8.7), ("A", 1, 8.9), ("B", 0, 9.1), ("B", 0, 9.4)):
        (tmp_path / "one.csv").write_text(f"iteration,test_error\n64000,{error}\n")
        imported = typed("import", "one.csv", *words, "--seed", str(seed), "--lab", lab)
        assert imported.returncode == 0, imported.stderr
        ids += re.findall(r"/runs/(\S+)", imported.stdout)
    shown = typed("show", ids[0]).stdout
    assert "table-6:ResNet-20:error, printed 8.75: Inconclusive: 2 seeds ended" in shown
    assert "2 imported seeds of A. Nobody said how many it trained" in shown
    pooled = typed("pool", *ids)
    assert pooled.returncode == 0, pooled.stderr
    assert pooled.stdout.startswith("ResNet-20 A on cifar10, test error\nLAB  RUNS  MEAN    WEIGHT\nA    2     8.80 %")
    assert "2 labs, 3 runs: 8.9" in pooled.stdout
    assert f"left out: import {ids[3]}, because it has the same lab and seed as import {ids[2]}" in pooled.stdout
    other = typed("import", "one.csv", "--depth", "20", "--shortcut", "A", "--dataset", "cifar10", "--lab", "C")
    (unknown,) = re.findall(r"/runs/(\S+)", other.stdout)
    refused = typed("pool", ids[0], unknown)
    assert refused.returncode == 1
    assert f"Nobody said augment for import {unknown} (C), so its protocol may be another one." in refused.stderr


def test_certificates_are_pooled_without_a_service(tmp_path: Path) -> None:
    certificate = Path(__file__).parents[1] / "old_home" / "certificate.zip"
    environment = os.environ | {"RESLAB_HOME": str(tmp_path), "HOME": str(tmp_path)}
    words = ["pool", str(certificate), "--network", "ResNet-20 A on digits"]
    pooled = subprocess.run(
        [*COMMAND, *words], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert "One lab (unknown key " in pooled.stdout
    assert "One lab says nothing about how much labs differ." in pooled.stdout
