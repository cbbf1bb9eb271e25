"""The arrows of ARCHITECTURE.md while the program runs: who loads whose libraries."""

import subprocess
import sys

import pytest

CONTRACT = ("spec", "events", "catalog", "plan", "schedule", "archive", "examination")
LOADED = "import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"


def loaded_by(*modules: str) -> set[str]:
    code = LOADED.format(modules=", ".join(modules))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


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
    assert not loaded_by(*modules) & {"torch", "torchvision", "sklearn"}


def test_the_trainer_loads_nothing_of_the_service() -> None:
    service = {"fastapi", "sqlalchemy", "celery", "redis", "obstore", "store", "worker", "api", "paper", "reslab"}
    assert not loaded_by("trainer.__main__", "trainer.loop") & service


def test_a_service_starts_without_numpy() -> None:
    """It answers sooner: the api loads it behind its first answers, a worker never."""
    assert "numpy" not in loaded_by("api.app")
    assert "numpy" not in loaded_by("worker.app", "worker.control", "worker.run", "worker.supervise")
