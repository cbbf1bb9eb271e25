"""ARCHITECTURE.md's rules about imports, checked in running processes."""

import subprocess
import sys
from functools import cache

import pytest

CONTRACT = (
    "spec", "events", "catalog", "plan", "schedule", "archive", "inspection.reading", "box.walls", "examination",
    "identity", "seal", "state", "tasks", "acceptance.report",
    "detection.catalog", "detection.origin", "data.annotated.library", "data.annotated.summary",
)  # fmt: skip
LOADED = "import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"


@cache  # two tests each are about the api and about the workers
def packages_loaded_by(*modules: str) -> frozenset[str]:
    code = LOADED.format(modules=", ".join(modules))
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return frozenset(process.stdout.split())


@pytest.mark.parametrize(
    "modules",
    [
        ("api.app",),
        ("worker.app", "worker.control", "worker.run", "worker.supervise"),
        tuple(f"trainer.{module}" for module in CONTRACT),
        ("reslab.command",),
    ],
    ids=lambda modules: modules[0].partition(".")[0],
)
def test_only_the_trainer_loads_torch(modules: tuple[str, ...]) -> None:
    assert not packages_loaded_by(*modules) & {"torch", "torchvision", "sklearn"}


def test_the_command_starts_the_service_without_the_client() -> None:
    """Loading the client's libraries would delay `reslab --help` and `reslab up` by a third of a second."""
    assert not packages_loaded_by("reslab.command", "reslab.stack.local") & {
        "httpx",
        "pydantic",
        "store",
        "api",
        "studies",
    }


def test_the_trainer_loads_nothing_of_the_service() -> None:
    service = {"fastapi", "sqlalchemy", "celery", "redis", "obstore", "store", "worker", "api", "paper", "reslab"}
    assert not packages_loaded_by("trainer.__main__", "trainer.loop") & service


def test_a_service_starts_without_numpy() -> None:
    """Start-up is faster: the api loads numpy after its first responses, a worker never."""
    assert "numpy" not in packages_loaded_by("api.app")
    assert "numpy" not in packages_loaded_by("worker.app", "worker.control", "worker.run", "worker.supervise")
